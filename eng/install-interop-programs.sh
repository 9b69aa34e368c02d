#!/usr/bin/env bash
# Installs, from Debian's packages, the third-party programs the tests compare with, and the C compiler that links the native tool. Does nothing where all are there.
set -euo pipefail

# program:package
wanted=(
    docker:docker.io dockerd:docker.io skopeo:skopeo umoci:umoci podman:podman docker-registry:docker-registry
    tar:tar bsdtar:libarchive-tools zstd:zstd xz:xz-utils bzip2:bzip2 gzip:gzip pigz:pigz
    busybox:busybox-static cpio:cpio mke2fs:e2fsprogs setcap:libcap2-bin attr:attr c++:g++ strace:strace python3:python3 jq:jq openssl:openssl git:git
    # The tool for linux-arm64, linked and run on another processor.
    aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc:libc6-dev-arm64-cross qemu-aarch64:qemu-user
)

# Some of these live where an ordinary user's PATH does not look.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

packages=()
programs=()
for pair in "${wanted[@]}"; do
    if ! command -v "${pair%%:*}" >/dev/null 2>&1; then
        programs+=("${pair%%:*}")
        [[ " ${packages[*]-} " == *" ${pair#*:} "* ]] || packages+=("${pair#*:}")
    fi
done

# The program for arm64 loads OpenSSL of its own platform. Ubuntu has that on other servers, so its test does not run there.
if grep -qx 'ID=debian' /etc/os-release 2>/dev/null && [ "$(uname -m)" = x86_64 ] && [ ! -e /usr/lib/aarch64-linux-gnu/libssl.so.3 ]; then
    programs+=(libssl.so.3)
    # shellcheck source=/dev/null
    if [ "$(. /etc/os-release && echo "$VERSION_ID")" -ge 13 ]; then packages+=(libssl3t64:arm64); else packages+=(libssl3:arm64); fi
    [ "$(id -u)" -ne 0 ] || dpkg --add-architecture arm64
fi

if [ ${#packages[@]} -eq 0 ]; then
    echo "every program is installed"
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "this machine is not Debian (no apt-get): install these by its own means: ${programs[*]}" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "not root, so these cannot be installed: run 'apt-get install ${packages[*]}' as root" >&2
    exit 1
fi

echo "missing: ${programs[*]}"
export DEBIAN_FRONTEND=noninteractive
# Acquire::Retries: a package mirror that drops one connection is no reason to fail.
apt-get -o Acquire::Retries=3 -qq update
apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq install -y --no-install-recommends "${packages[@]}"
