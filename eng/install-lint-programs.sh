#!/usr/bin/env bash
# Installs what ./build.sh lint runs: shellcheck and Node.js from Debian's packages where they are missing, and the checkers that eng/lint/package-lock.json names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=()
command -v shellcheck >/dev/null || packages+=(shellcheck)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]}; install them with the machine's package manager (Debian: as root)" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o Acquire::Retries=3 -qq update
    apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq install -y --no-install-recommends "${packages[@]}"
fi

cd eng/lint
# The copy is made last, so it stands for a finished installation of that lock file.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
    npm ci --no-audit --no-fund --ignore-scripts
    cp package-lock.json node_modules/.installed-lock.json
fi
