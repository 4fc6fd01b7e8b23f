"""Scheduling priorities of the threads that play."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

_SWITCH_INTERVAL_S = 0.001
_REALTIME, _NEARLY_REALTIME = 10, 5


def shorten_switch_interval() -> None:
    """Make threads release the interpreter's lock after 1 ms instead of 5.

    Rendering does not become slower, and the thread that plays waits a third as long.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_INTERVAL_S))


def raise_priority() -> None:
    """Run the calling thread, and those that it starts, before all ordinary ones but after those of `realtime`.

    It is for the threads that share an interpreter with a real-time thread: it waits for the interpreter's lock, so
    the thread that holds the lock must not be kept waiting either. It has no effect if the system does not permit it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_NEARLY_REALTIME))


@contextlib.contextmanager
def realtime() -> Iterator[None]:
    """Run the calling thread, and those that it starts in the block, before all ordinary ones, if permitted.

    Linux permits it to root and to users with an rtprio in /etc/security/limits.d, as on audio distributions.
    """
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REALTIME))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)
