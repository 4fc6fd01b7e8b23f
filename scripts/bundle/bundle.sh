#!/usr/bin/env bash
# Freeze the instrument into dist/, report its size and run its self-test. `make bundle` creates the environment first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bin=build/bundle/venv/bin folder=dist/TechnoGAN program=dist/TechnoGAN/TechnoGAN
case "${OS:-$(uname -s)}" in
    Windows_NT) bin=build/bundle/venv/Scripts program=dist/TechnoGAN/technogan-cli.exe ;;
    Darwin) folder=dist/TechnoGAN.app program=dist/TechnoGAN.app/Contents/MacOS/TechnoGAN ;;
esac

# The training tools do not play the models that come with TechnoGAN, so their wheel omits them, which saves 20 MB.
rm -rf build/bundle/source build/bundle/studio
mkdir -p build/bundle/source
tar -c --exclude=__pycache__ --exclude=resources/models --exclude=resources/web \
    app technogan training resources pyproject.toml README.md LICENSE | tar -x -C build/bundle/source
"$bin/uv" build --quiet --wheel --build-constraints constraints-hashed.txt --out-dir build/bundle/studio build/bundle/source
"$bin/python" -m PyInstaller --noconfirm --log-level WARN --workpath build/bundle/work --distpath dist pyinstaller.spec
# Put them where users who do not start the program find them; a macOS application has no such place.
[ ! -d dist/TechnoGAN ] || cp LICENSE build/bundle/THIRD-PARTY-NOTICES.txt dist/TechnoGAN/
"$bin/python" -m scripts.bundle.size "$folder"
"$program" --self-test
