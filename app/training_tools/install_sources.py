"""The files that the training tools are installed from."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from app.training_tools.tools import is_frozen
from technogan.errors import TechnoganError

# The folder in the bundle.
_BUNDLED = "studio"
_CONSTRAINTS = "constraints-hashed.txt"


class TrainingToolsError(TechnoganError):
    """The training tools cannot be installed or used. advice: what to do. details: what a program printed."""

    def __init__(self, reason: str, advice: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.advice = advice
        self.details = details


@dataclass(frozen=True, slots=True)
class InstallSources:
    """Files to install from.

    Attributes:
        uv: the program.
        project: TechnoGAN's wheel, or the folder of a checkout.
        constraints: the versions and checksums of all packages, which uv verifies, if there is such a file.
    """

    uv: Path
    project: Path
    constraints: Path | None


def find_sources() -> InstallSources:
    """Find the sources in the bundle or, for a checkout, in its folder and on PATH. Raises TrainingToolsError."""
    if is_frozen():
        return find_bundled_sources(Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent)) / _BUNDLED)
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").exists():
        raise TrainingToolsError(
            "TechnoGAN was installed as a package, so you manage its environment.",
            "Install the training tools there: pip install 'technogan[training]'",
        )
    uv = shutil.which("uv")
    if uv is None:
        raise TrainingToolsError(
            "The program uv was not found.", "Install it (pip install uv), or install the training tools yourself."
        )
    return InstallSources(Path(uv), root, _existing(root / _CONSTRAINTS))


def find_bundled_sources(folder: Path) -> InstallSources:
    """Find the sources in a folder of the bundle. Raises TrainingToolsError if some are missing."""
    uv = folder / ("uv.exe" if sys.platform == "win32" else "uv")
    wheels = sorted(folder.glob("technogan-*.whl"))
    if not uv.exists() or not wheels:
        missing = uv.name if not uv.exists() else "TechnoGAN's wheel"
        raise TrainingToolsError(f"This installation is damaged: {missing} is not in {folder}.", "Reinstall TechnoGAN.")
    return InstallSources(uv, wheels[-1], _existing(folder / _CONSTRAINTS))


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None
