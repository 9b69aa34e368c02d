#!/usr/bin/env bash
# Packs the tool as it is published: compiled to native code for the platform this runs on, portable for all others, and the package users name,
# which picks one of the two. Needs a C compiler, for linking. eng/pack-tool.sh [FOLDER [MSBUILD_ARGUMENT...]]
set -euo pipefail
folder=$(realpath -m "${1:-artifacts/packages}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "$(uname -sm)" in
    "Linux x86_64") platform=linux-x64 ;;
    *) echo "no native package for $(uname -sm): add it to ToolPackageRuntimeIdentifiers of src/ImageTarTasks.Tool and here" >&2; exit 1 ;;
esac
command -v clang >/dev/null || command -v gcc >/dev/null || { echo "no C compiler: install gcc and the C library's headers (Debian: g++), or clang" >&2; exit 1; }

# What an earlier run published would be packed, too.
rm -rf artifacts/native/publish
for arguments in "" "-r any" "-r $platform"; do
    # shellcheck disable=SC2086 # two words, or none
    dotnet pack src/ImageTarTasks.Tool -c Release -p:NativeTool=true $arguments -o "$folder" "${@:2}"
done
