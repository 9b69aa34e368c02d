#!/usr/bin/env bash
# Packs the tool: compiled to native code for a platform, portable, and the package users name, which picks one of these.
#
#   eng/pack-tool.sh [--platform PLATFORM]... [FOLDER]
#   eng/pack-tool.sh --print-platform
#
# PLATFORM is one of ToolPackageRuntimeIdentifiers of src/ImageTarTasks.Tool; "any" is the portable tool together with the package users name.
# Without --platform: the platform this runs on, and any. The packages go into FOLDER (artifacts/packages).
# Native code is linked by a C compiler of its platform. Linux on x64 can link for arm64, too.
set -euo pipefail

fail() {
    echo "pack-tool.sh: $*" >&2
    exit 1
}

# The name .NET has for this platform.
here() {
    local system processor
    case "$(uname -s)" in
        Linux) if ldd --version 2>&1 | grep -qi musl; then system=linux-musl; else system=linux; fi ;;
        Darwin) system=osx ;;
        MINGW* | MSYS*) system=win ;;
        *) fail "no native package for $(uname -s): name a platform with --platform" ;;
    esac
    case "$(uname -m)" in
        x86_64) processor=x64 ;;
        aarch64 | arm64) processor=arm64 ;;
        *) fail "no native package for $(uname -m): name a platform with --platform" ;;
    esac
    echo "$system-$processor"
}

platforms=()
folder=
while [ $# -gt 0 ]; do
    case "$1" in
        --platform)
            [ $# -gt 1 ] || fail "--platform needs a platform, such as linux-x64"
            platforms+=("$2")
            shift
            ;;
        --print-platform)
            here
            exit
            ;;
        -*) fail "no option $1" ;;
        *)
            [ -z "$folder" ] || fail "one folder, not two: $folder, $1"
            folder=$1
            ;;
    esac
    shift
done
folder=${folder:-artifacts/packages}
case "$folder" in /* | [A-Za-z]:*) ;; *) folder=$PWD/$folder ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

needs() {
    local platform=$1
    shift
    for program in "$@"; do
        if command -v "$program" >/dev/null; then return; fi
    done
    fail "$platform is linked with $1, which is not installed"
}

[ ${#platforms[@]} -gt 0 ] || platforms=("$(here)" any)

for platform in "${platforms[@]}"; do
    case "$platform" in
        linux-arm64) if [ "$(uname -m)" = x86_64 ]; then needs "$platform" aarch64-linux-gnu-gcc; else needs "$platform" clang gcc; fi ;;
        linux-*) needs "$platform" clang gcc ;;
    esac
done

# What an earlier run published would be packed, too.
rm -rf artifacts/native/publish

pack() {
    dotnet pack src/ImageTarTasks.Tool -c Release -p:NativeTool=true -o "$folder" "$@"
}

for platform in "${platforms[@]}"; do
    pack -r "$platform"
    # Without a platform: the package users name.
    [ "$platform" != any ] || pack
done
