"""Translate the out-of-memory errors of NumPy, TensorFlow and PyTorch."""

import contextlib
from collections.abc import Iterator

from technogan.errors import TechnoganError

# Exceptions of TensorFlow and PyTorch, by name because either may be missing.
_NAMES = ("ResourceExhaustedError", "OutOfMemoryError")


class OutOfMemory(TechnoganError):
    """The memory of the machine or its GPU is too small for the batch. cause: its name in events.jsonl."""

    cause = "memory"

    def __init__(self, batch: int) -> None:
        advice = f"try --batch {max(2, batch // 2)}" if batch > 2 else "a smaller network is needed"
        super().__init__(f"not enough memory for {batch} images at once; {advice}")
        self.batch = batch


@contextlib.contextmanager
def translate_memory_errors(batch: int) -> Iterator[None]:
    """Replace the out-of-memory errors of NumPy and the frameworks by OutOfMemory. batch: images per step."""
    try:
        yield
    except Exception as error:
        if not is_memory_error(error):
            raise
        raise OutOfMemory(batch) from error


def is_memory_error(error: BaseException) -> bool:
    """Return whether an exception of any type means that memory ran out."""
    known = isinstance(error, MemoryError) or type(error).__name__ in _NAMES
    return known or (isinstance(error, RuntimeError) and "out of memory" in str(error).lower())
