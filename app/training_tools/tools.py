"""The program that runs dataset and training commands: this one, or the training tools' own environment."""

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.processes.safe_start import SAFE_START
from app.settings.paths import state_dir

# What the commands import. The extra `training` installs all of it.
DATASET = ("filelock", "librosa", "python_stretch")
TRAINING = ("filelock", "keras", "onnx", "tensorboard")

# PyInstaller's loader replaces these and keeps the original values under other names.
_REPLACED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_OURS = ("PYTHONHOME", "PYTHONPATH", "QT_PLUGIN_PATH")


@dataclass(frozen=True, slots=True)
class Tools:
    """A program that runs commands. program: its first arguments. environment: the variables of its process."""

    program: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)


def find_tools(modules: Sequence[str]) -> Tools | None:
    """Return a program whose commands can import these modules, or None if there is none.

    It is this program if possible, else that of the training tools if they are ready.
    """
    if not is_frozen() and all(importlib.util.find_spec(module) is not None for module in modules):
        return Tools((sys.executable, "-m", "app"), _own_environment())
    from app.training_tools.environment import ToolsEnvironment

    environment = ToolsEnvironment(tools_dir())
    return Tools((str(environment.python), "-m", "app"), foreign_environment()) if environment.is_ready else None


def is_frozen() -> bool:
    """Return whether this is the bundled application, which has no training tools."""
    return bool(getattr(sys, "frozen", False))


def tools_dir() -> Path:
    """Return the folder of the training tools. It may not exist yet."""
    return state_dir() / "studio"


def foreign_environment() -> dict[str, str]:
    """Return the variables for a Python that is not the bundle's own."""
    variables = {name: value for name, value in os.environ.items() if name not in _OURS}
    if is_frozen():
        for name in _REPLACED:
            original = variables.pop(f"{name}_ORIG", "")
            variables.pop(name, None)
            if original:
                variables[name] = original
    return variables | SAFE_START | {"PYTHONUTF8": "1"}


def _own_environment() -> dict[str, str]:
    """Return variables with which a job in its own folder finds a checkout that is not installed."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return dict(os.environ) | SAFE_START | {"PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(paths)}
