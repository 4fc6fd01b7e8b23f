#!/usr/bin/env bash
# Makes of dist/ the one file that a musician downloads: build/packages/TechnoGAN-VERSION-SYSTEM-MACHINE.SUFFIX.
#
# On macOS a disk image, and with NOTARY_PROFILE (from: xcrun notarytool store-credentials) notarised by Apple, for
# which CODESIGN_IDENTITY had to name a Developer ID when the bundle was made. On Windows, with CODESIGN_THUMBPRINT, the
# programs are signed by the certificate of that thumbprint in the user's store.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
packages=$PWD/build/packages
mkdir -p "$packages"

sign_for_windows() {
    MSYS_NO_PATHCONV=1 signtool sign /sha1 "$CODESIGN_THUMBPRINT" /fd SHA256 /td SHA256 \
        /tr http://timestamp.digicert.com "$@"
}

pack_for_windows() {
    [ -z "${CODESIGN_THUMBPRINT:-}" ] || sign_for_windows dist/TechnoGAN/TechnoGAN.exe dist/TechnoGAN/technogan-cli.exe
    package=$packages/TechnoGAN-$version-windows-x86_64.zip
    (cd dist && python -m zipfile -c "$package" TechnoGAN)
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
(cd "$packages" && python3 -c 'import hashlib, sys; name = sys.argv[1]; print(hashlib.sha256(open(name, "rb").read()).hexdigest(), "", name)' \
    "$(basename "$package")" > "$package.sha256")
echo "$package"
