"""Which framework Keras works with: TensorFlow unless one asks for PyTorch.

Keras chooses when it is first imported, once for a process. On Windows only PyTorch has a GPU.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Literal, get_args

from technogan.errors import SettingError, TechnoganError

Backend = Literal["tensorflow", "torch"]

_VARIABLE = "KERAS_BACKEND"
# What to type, by back end.
INSTALL = {
    "tensorflow": "pip install 'technogan[training]'",
    "torch": "pip install 'technogan[training,torch]'",
}


def require_keras(backend: str | None = None) -> str:
    """Choose Keras's back end: this one, or what KERAS_BACKEND says, or TensorFlow. Returns its name.

    Call it before anything that imports Keras. Raises SettingError for an unknown back end, TechnoganError where Keras
    or the back end is not installed or Keras already works with another.
    """
    name = backend or os.environ.get(_VARIABLE) or "tensorflow"
    if name not in get_args(Backend):
        raise SettingError("backend", name, f"one of {', '.join(get_args(Backend))}")
    for module in ("keras", name):
        if importlib.util.find_spec(module) is None:
            raise TechnoganError(f"training with {name} needs {module}; it comes with: {INSTALL[name]}")
    loaded = sys.modules.get("keras")
    running = loaded.backend.backend() if loaded is not None else name
    if running != name:
        raise TechnoganError(f"Keras already works with {running} in this process and cannot change to {name}")
    os.environ[_VARIABLE] = name
    return name
