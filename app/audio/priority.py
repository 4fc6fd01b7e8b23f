"""Scheduling priorities of the audio threads."""

import contextlib
import os
import sys
from collections.abc import Iterator

_SWITCH_INTERVAL_S = 0.001
_REALTIME, _BELOW_REALTIME = 10, 5


def shorten_switch_interval() -> None:
    """Make threads release the interpreter's lock after 1 ms instead of 5 ms.

    This shortens the waits of the audio thread to a third and does not slow down rendering.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_INTERVAL_S))


def raise_priority() -> None:
    """Give the calling thread, and threads that it starts, a priority just below `realtime`.

    Call it in threads that share an interpreter with a real-time thread. The real-time thread may have to wait for the
    interpreter's lock, so ordinary threads must not delay the holder of the lock. Without permission, nothing changes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_BELOW_REALTIME))


@contextlib.contextmanager
def realtime() -> Iterator[None]:
    """Give the calling thread, and threads that it starts in the block, real-time priority, if permitted.

    Linux permits it to root and to users with an rtprio in /etc/security/limits.d, as audio distributions set up.
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
