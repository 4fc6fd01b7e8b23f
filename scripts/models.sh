#!/usr/bin/env bash
# Trains the models that come with TechnoGAN, from nothing: renders the bars, trains, exports into resources/models.
#
#   scripts/models.sh FOLDER [FORMAT...]    bar half beat half-cq, in this order, if none is named
#
# FOLDER takes some ten gigabytes of images and runs. Stopped, it goes on where it stood. Half bars and beats begin with
# what the bar has learned, half bars in constant-Q with what the half bars have. The numbers of images are those of the
# models that are shipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:?usage: scripts/models.sh FOLDER [FORMAT...]}
shift
formats=("$@")
[ ${#formats[@]} -gt 0 ] || formats=(bar half beat half-cq)

technogan() { .venv/bin/technogan "$@"; }

# What each format is trained on, for how long, and what it begins with.
declare -A bars=([bar]=24000 [half]=12000 [beat]=6000 [half-cq]=12000)
declare -A images=([bar]=78000 [half]=24000 [beat]=35000 [half-cq]=19000)
declare -A parent=([half]=bar [beat]=bar [half-cq]=half)

for format in "${formats[@]}"; do
    run=$folder/runs/$format
    technogan dataset synth --images --format "$format" --bars "${bars[$format]}" -o "$folder/$format"
    options=()
    if [ -e "$run/config.json" ]; then
        options+=(--resume)
    elif [ -n "${parent[$format]:-}" ]; then
        options+=(--from "$folder/runs/${parent[$format]}")
    fi
    technogan train "$folder/$format" -o "$run" --images "${images[$format]}" "${options[@]}"
    technogan export "$run" --name "$format" --even -o "resources/models/$format.onnx"
done
