"""What the studio environment is made from: the program uv, this project, and the versions of everything else."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from app.training_tools.tools import is_frozen
from technogan.errors import TechnoganError

_BUNDLED = "studio"
_CONSTRAINTS = "constraints.txt"


class StudioError(TechnoganError):
    """The studio environment cannot be made or used. advice: what to do. details: what was printed."""

    def __init__(self, reason: str, advice: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.advice = advice
        self.details = details


@dataclass(frozen=True, slots=True)
class Supplies:
    """uv: the program. project: a wheel, or the checkout's folder. constraints: None where there are none."""

    uv: Path
    project: Path
    constraints: Path | None


def find_supplies() -> Supplies:
    """From the bundle, or from a checkout and the uv that is found there. Raises StudioError."""
    if is_frozen():
        return bundled_supplies(Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent)) / _BUNDLED)
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").exists():
        raise StudioError(
            "This TechnoGAN was installed as a package, so its environment is yours to change.",
            "Install the tools there: pip install 'technogan[training]'",
        )
    return Supplies(_own_uv(), root, _if_there(root / _CONSTRAINTS))


def bundled_supplies(folder: Path) -> Supplies:
    """What the bundle carries. Raises StudioError where it is damaged."""
    uv = folder / ("uv.exe" if sys.platform == "win32" else "uv")
    wheels = sorted(folder.glob("technogan-*.whl"))
    if not uv.exists() or not wheels:
        missing = uv.name if not uv.exists() else "the project's wheel"
        raise StudioError(f"This installation is damaged: {missing} is not in {folder}.", "Install TechnoGAN again.")
    return Supplies(uv, wheels[-1], _if_there(folder / _CONSTRAINTS))


def _own_uv() -> Path:
    found = shutil.which("uv")
    if found is None:
        raise StudioError("The program uv is not found.", "Install it (pip install uv), or the tools themselves.")
    return Path(found)


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None
