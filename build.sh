#!/usr/bin/env bash
# The one front door: every step of working on the project, each by its name. ./build.sh help lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
configuration=${CONFIGURATION:-Release}
solution=ImageTarTasks.sln
packages=artifacts/packages
native=artifacts/imagetar

usage() {
    cat <<'TEXT'
./build.sh TARGET [ARGUMENT...]

  programs                 install the other programs that the gate and the interop tests run (Debian, as root)
  restore                  fetch the NuGet packages that the lock files name
  build [ARGUMENT...]      build everything; warnings are errors
  format [fix]             check the code style, or repair it
  lint                     check shell scripts, workflows, and JSON and YAML files
  test [LAYER] [ARGUMENT...]
                           run a layer of the tests:
      core                   the library, in this process: no other program, no MSBuild (seconds)
      tasks                  the MSBuild tasks and the tool, in this process (seconds)
      unit                   both of the above, the tests that ask other programs, and those of archives beside the checkout
      interop                the tool as a process, beside Docker Engine, skopeo, umoci, podman... (minutes)
      packages               the packages as users install them, in real builds (minutes)
      all                    everything, as `dotnet test` does (the default)
  native [PLATFORM...]     pack the tool as it is published, for this platform, others (linux-arm64) and any, into
                           artifacts/packages, and put this platform's native program into artifacts/imagetar
  pack                     pack the MSBuild tasks into artifacts/packages
  reproduce                pack the last commit twice, in two folders, and compare the packages
  sbom [FOLDER]            write a bill of materials of each package, in CycloneDX's format (artifacts/packages)
  quickstart               build samples/quickstart.proj, as README.md says, and look at the image it makes
  smoke [IMAGETAR]         import, save, verify, load and export a small folder with the tool that was built, or another
  bench [ARGUMENT...]      measure speed and memory: the short table without arguments
  clean                    remove what builds made
  ci                       the gate, .ci/run: all of the above
  notes VERSION            print the section of CHANGELOG.md about a version; fail if there is none
  complete FOLDER VERSION  check that a folder has every package of a release, in one version

Arguments go to the program behind a target: ./build.sh test core --filter "FullyQualifiedName~TarReader".
CONFIGURATION=Debug builds and tests another configuration than Release.
TEXT
}

fail() {
    echo "build.sh: $*" >&2
    exit 2
}

# Tests that start another program are of the category Program; those that need archives beside the checkout (../shared) of the category Shared.
in_process='TestCategory!=Program&TestCategory!=Shared'
# The namespaces of the tests that need MSBuild's types.
tasks='' library=''
for room in Options Presentation Tasks Tool; do
    tasks+="|FullyQualifiedName~ImageTarTasks.Tests.$room."
    library+="&FullyQualifiedName!~ImageTarTasks.Tests.$room."
