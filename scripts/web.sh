#!/usr/bin/env bash
# Build the web page, or install the packages for the tests of the Node patches.
#
#   scripts/web.sh MODEL FOLDER    build the page with this model in FOLDER; open its index.html by a double click
#   scripts/web.sh node            install onnxruntime-node into build/node
#   scripts/web.sh lock            update both files package-lock.json
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v npm >/dev/null || { echo "technogan: Node and npm are required: https://nodejs.org" >&2; exit 1; }

# Install what package-lock.json lists, with the same checksums. Skip the install script, which would download a GPU build
# of several hundred megabytes.
install() { npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; }

if [ "${1:-}" = node ]; then
    mkdir -p build/node
    cp resources/clients/max/package*.json build/node/
    (cd build/node && install)
    exit 0
fi

if [ "${1:-}" = lock ]; then
    # The addresses of the packages are left out: every machine has its own registry.
    for folder in resources/web resources/clients/max; do
        (cd "$folder" && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit)
    done
    exit 0
fi

[ $# -eq 2 ] || { echo "usage: scripts/web.sh MODEL FOLDER | node | lock" >&2; exit 2; }
model="$PWD/build/$1.audio.onnx"
folder=$(mkdir -p "$2" && cd "$2" && pwd)
$([ -d .venv/Scripts ] && echo .venv/Scripts/technogan || echo .venv/bin/technogan) export-audio "$1" -o "$model" --replace >/dev/null
cd resources/web
install
TECHNOGAN_AUDIO_MODEL=$model TECHNOGAN_WEB_OUT=$folder npm run --silent build
echo "The page is $folder/index.html"
