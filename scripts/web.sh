#!/usr/bin/env bash
# Builds the page that makes loops in a browser, and fetches what the Node patches are tested with.
#
#   scripts/web.sh MODEL FOLDER    the page that begins with this model, in FOLDER; opens by a double click on index.html
#   scripts/web.sh node            onnxruntime-node, into build/node
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v npm >/dev/null || { echo "technogan: Node with npm is needed: https://nodejs.org" >&2; exit 1; }

# Without its script: that would fetch a build for graphics cards, several hundred megabytes.
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
