"""How large the bundle is, and what of: `python -m scripts.bundle.size dist/TechnoGAN`. Ends with 1 above the limit."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

LIMIT_MB = 450
_SHOWN = 15


def main(arguments: list[str]) -> int:
    """Report on one folder; returns the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m scripts.bundle.size FOLDER", file=sys.stderr)
        return 2
    parts = sizes(Path(arguments[0]))
    total = sum(parts.values())
    for name, size in parts.most_common(_SHOWN):
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{(total - sum(size for _, size in parts.most_common(_SHOWN))) / 1e6:8.1f} MB  the rest")
    print(f"{total / 1e6:8.1f} MB  in all, {LIMIT_MB} at most")
    return 0 if total <= LIMIT_MB * 1e6 else 1


def sizes(folder: Path) -> Counter[str]:
    """Bytes of each part: a package, or a file that stands alone. Symbolic links cost nothing."""
    parts: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts[_part_of(path.relative_to(folder))] += path.stat().st_size
    return parts


def _part_of(path: Path) -> str:
    """Its package: the first folder below those that every bundle has. NumPy's own libraries count as NumPy's."""
    names = [name for name in path.parts if name not in ("_internal", "Contents", "Frameworks", "MacOS", "Resources")]
    return names[0].split(".", maxsplit=1)[0] if len(names) > 1 else "single libraries and programs"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
