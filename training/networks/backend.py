"""Keras's back end: TensorFlow by default, or PyTorch, which alone supports GPUs on Windows.

Keras chooses its back end once per process, when it is first imported.
"""

import importlib.util
import os
import sys
from typing import Literal, get_args

from technogan.errors import SettingError, TechnoganError

Backend = Literal["tensorflow", "torch"]

_VARIABLE = "KERAS_BACKEND"
INSTALL_COMMANDS = {
    "tensorflow": "pip install 'technogan[training]'",
    "torch": "pip install 'technogan[training,torch]'",
}


def require_keras(backend: str | None = None) -> str:
    """Select Keras's back end and return its name. Call this before anything imports Keras.

    Args:
        backend: "tensorflow" or "torch"; by default the value of KERAS_BACKEND, or else TensorFlow.

    Raises:
        SettingError: the back end is unknown.
        TechnoganError: Keras or the back end is not installed, or Keras already runs on another one.
    """
    name = backend or os.environ.get(_VARIABLE) or "tensorflow"
    if name not in get_args(Backend):
        raise SettingError("backend", name, f"one of {', '.join(get_args(Backend))}")
    for module in ("keras", name):
        if importlib.util.find_spec(module) is None:
            raise TechnoganError(f"training with {name} needs {module}; install it with: {INSTALL_COMMANDS[name]}")
    loaded = sys.modules.get("keras")
    running = loaded.backend.backend() if loaded is not None else name
    if running != name:
        raise TechnoganError(f"Keras already runs on {running} in this process and cannot change to {name}")
    os.environ[_VARIABLE] = name
    return name
