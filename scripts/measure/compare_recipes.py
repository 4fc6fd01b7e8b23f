"""Our network and recipe against the prototype's: the same images, the same cores, the same minutes, several seeds.

    python scripts/measure/compare_recipes.py FOLDER [--minutes 10] [--seeds 3] [--cores 0,1]

Runs take turns, so that a machine that gets slower gets slower for both. What each dreamt is held against bars that no
run saw. FOLDER keeps images and runs; a comparison that was stopped goes on. The table goes to standard output.
"""

from __future__ import annotations

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
    """Run a command on these cores and return what it prints."""
    bound = ["taskset", "-c", cores] if sys.platform == "linux" else []
    command = [*bound, sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def figures_of(folder: Path, name: str, seed: int, minutes: float, cores: str) -> dict[str, float]:
    """Train one network and judge it."""
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
    """Print one line a figure."""
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
            found[name].append(figures_of(given.folder, name, seed, given.minutes, given.cores))
    print(f"{'median of ' + str(given.seeds):20} {'ours':>10} {'prototype':>10} {'ratio':>8}")
    for figure in (*FIGURES, "images_per_second"):
        ours, theirs = (statistics.median(run[figure] for run in found[name]) for name in NETWORKS)
        print(f"{figure:20} {ours:10.4g} {theirs:10.4g} {ours / theirs if theirs else float('inf'):8.3g}")


if __name__ == "__main__":
    main()
