#!/usr/bin/env bash
# Build the web page, or install the packages for the tests of the Node patches.
#
#   scripts/web.sh MODEL FOLDER    build the page with this model in FOLDER; open its index.html by a double click
#   scripts/web.sh node            install onnxruntime-node into build/node
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v npm >/dev/null || { echo "technogan: Node and npm are required: https://nodejs.org" >&2; exit 1; }

# Skip the install script, which would download a GPU build of several hundred megabytes.
install() { npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error; }

if [ "${1:-}" = node ]; then
    mkdir -p build/node
    cp resources/clients/max/package.json build/node/
    (cd build/node && install)
    exit 0
fi

[ $# -eq 2 ] || { echo "usage: scripts/web.sh MODEL FOLDER | node" >&2; exit 2; }
model="$PWD/build/$1.audio.onnx"
folder=$(mkdir -p "$2" && cd "$2" && pwd)
$([ -d .venv/Scripts ] && echo .venv/Scripts/technogan || echo .venv/bin/technogan) export-audio "$1" -o "$model" --replace >/dev/null
cd resources/web
install
TECHNOGAN_AUDIO_MODEL=$model TECHNOGAN_WEB_OUT=$folder npm run --silent build
echo "The page is $folder/index.html"
