"""Compare the current network and recipe with the prototype's: same images, cores and minutes, several seeds.

    python scripts/measure/compare_recipes.py FOLDER [--minutes 10] [--seeds 3] [--cores 0,1]

The runs alternate, so that a change in machine load affects both. Generated images are compared with held-out bars.
FOLDER keeps images and runs, so a stopped comparison resumes. The table is printed to standard output.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

NETWORKS = {"ours": "beat", "prototype": "prototype-128x256"}
TRAINED, UNSEEN = 6000, 750
FIRST_UNSEEN = 1_000_000_000
FIGURES = ("mel", "texture", "onsets", "recall", "coverage")


def technogan(*arguments: object, cores: str) -> str:
    """Run a command on these cores and return its output."""
    bound = ["taskset", "-c", cores] if sys.platform == "linux" else []
    command = [*bound, sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measure_recipe(folder: Path, name: str, seed: int, minutes: float, cores: str) -> dict[str, float]:
    """Train one network and return its metrics."""
    run = folder / f"{name}-{seed}"
    report = folder / f"{name}-{seed}.json"
    if not report.exists():
        options = ["--network", NETWORKS[name], "--seed", seed, "--minutes", minutes, "--glance", 0]
        technogan("train", folder / "trained", "-o", run, *options, cores=cores)
        report.write_text(technogan("evaluate", run, folder / "unseen", "--json", cores=cores))
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    stopped = next(event for event in events if event["event"] == "stopped")
    found = json.loads(report.read_text())
    speed = stopped["images"] / stopped["seconds"]
    return {name: found["generated"][name] for name in FIGURES} | {"images_per_second": speed}


def main() -> None:
    """Run the comparison and print one line per metric."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cores", default="0,1")
    given = parser.parse_args()
    for name, bars, first in (("trained", TRAINED, 0), ("unseen", UNSEEN, FIRST_UNSEEN)):
        options = ["--format", "beat", "--bars", bars, "--seed", first, "-o", given.folder / name]
        technogan("dataset", "synth", "--images", *options, cores=given.cores)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in NETWORKS}
    for seed in range(given.seeds):
        for name in NETWORKS:
            found[name].append(measure_recipe(given.folder, name, seed, given.minutes, given.cores))
    print(f"{'median of ' + str(given.seeds):20} {'ours':>10} {'prototype':>10} {'ratio':>8}")
    for figure in (*FIGURES, "images_per_second"):
        ours, theirs = (statistics.median(run[figure] for run in found[name]) for name in NETWORKS)
        print(f"{figure:20} {ours:10.4g} {theirs:10.4g} {ours / theirs if theirs else float('inf'):8.3g}")


if __name__ == "__main__":
    main()
