"""Progress reports and stop requests of long-running work."""

from collections.abc import Callable
from typing import Protocol

# Long-running work polls this function and raises Cancelled once it returns True.
Stop = Callable[[], bool]


class Progress(Protocol):
    """A function that long-running work calls with the amount done and the total.

    Countable work passes a count and the total; other work passes a share from 0 to 1.
    """

    def __call__(self, done: float, total: float = 1.0, /) -> None:
        """Report that `done` of `total` is done."""


def ignore_progress(_done: float, _total: float = 1.0, /) -> None:
    """Ignore all calls: the default of functions that report progress."""
