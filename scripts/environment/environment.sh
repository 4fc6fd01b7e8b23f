#!/usr/bin/env bash
# Makes .venv and installs TechnoGAN into it: editable, at the versions pinned in constraints.txt.
#
#   scripts/environment/environment.sh run    what the instrument needs
#   scripts/environment/environment.sh dev    what `make check` needs as well
#   scripts/environment/environment.sh train  what training needs as well, with both of its back ends
#   scripts/environment/environment.sh bundle what freezing the instrument needs; best in a folder of its own, see VENV
#
# Nothing happens while pyproject.toml, constraints.txt and the place of this folder stay the same.
# UV names the uv program (empty: plain venv and pip). PYTHON names the interpreter (empty: the first that fits).
# VENV names the environment's folder, .venv if it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-}" in
    run) requirement="." ;;
    dev) requirement=".[dev]" ;;
    train) requirement=".[dev,training]" ;;
    bundle) requirement=".[bundle]" ;;
    *) echo "usage: scripts/environment/environment.sh run|dev|train|bundle" >&2; exit 2 ;;
esac
profile=$1
uv=${UV-uv}
wanted=${PYTHON:-}
venv=${VENV:-.venv}

case "${OS:-}" in
    Windows_NT) python=$venv/Scripts/python.exe ;;
    *) python=$venv/bin/python ;;
esac

say() { echo "technogan: $*" >&2; }

# Also false for a program that is not there, and for a .venv whose Python has since been removed.
fits() {
    "$1" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))' >/dev/null 2>&1 </dev/null
}

# Debian and Ubuntu ship Python without ensurepip; without it a new .venv has no pip.
makes_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; }

find_python() {
    local candidate
    for candidate in ${wanted:+"$wanted"} python3 python3.13 python3.12 python3.11 python /usr/bin/python3; do
        if fits "$candidate" && makes_environments "$candidate"; then
            echo "$candidate"
            return
        fi
        [ -z "$wanted" ] || return 1
    done
    return 1
}

explain_missing_python() {
    local found
    if [ -n "$wanted" ]; then
        say "PYTHON=$wanted does not serve: TechnoGAN needs Python 3.11, 3.12 or 3.13 with its venv and ensurepip modules."
        return
    fi
    found=$(python3 --version 2>/dev/null </dev/null || echo "no python3")
    say "TechnoGAN needs Python 3.11, 3.12 or 3.13 with its venv module; here is: $found."
    if command -v apt-get >/dev/null; then
        if fits python3; then
            say "Its venv module is missing. Type: sudo apt-get install python3-venv"
        else
            say "Type: sudo apt-get install python3.11 python3.11-venv (or 3.12, 3.13: what this system has)"
        fi
    fi
    say "A Python elsewhere is named like this: make PYTHON=/path/to/python3.12 ..."
    say "Where uv is installed it fetches a fitting Python by itself."
}

fingerprint() { { pwd; cat pyproject.toml constraints.txt; } | cksum; }

installed() { fits "$python" && [ "$(cat "$venv/technogan-$1.stamp" 2>/dev/null)" = "$(fingerprint)" ]; }

with_uv() {
    [ -n "$uv" ] && "$uv" --version >/dev/null 2>&1 </dev/null || return 1
    if ! fits "$python"; then
        rm -rf "$venv"
        "$uv" venv --quiet --seed --python "${wanted:-cpython>=3.11,<3.14}" "$venv" </dev/null || return 1
        fits "$python" || return 1
    fi
    "$uv" pip install --python "$python" --constraints constraints.txt --editable "$requirement" </dev/null
}

with_pip() {
    local base
    if ! fits "$python"; then
        if ! base=$(find_python) && [ -z "$wanted" ]; then
            bash scripts/environment/system-libraries.sh python
        fi
        base=$(find_python) || { explain_missing_python; return 1; }
        rm -rf "$venv"
        "$base" -m venv "$venv" </dev/null || return 1
    fi
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null || return 1
    say "installing into $venv with pip; the first time takes a minute or two"
    "$python" -m pip install --quiet --disable-pip-version-check --no-input \
        --constraint constraints.txt --editable "$requirement" </dev/null
}

with_torch() {
    # uv takes the CUDA build, several gigabytes, where pip may be told of a smaller one.
    "$python" -m pip install --quiet --disable-pip-version-check --no-input \
        --constraint constraints.txt --editable ".[torch]" </dev/null
}

# A larger environment serves for a smaller one.
for larger in run dev train bundle; do
    case "$profile $larger" in
        "dev run" | "train run" | "train dev" | "bundle run" | "bundle dev" | "bundle train" | *" bundle")
            [ "$profile" = "$larger" ] || continue ;;
    esac
    if installed "$larger"; then exit 0; fi
done
rm -f "$venv"/technogan-*.stamp
if ! with_uv; then
    [ -z "$uv" ] || ! command -v "$uv" >/dev/null || say "uv did not work here; going on with venv and pip"
    with_pip || { say "the environment could not be made; nothing was started"; exit 1; }
fi
if [ "$profile" = train ]; then
    with_torch || { say "PyTorch could not be installed; nothing was started"; exit 1; }
fi
fingerprint > "$venv/technogan-$profile.stamp"
