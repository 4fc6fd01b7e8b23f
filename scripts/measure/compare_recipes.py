"""Compare networks and recipes that generate loops of one beat: same bars, cores and minutes, several seeds.

    python -m scripts.measure.compare_recipes FOLDER [NAME=NETWORK...] [--stems] [--minutes 10] [--seeds 3]

NETWORK is the name of a built-in network or the path of a TOML file. By default the current network is compared with
the prototype's. The runs alternate, so that a change in machine load affects all of them. Their loops are compared with
held-out bars: as images if all networks have the same format, otherwise as sounds. FOLDER keeps images and runs, so a
stopped comparison resumes. The table is printed to standard output.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

NETWORKS = ("ours=beat", "prototype=prototype-128x256")
TRAINED_BARS, UNSEEN_BARS = 1500, 750
FIRST_UNSEEN = 1_000_000_000
FIGURES = ("mel", "texture", "onsets", "recall", "coverage")


def technogan(*arguments: object, cores: str) -> str:
    """Run a command on these cores and return its output."""
    bound = ["taskset", "-c", cores] if sys.platform == "linux" else []
    command = [*bound, sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_dataset(folder: Path, name: str, format_name: str, *, stems: bool, cores: str) -> Path:
    """Write the bars "trained" or "unseen" in a format, unless they exist."""
    path = folder / f"{name}-{format_name}{'-stems' if stems else ''}"
    bars, first = (TRAINED_BARS, 0) if name == "trained" else (UNSEEN_BARS, FIRST_UNSEEN)
    options = ["--format", format_name, "--bars", bars, "--seed", first, *(["--stems"] if stems else [])]
    technogan("dataset", "synth", "--images", *options, "-o", path, cores=cores)
    return path


def measure_recipe(
    folder: Path, run: Path, network: str, trained: Path, unseen: Path, seed: int, minutes: float, cores: str
) -> dict[str, float]:
    """Train one network and return its metrics."""
    report = folder / f"{run.name}.json"
    if not report.exists():
        begin = ["--resume"] if run.exists() else ["--network", network, "--seed", seed, "--glance", 0]
        technogan("train", trained, "-o", run, *begin, "--minutes", minutes, cores=cores)
        report.write_text(technogan("evaluate", run, unseen, "--json", cores=cores))
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    stopped = next(event for event in events if event["event"] == "stopped")
    found = json.loads(report.read_text())
    speed = stopped["images"] / stopped["seconds"]
    return {name: found["generated"][name] for name in FIGURES} | {"images_per_second": speed}


def main() -> None:
    """Run the comparison and print one line per metric."""
    from training.networks import read_network

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--stems", action="store_true")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cores", default="0,1")
    given = parser.parse_args()
    networks = dict(each.split("=", 1) for each in given.networks)
    formats = {name: read_network(network).format.name for name, network in networks.items()}
    trained = {
        form: make_dataset(given.folder, "trained", form, stems=given.stems, cores=given.cores)
        for form in set(formats.values())
    }
    alike = len(trained) == 1
    judge = next(iter(trained)) if alike else "beat"
    unseen = make_dataset(given.folder, "unseen", judge, stems=given.stems and alike, cores=given.cores)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in networks}
    for seed in range(given.seeds):
        for name, network in networks.items():
            run = given.folder / f"{name}-{seed}"
            source = trained[formats[name]]
            found[name].append(
                measure_recipe(given.folder, run, network, source, unseen, seed, given.minutes, given.cores)
            )
    print(f"{'median of ' + str(given.seeds):20}" + "".join(f" {name:>12}" for name in networks))
    for figure in (*FIGURES, "images_per_second"):
        medians = (statistics.median(run[figure] for run in found[name]) for name in networks)
        print(f"{figure:20}" + "".join(f" {median:12.4g}" for median in medians))


if __name__ == "__main__":
    main()
