"""Where the instrument keeps its settings and the session it had when it ended, and where recordings go."""

from __future__ import annotations

import os
from pathlib import Path

STATE_VARIABLE = "TECHNOGAN_STATE"


def state_dir() -> Path:
    """The folder that TECHNOGAN_STATE names, else the system's place for such things. Perhaps not there yet."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("TechnoGAN", appauthor=False) / "instrument"


def recordings_dir() -> Path:
    """Where recordings go. Perhaps not there yet."""
    from PySide6.QtCore import QStandardPaths

    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(music or Path.home()) / "TechnoGAN"
