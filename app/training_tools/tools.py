"""The program that runs dataset and training commands: this one, or the studio environment's."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.settings.paths import state_dir

# What the commands import. The extra `training` brings all of them.
DATASET = ("filelock", "librosa", "python_stretch")
TRAINING = ("filelock", "keras", "onnx", "tensorboard")

# PyInstaller's loader changes where libraries are looked for, and keeps what was there under another name.
_CHANGED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_OURS = ("PYTHONHOME", "PYTHONPATH", "QT_PLUGIN_PATH")


@dataclass(frozen=True, slots=True)
class Tools:
    """program: what stands before a command's arguments. environment: all variables of its process."""

    program: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)


def find_tools(modules: Sequence[str]) -> Tools | None:
    """A program whose commands can import these modules: this one where it can, else the studio environment's where
    that is ready; None where neither is.
    """
    if not is_frozen() and all(importlib.util.find_spec(module) is not None for module in modules):
        return Tools((sys.executable, "-m", "app"), _own_environment())
    from app.training_tools.environment import Studio

    studio = Studio(studio_dir())
    return Tools((str(studio.python), "-m", "app"), foreign_environment()) if studio.ready else None


def is_frozen() -> bool:
    """Whether this is the bundled application, which carries no training tools."""
    return bool(getattr(sys, "frozen", False))


def studio_dir() -> Path:
    """Where the studio environment is, or would be."""
    return state_dir() / "studio"


def foreign_environment() -> dict[str, str]:
    """The variables for a Python that is not the bundle's own."""
    variables = {name: value for name, value in os.environ.items() if name not in _OURS}
    if is_frozen():
        for name in _CHANGED:
            before = variables.pop(f"{name}_ORIG", "")
            variables.pop(name, None)
            if before:
                variables[name] = before
    return variables | {"PYTHONUTF8": "1"}


def _own_environment() -> dict[str, str]:
    """A job has a working folder of its own, from which a checkout that is not installed has to be found."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return dict(os.environ) | {"PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(paths)}
