#!/usr/bin/env bash
# Update the pinned versions in constraints.txt, and the checksums of all their files in constraints-hashed.txt.
#
#   scripts/environment/constraints.sh           update the versions, then the checksums
#   scripts/environment/constraints.sh hashes    update only the checksums
#
# UV: the uv program. Neither file names a package index.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Without the extra torch: uv would select the CUDA build, which has several gigabytes.
extras=(--extra onnx --extra training --extra bundle --extra dev)
plain=(--quiet --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links)

compile() { "${UV:-uv}" --no-config pip compile "${plain[@]}" "$@"; }

# The first line of a file is its title.
write() {
    { head -1 "$1"; cat; } > constraints.new
    mv constraints.new "$1"
}

if [ "${1:-}" != hashes ]; then
    compile --upgrade --python-version 3.11 --fork-strategy fewest --strip-extras "${extras[@]}" pyproject.toml |
        write constraints.txt
fi
# Some pinned versions need a later 3.11 than the first.
compile --python-version 3.11.5 --no-deps --generate-hashes constraints.txt | write constraints-hashed.txt
git --no-pager diff --stat -- constraints.txt constraints-hashed.txt
