"""When memory does not suffice: said as such, whichever framework found out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from technogan.errors import TechnoganError

# TensorFlow's and PyTorch's; neither need be installed.
_NAMES = ("ResourceExhaustedError", "OutOfMemoryError")


class OutOfMemory(TechnoganError):
    """The machine's memory, or the card's, is not enough for the batch. cause: for programs that watch."""

    cause = "memory"

    def __init__(self, batch: int) -> None:
        smaller = f"try --batch {max(2, batch // 2)}" if batch > 2 else "a smaller network is needed"
        super().__init__(f"memory does not suffice for {batch} images at once; {smaller}")
        self.batch = batch


@contextlib.contextmanager
def explained_memory(batch: int) -> Iterator[None]:
    """Raises OutOfMemory for what NumPy and the frameworks raise instead. batch: images a step."""
    try:
        yield
    except Exception as error:
        if not is_memory(error):
            raise
        raise OutOfMemory(batch) from error


def is_memory(error: BaseException) -> bool:
    """Whether an exception means that memory was not enough. Frameworks have other names for it at times."""
    named = isinstance(error, MemoryError) or type(error).__name__ in _NAMES
    return named or (isinstance(error, RuntimeError) and "out of memory" in str(error).lower())
