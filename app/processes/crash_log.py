"""Tracebacks of crashes in native code, for this process and its children."""

import contextlib
import faulthandler

from app.settings.paths import state_dir

CRASH_LOG = "crash.txt"


def log_crashes() -> None:
    """Append the tracebacks of all threads to crash.txt in the state folder if this process crashes.

    Without such a folder nothing is logged.
    """
    with contextlib.suppress(OSError):
        # faulthandler keeps the file open.
        faulthandler.enable((state_dir() / CRASH_LOG).open("a"))