done
tasks=${tasks#|} library=${library#&}

# run_tests PROJECT FILTER ARGUMENT...: runs all projects, or one, all tests or those of a filter; a --filter among the arguments narrows that further.
run_tests() {
    local project=$1 filter=$2 arguments=() own=()
    shift 2
    while [ $# -gt 0 ]; do
        if [ "$1" = --filter ]; then
            [ $# -gt 1 ] || fail "--filter needs an expression"
            filter="${filter:+($filter)&}($2)"
            shift 2
        else
            arguments+=("$1")
            shift
        fi
    done
    [ -z "$filter" ] || own=(--filter "$filter")
    if [ -n "$project" ]; then own+=(--project "tests/$project"); fi
    # A build server or a node that outlives this script would keep its output open.
    dotnet test -c "$configuration" "${own[@]}" "${arguments[@]}"
}

# The shortest way through the tool that touches every part of it: what goes in comes out, on any platform.
smoke() {
    local tool=$1 folder
    if [ -z "$tool" ]; then
        tool=src/ImageTarTasks.Tool/bin/$configuration/net10.0/imagetar
    fi
    [ -f "$tool" ] || tool=$tool.exe
    tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    cd "$folder"
    export IMAGETAR_STORE=store
    mkdir -p rootfs/etc
    echo hello >rootfs/etc/motd
    "$tool" import rootfs smoke:1
    "$tool" save -o image.tar smoke:1
    "$tool" save --format oci --layer-compression zstd -o image.tar.gz smoke:1
    "$tool" verify image.tar
    IMAGETAR_STORE=other "$tool" load -i image.tar.gz
    IMAGETAR_STORE=other "$tool" export -o rootfs.tar smoke:1
    [ "$(tar -xOf rootfs.tar etc/motd)" = hello ] || { echo "etc/motd did not come back" >&2; exit 1; }
    if "$tool" load -i rootfs/etc/motd; then
        echo "a file that is no archive was loaded" >&2
        exit 1
    fi
    echo "smoke: all well"
}

# Two packs of one commit are equal, byte for byte: in any folder, in any time zone. Each links to the sources of its repository.
reproduce() {
    local folder place id first commit repository=https://github.com/acme/fork
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    commit=$(git rev-parse HEAD)
    for place in one another/place; do
        git clone --quiet . "$folder/$place"
        git -C "$folder/$place" remote set-url origin "$repository.git"
        for id in ImageTarTasks ImageTarTasks.Tool; do
            (
                cd "$folder/$place"
                [ "$place" = one ] || export TZ=Asia/Tokyo
                CI=true dotnet pack "src/$id" -c Release -v quiet -o packages
                grep -qF "${repository/github.com/raw.githubusercontent.com}/$commit/" src/ImageTarTasks.Core/obj/Release/net10.0/*.sourcelink.json
            ) || { echo "reproduce: $id does not pack, or does not link to its sources" >&2; exit 1; }
        done
    done
    for first in "$folder"/one/packages/*.nupkg; do
        cmp "$first" "$folder/another/place/packages/$(basename "$first")" || { echo "reproduce: two packs differ" >&2; exit 1; }
    done
    (cd "$folder/one/packages" && sha256sum -- *.nupkg)
}

# The libraries inside each package. Those that only a build needs are left out; so are MSBuild's own, which the tasks find in MSBuild and the tool brings along.
sbom() {
    dotnet tool restore
    write_sbom "$1" ImageTarTasks --exclude-filter Microsoft.Build.Framework,Microsoft.Build.Utilities.Core,System.Configuration.ConfigurationManager
    write_sbom "$1" ImageTarTasks.Tool --exclude-filter System.Configuration.ConfigurationManager
}

write_sbom() {
    local folder=$1 package=$2 version
    version=$(dotnet msbuild "src/$package" -t:MinVer -getProperty:PackageVersion)
    dotnet CycloneDX "src/$package/$package.csproj" --output "$folder" --filename "$package.$version.cdx.json" --output-format Json \
        --set-name "$package" --set-version "$version" --set-type Library --exclude-dev --no-serial-number --disable-package-restore "${@:3}"
}

# The lines of CHANGELOG.md below "## VERSION", up to the next section.
notes() {
    awk -v version="$1" '
        /^## / { inside = ($2 == version || $2 == "[" version "]"); found += inside; next }
        inside { print }
        END { exit !found }' CHANGELOG.md || { echo "CHANGELOG.md has no section '## $1'" >&2; exit 1; }
}

# The platforms with a package of their own stand in the project of the tool.
complete() {
    local folder=$1 version=$2 platform name
    local wanted=("ImageTarTasks.$version.nupkg" "ImageTarTasks.Tool.$version.nupkg")
    local platforms
    platforms=$(sed -n 's/.*<ToolPackageRuntimeIdentifiers>\(.*\)<\/ToolPackageRuntimeIdentifiers>.*/\1/p' src/ImageTarTasks.Tool/ImageTarTasks.Tool.csproj)
    for platform in ${platforms//;/ }; do
        wanted+=("ImageTarTasks.Tool.$platform.$version.nupkg")
    done
    for name in "${wanted[@]}"; do
        [ -f "$folder/$name" ] || { echo "missing: $name" >&2; exit 1; }
    done
    for name in "$folder"/*.nupkg; do
        name=$(basename "$name")
        [[ " ${wanted[*]} " == *" $name "* ]] || { echo "not part of this release: $name" >&2; exit 1; }
    done
    echo "${#wanted[@]} packages of version $version"
}

target=${1:-help}
[ $# -eq 0 ] || shift
case "$target" in
    programs) eng/install-interop-programs.sh; eng/install-lint-programs.sh ;;
    restore) dotnet restore "$solution" --locked-mode "$@" ;;
    build) dotnet build "$solution" -c "$configuration" "$@" ;;
    format)
        case "${1:-}" in
            "")
                dotnet tool restore
                dotnet csharpier check .
                dotnet format style "$solution" --verify-no-changes --no-restore
                ;;
            fix)
                dotnet tool restore
                dotnet format style "$solution" --no-restore
                dotnet csharpier format .
                ;;
            *) fail "format takes nothing, or: fix" ;;
        esac
        ;;
    lint) node eng/lint/lint.mjs ;;
    test)
        layer=all
        case "${1:-}" in
            "" | -*) ;;
            *) layer=$1 && shift ;;
        esac
        case "$layer" in
            core) run_tests ImageTarTasks.Tests "$library&$in_process" "$@" ;;
            tasks) run_tests ImageTarTasks.Tests "($tasks)&$in_process" "$@" ;;
            unit) run_tests ImageTarTasks.Tests "" "$@" ;;
            interop) run_tests ImageTarTasks.InteropTests "" "$@" ;;
            packages) run_tests ImageTarTasks.PackageTests "" "$@" ;;
            all) run_tests "" "" "$@" ;;
            *) fail "no layer '$layer': core, tasks, unit, interop, packages, all" ;;
        esac
        ;;
    native)
        here=$(eng/pack-tool.sh --print-platform)
        others=()
        for platform in "$@"; do others+=(--platform "$platform"); done
        rm -f "$packages"/ImageTarTasks.Tool.*.nupkg
        eng/pack-tool.sh --platform "$here" "${others[@]}" --platform any "$packages"
        rm -rf "$native"
        mkdir -p artifacts
        cp -r "artifacts/native/publish/ImageTarTasks.Tool/release_$here" "$native"
        ;;
    pack)
        rm -f "$packages"/ImageTarTasks.[0-9]*.nupkg
        dotnet pack src/ImageTarTasks -c Release -o "$packages" "$@"
        ;;
    reproduce) reproduce ;;
    sbom) sbom "${1:-$packages}" ;;
    quickstart)
        mkdir -p artifacts
        dotnet build samples/quickstart.proj --tl:off "$@" | tee artifacts/quickstart.log
        archive=$(sed -n 's/^ *The image is in //p' artifacts/quickstart.log)
        tar -tf "$archive" manifest.json index.json oci-layout >/dev/null || { echo "no image in what the quickstart says: '$archive'" >&2; exit 1; }
        ;;
    bench)
        [ $# -gt 0 ] || set -- --quick --runs 3 --no-docker
        [ ! -x "$native/imagetar" ] || set -- "$@" --imagetar "$native/imagetar"
        dotnet run -c Release --project eng/bench -- "$@"
        ;;
    smoke) smoke "${1:-}" ;;
    notes) [ $# -eq 1 ] || fail "notes VERSION"; notes "$1" ;;
    complete) [ $# -eq 2 ] || fail "complete FOLDER VERSION"; complete "$1" "$2" ;;
    clean)
        rm -rf artifacts
        find src tests eng samples -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
        ;;
    ci) exec .ci/run ;;
    help | -h | --help) usage ;;
    *) usage >&2; fail "no target '$target'" ;;
esac
