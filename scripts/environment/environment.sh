#!/usr/bin/env bash
# Create .venv and install TechnoGAN into it: editable, at the versions pinned in constraints.txt.
#
#   scripts/environment/environment.sh run    packages for the instrument
#   scripts/environment/environment.sh dev    and for `make check`
#   scripts/environment/environment.sh train  and for training, with both back ends
#   scripts/environment/environment.sh bundle packages to freeze the instrument; use a separate folder, see VENV
#
# Does nothing if pyproject.toml, constraints.txt and the location of this folder are unchanged.
# UV: the uv program (empty: use venv and pip). PYTHON: the interpreter (empty: the first suitable one).
# VENV: the folder of the environment, by default .venv.
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

# Also false for a missing program, and for a .venv whose Python was removed.
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
        say "PYTHON=$wanted cannot be used: TechnoGAN needs Python 3.11, 3.12 or 3.13 with its venv and ensurepip modules."
        return
    fi
    found=$(python3 --version 2>/dev/null </dev/null || echo "no python3")
    say "TechnoGAN needs Python 3.11, 3.12 or 3.13 with the venv module; found: $found."
    if command -v apt-get >/dev/null; then
        if fits python3; then
            say "The venv module is missing. Run: sudo apt-get install python3-venv"
        else
            say "Run: sudo apt-get install python3.11 python3.11-venv (or 3.12 or 3.13)"
        fi
    fi
    say "To use another Python, run: make PYTHON=/path/to/python3.12 ..."
    say "If uv is installed, it downloads a suitable Python."
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
    # uv verifies the checksums; pip cannot in an environment with an editable package.
    "$uv" pip install --python "$python" --constraints constraints-hashed.txt \
        --build-constraints constraints-hashed.txt --editable "$requirement" </dev/null
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
    # The pip of an older Python has known vulnerabilities.
    pip_install --upgrade pip && pip_install --editable "$requirement"
}

pip_install() {
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --constraint constraints.txt "$@" </dev/null
}

# uv would select the CUDA build of several gigabytes; pip can be configured to use a smaller one.
with_torch() { pip_install --editable ".[torch]"; }

# A larger environment contains a smaller one.
for larger in run dev train bundle; do
    case "$profile $larger" in
        "dev run" | "train run" | "train dev" | "bundle run" | "bundle dev" | "bundle train" | *" bundle")
            [ "$profile" = "$larger" ] || continue ;;
    esac
    if installed "$larger"; then exit 0; fi
done
rm -f "$venv"/technogan-*.stamp
if ! with_uv; then
    if [ -n "$uv" ] && command -v "$uv" >/dev/null; then
        # A checksum may be wrong, and pip would not notice.
        [ "$profile" != bundle ] || { say "uv failed, and a bundle contains verified packages only"; exit 1; }
        say "uv failed; using venv and pip"
    fi
    with_pip || { say "the environment could not be created"; exit 1; }
fi
if [ "$profile" = train ]; then
    with_torch || { say "PyTorch could not be installed"; exit 1; }
fi
fingerprint > "$venv/technogan-$profile.stamp"
