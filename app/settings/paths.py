"""The folders of the instrument: for its settings and autosaved session, and for recordings."""

from __future__ import annotations

import os
from pathlib import Path

STATE_VARIABLE = "TECHNOGAN_STATE"


def state_dir() -> Path:
    """Return the folder named by TECHNOGAN_STATE, else the system's folder for user data. It may not exist yet."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("TechnoGAN", appauthor=False) / "instrument"


def recordings_dir() -> Path:
    """Return the folder for recordings. It may not exist yet."""
    from PySide6.QtCore import QStandardPaths

    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(music or Path.home()) / "TechnoGAN"
