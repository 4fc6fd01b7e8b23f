#!/usr/bin/env bash
# Train the included models from scratch: render the bars, train, and export to resources/models.
#
#   scripts/models.sh FOLDER [FORMAT...]    default: bar half beat
#
# FOLDER needs about thirteen gigabytes for images and runs. A stopped run resumes. The half bar and the beat start from
# the weights of the bar. The numbers of images are those of the included models.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:?usage: scripts/models.sh FOLDER [FORMAT...]}
shift
formats=("$@")
[ ${#formats[@]} -gt 0 ] || formats=(bar half beat)

technogan() { .venv/bin/technogan "$@"; }

# Number of bars, number of training images, and the run to start from.
declare -A bars=([bar]=12288 [half]=6144 [beat]=6144)
declare -A images=([bar]=150000 [half]=60000 [beat]=60000)
declare -A parent=([half]=bar [beat]=bar)

for format in "${formats[@]}"; do
    run=$folder/runs/$format
    technogan dataset synth --images --stems --format "$format" --bars "${bars[$format]}" -o "$folder/$format"
    options=()
    if [ -e "$run/config.json" ]; then
        options+=(--resume)
    elif [ -n "${parent[$format]:-}" ]; then
        options+=(--from "$folder/runs/${parent[$format]}")
    fi
    technogan train "$folder/$format" -o "$run" --images "${images[$format]}" "${options[@]}"
    technogan export "$run" --name "$format" --even --directions -o "resources/models/$format.onnx"
done
