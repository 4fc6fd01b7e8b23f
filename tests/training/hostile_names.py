"""File names as a stranger would write them into a file, to reach what does not belong to it."""

import random
from pathlib import Path

_PARTS = ["..", ".", "", "home", "data", "images", "in", "victim.txt", "a.png", "dataset.json", "~", "\\", "..\\", "é"]


def decoys_of(root: Path, home: Path) -> list[Path]:
    """Return files around and in a folder that must be kept."""
    return [root / "victim.txt", root / "home" / "victim.txt", home.parent / "victim.txt", home / "victim.txt"]


def plant_decoys(root: Path, home: Path) -> None:
    """Write the files that must be kept."""
    for path in decoys_of(root, home):
        path.write_text("kept")


def random_name(dice: random.Random, root: Path) -> str:
    """Return a relative or absolute path of a few parts."""
    name = "/".join(dice.choice(_PARTS) for _ in range(dice.randrange(1, 6)))
    return dice.choice([name, name, f"{root}/{name}", f"/{name}", f"./{name}", name.replace("/", "\\")])
