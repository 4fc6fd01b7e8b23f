"""The folder of the instrument, for its settings and its autosaved session."""

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
