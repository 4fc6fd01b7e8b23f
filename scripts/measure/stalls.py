"""When this machine kept everybody waiting: one process a core does nothing but sleep, in realtime where the system
allows, and sees how late it is woken up. What it suffers from is the machine's doing, and no program could help it.

Virtual machines whose host has other guests do that, laptops that save power, drivers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt

from app.audio.priority import realtime

_SLEEP_S = 0.002
# So long a stall can be heard: what is in hand is half of the output's buffer at times.
_HEARD_S = 0.02
_COMMAND = (sys.executable, "-m", "scripts.measure.stalls")


class Stalls:
    """Looks from now on."""

    def __init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [-1]
        self._processes = [subprocess.Popen([*_COMMAND, str(core)], stdout=subprocess.PIPE) for core in cores]

    def seen(self) -> npt.NDArray[np.float64]:
        """End, and give those that can be heard. float64 (n, 2): from when until when, by the monotonic clock."""
        for process in self._processes:
            process.terminate()
        each = [np.frombuffer(process.communicate()[0]).reshape(-1, 2) for process in self._processes]
        spans = np.concatenate(each)
        return spans[spans[:, 1] - spans[:, 0] > _HEARD_S]


def longest_ms(spans: npt.NDArray[np.float64]) -> float:
    """How long the longest of them took, milliseconds; 0 without any."""
    return 1000 * float(np.diff(spans).max(initial=0.0))


def distances(moments: npt.ArrayLike, spans: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each moment is from the nearest span, seconds; infinite where there are none. float64 (n,)."""
    of = np.asarray(moments, np.float64)[:, None]
    beside = np.maximum(np.maximum(spans[:, 0] - of, of - spans[:, 1]), 0.0)
    return np.asarray(beside.min(axis=1, initial=np.inf))


def apart(moments: npt.ArrayLike, spans: npt.NDArray[np.float64], *, margin: float) -> npt.NDArray[np.bool_]:
    """Which moments lie in none of the spans, nor so many seconds beside one. bool (n,)."""
    return np.asarray(distances(moments, spans) >= margin)


def main() -> None:
    """Sleep on a core until told to end; then write the spans from each due time to when it came, if it was late."""
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
