"""How long work reports its progress, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# Polled by long work; the work raises Cancelled once it returns True.
Stop = Callable[[], bool]


class Progress(Protocol):
    """Called by long work with how much of it is done.

    Work that can be counted passes a count and the total; other work passes a share from 0 to 1.
    """

    def __call__(self, done: float, total: float = 1.0, /) -> None: ...


def ignore_progress(_done: float, _total: float = 1.0, /) -> None:
    """Show no progress: the default where nobody watches."""
