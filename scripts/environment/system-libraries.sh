#!/usr/bin/env bash
# Find system libraries that the Python packages do not include, and install missing ones if permitted.
#
#   scripts/environment/system-libraries.sh run       libraries for the instrument
#   scripts/environment/system-libraries.sh test      and for the tests
#   scripts/environment/system-libraries.sh python    a Python with the venv module
#
# On Debian and Ubuntu it uses apt-get, as root or with sudo if that needs no password. Otherwise it prints the command
# and continues. On macOS and Windows the Python packages include everything.
set -euo pipefail

# One requirement per line: its sign (a library's soname or command:NAME), then the Debian packages.
needs_of_run() {
    cat <<'NEEDS'
libportaudio.so.2 libportaudio2
libEGL.so.1 libegl1
libGL.so.1 libgl1
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
NEEDS
}

needs_of_test() {
    needs_of_run
    cat <<'NEEDS'
command:oscsend liblo-tools
command:pd puredata-core
command:ip iproute2
NEEDS
    # A virtual sound card. On systems with PipeWire, PulseAudio would replace it, so those tests are skipped.
    command -v pipewire >/dev/null || echo "command:pulseaudio pulseaudio pulseaudio-utils libasound2-plugins"
}

case "${1:-}" in
    run | test) needs=$("needs_of_$1") ;;
    python) needs="never:seen python3 python3-venv" ;;
    *) echo "usage: scripts/environment/system-libraries.sh run|test|python" >&2; exit 2 ;;
esac

[ "$(uname -s)" = Linux ] || exit 0

say() { echo "technogan: $*" >&2; }

# On Debian, a normal user's PATH does not contain ldconfig.
PATH=$PATH:/usr/sbin:/sbin
libraries=$(ldconfig -p 2>/dev/null || true)

present() {
    case "$1" in
        command:*) command -v "${1#command:}" >/dev/null ;;
        *) grep -qF -- "$1 " <<<"$libraries" ;;
    esac
}

missing=()
while read -r sign packages; do
    [ -n "$sign" ] || continue
    # Unquoted: one requirement may need several packages.
    # shellcheck disable=SC2206
    present "$sign" || missing+=($packages)
done <<<"$needs"
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    say "missing libraries (Debian package names): ${missing[*]}"
    exit 0
fi

by_hand="sudo apt-get install --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true </dev/null 2>/dev/null; then
    as_root=(sudo -n env)
else
    say "missing: ${missing[*]}. To install them, run: $by_hand"
    exit 0
fi

say "installing with apt-get: ${missing[*]}"
apt_get() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null >/dev/null; }
# A stale package list often works, so a failed update is not an error.
apt_get update || true
apt_get install -y --no-install-recommends "${missing[@]}" || say "apt-get failed. To install by hand, run: $by_hand"
