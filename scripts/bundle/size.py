"""Report the size of the bundle: `python -m scripts.bundle.size dist/TechnoGAN`.

The exit status is 1 if the bundle exceeds the limit.
"""

import sys
from collections import Counter
from pathlib import Path

LIMIT_MB = 450
_SHOWN = 15


def main(arguments: list[str]) -> int:
    """Report the size of one folder and return the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m scripts.bundle.size FOLDER", file=sys.stderr)
        return 2
    parts = measure_sizes(Path(arguments[0]))
    total = sum(parts.values())
    for name, size in parts.most_common(_SHOWN):
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{(total - sum(size for _, size in parts.most_common(_SHOWN))) / 1e6:8.1f} MB  other parts")
    print(f"{total / 1e6:8.1f} MB  in total (limit {LIMIT_MB} MB)")
    return 0 if total <= LIMIT_MB * 1e6 else 1


def measure_sizes(folder: Path) -> Counter[str]:
    """Return the size in bytes of each package and of all single files together; symbolic links count as 0."""
    parts: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts[_part_of(path.relative_to(folder))] += path.stat().st_size
    return parts


def _part_of(path: Path) -> str:
    """Return the package of a file: the first folder below the common ones; `numpy.libs` counts as NumPy."""
    names = [name for name in path.parts if name not in ("_internal", "Contents", "Frameworks", "MacOS", "Resources")]
    return names[0].split(".", maxsplit=1)[0] if len(names) > 1 else "single libraries and programs"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
