#!/usr/bin/env bash
# Looks for the system libraries that the Python packages do not carry, and installs what is missing where it may.
#
#   scripts/environment/system-libraries.sh run       what the instrument needs
#   scripts/environment/system-libraries.sh test      what the tests need as well
#   scripts/environment/system-libraries.sh python    a Python that can make environments
#
# Debian and Ubuntu: through apt-get, as root or where sudo asks for no password. Otherwise it prints the one command
# to type and goes on: what lacks its library says so itself. macOS and Windows: the packages carry everything.
set -euo pipefail

# One need a line: what shows that it is there (a library's soname, or command:NAME), then the Debian package.
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
    # A sound card made of software. Where PipeWire plays, PulseAudio would take its place: those tests are skipped.
    command -v pipewire >/dev/null || echo "command:pulseaudio pulseaudio pulseaudio-utils libasound2-plugins"
}

case "${1:-}" in
    run | test) needs=$("needs_of_$1") ;;
    python) needs="never:seen python3 python3-venv" ;;
    *) echo "usage: scripts/environment/system-libraries.sh run|test|python" >&2; exit 2 ;;
esac

[ "$(uname -s)" = Linux ] || exit 0

say() { echo "technogan: $*" >&2; }

# A normal user's PATH on Debian does not name the folder of ldconfig.
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
    # Unquoted: a need may be met by several packages together.
    # shellcheck disable=SC2206
    present "$sign" || missing+=($packages)
done <<<"$needs"
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    say "missing here, under the names that Debian gives them: ${missing[*]}"
    exit 0
fi

by_hand="sudo apt-get install --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true </dev/null 2>/dev/null; then
    as_root=(sudo -n env)
else
    say "missing: ${missing[*]}. To install, type: $by_hand"
    exit 0
fi

say "installing through apt-get: ${missing[*]}"
apt_get() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null >/dev/null; }
# A stale package list often still serves: an update that fails decides nothing.
apt_get update || true
apt_get install -y --no-install-recommends "${missing[@]}" || say "that did not work. To try by hand, type: $by_hand"
