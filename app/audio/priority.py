"""Being on time although others work."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

_SWITCH_INTERVAL_S = 0.001
_REALTIME, _NEARLY = 10, 5


def shorten_turns() -> None:
    """Let threads hand the interpreter's lock on after 1 ms instead of 5.

    Rendering gets no slower by it, and the thread that plays waits a third as long.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_INTERVAL_S))


def nearly_realtime() -> None:
    """The calling thread, and those it begins, run before all ordinary ones from now on, and after those of `realtime`.

    For the company of a thread that has to be on time: it waits for the interpreter's lock, and whoever holds that must
    not be kept waiting by others. Where the system does not let them nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_NEARLY))


@contextlib.contextmanager
def realtime() -> Iterator[None]:
    """Within the block the calling thread, and those it begins, run before all ordinary ones, if the system lets them.

    Linux allows that to root and to those whom /etc/security/limits.d gives an rtprio, as audio distributions do.
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
