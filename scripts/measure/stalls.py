"""Detect stalls of the machine.

One process per core sleeps, with realtime priority if allowed, and measures how late it wakes up. Such delays affect
every program. Typical causes are virtual machines on a busy host, power saving and drivers.
"""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt

from app.audio.priority import realtime

_SLEEP_S = 0.002
# A stall of this length is audible: at times only half of the output buffer is full.
_HEARD_S = 0.02
_COMMAND = (sys.executable, "-m", "scripts.measure.stalls")


class Stalls:
    """A detector that starts at once."""

    def __init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [-1]
        self._processes = [subprocess.Popen([*_COMMAND, str(core)], stdout=subprocess.PIPE) for core in cores]

    def stop(self) -> npt.NDArray[np.float64]:
        """Stop and return the audible stalls, float64 (n, 2): start and end by the monotonic clock."""
        for process in self._processes:
            process.terminate()
        each = [np.frombuffer(process.communicate()[0]).reshape(-1, 2) for process in self._processes]
        spans = np.concatenate(each)
        return spans[spans[:, 1] - spans[:, 0] > _HEARD_S]


def longest_ms(spans: npt.NDArray[np.float64]) -> float:
    """Return the length of the longest stall in milliseconds, or 0."""
    return 1000 * float(np.diff(spans).max(initial=0.0))


def distances(moments: npt.ArrayLike, spans: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the distance of each moment from the nearest span in seconds, float64 (n,); infinite without spans."""
    times = np.asarray(moments, np.float64)[:, None]
    apart_by = np.maximum(np.maximum(spans[:, 0] - times, times - spans[:, 1]), 0.0)
    return np.asarray(apart_by.min(axis=1, initial=np.inf))


def apart(moments: npt.ArrayLike, spans: npt.NDArray[np.float64], *, margin: float) -> npt.NDArray[np.bool_]:
    """Return which moments are at least `margin` seconds from every span, bool (n,)."""
    return np.asarray(distances(moments, spans) >= margin)


def main() -> None:
    """Sleep on a core until terminated, then write the (due, actual) times of late wake-ups."""
    core = int(sys.argv[1])
    if core >= 0:
        os.sched_setaffinity(0, {core})
    late: list[tuple[float, float]] = []
    ending: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    with realtime():
        while not ending:
            due = time.monotonic() + _SLEEP_S
            time.sleep(_SLEEP_S)
            if (woken := time.monotonic()) - due > _SLEEP_S:
                late.append((due, woken))
    sys.stdout.buffer.write(np.array(late, np.float64).tobytes())


if __name__ == "__main__":
    main()
