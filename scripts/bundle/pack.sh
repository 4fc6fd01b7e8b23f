#!/usr/bin/env bash
# Pack dist/ into the one file that users download: build/packages/TechnoGAN-VERSION-SYSTEM-MACHINE.SUFFIX.
#
# On macOS this is a disk image. CODESIGN_IDENTITY signs the image and the application; NOTARY_PROFILE (from: xcrun
# notarytool store-credentials) has Apple notarise it, which requires a Developer ID. Both together:
# CODESIGN_IDENTITY="Developer ID Application: NAME (TEAM)" NOTARY_PROFILE=NAME make bundle package
# On Windows, CODESIGN_THUMBPRINT signs the programs with that certificate of the user's store.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
packages=$PWD/build/packages
python=build/bundle/venv/bin/python
[ "${OS:-}" != Windows_NT ] || python=build/bundle/venv/Scripts/python.exe
mkdir -p "$packages"

sign_for_windows() {
    MSYS_NO_PATHCONV=1 signtool sign /sha1 "$CODESIGN_THUMBPRINT" /fd SHA256 /td SHA256 \
        /tr http://timestamp.digicert.com "$@"
}

pack_for_windows() {
    [ -z "${CODESIGN_THUMBPRINT:-}" ] || sign_for_windows dist/TechnoGAN/TechnoGAN.exe dist/TechnoGAN/technogan-cli.exe
    package=$packages/TechnoGAN-$version-windows-x86_64.zip
    "$python" -m zipfile -c "$package" dist/TechnoGAN
}

pack_for_macos() {
    local content=build/packages/image
    package=$packages/TechnoGAN-$version-macos-$(uname -m).dmg
    rm -rf "$content"
    mkdir -p "$content"
    cp -R dist/TechnoGAN.app "$content"
    ln -s /Applications "$content/Applications"
    hdiutil create -quiet -ov -volname TechnoGAN -fs HFS+ -format UDZO -srcfolder "$content" "$package"
    [ -z "${CODESIGN_IDENTITY:-}" ] || codesign --sign "$CODESIGN_IDENTITY" --timestamp "$package"
    if [ -n "${NOTARY_PROFILE:-}" ]; then
        xcrun notarytool submit "$package" --keychain-profile "$NOTARY_PROFILE" --wait
        xcrun stapler staple "$package"
    fi
}

pack_for_linux() {
    package=$packages/TechnoGAN-$version-linux-$(uname -m).tar.gz
    tar -C dist -czf "$package" TechnoGAN
}

case "${OS:-$(uname -s)}" in
    Windows_NT) pack_for_windows ;;
    Darwin) pack_for_macos ;;
    *) pack_for_linux ;;
esac
"$python" - "$package" > "$package.sha256" <<'PYTHON'
import hashlib, pathlib, sys

path = pathlib.Path(sys.argv[1])
with path.open("rb") as file:
    print(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}")
PYTHON
echo "$package"
