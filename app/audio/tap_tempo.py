"""Tap tempo."""

from collections import deque
from itertools import pairwise
from statistics import median

from technogan.sound.loop import MAX_BPM, MIN_BPM

_PAUSE_S = 2.5
_INTERVALS = 8


class TapTempo:
    """A tempo from the median interval of the latest taps. A pause starts a new measurement."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_INTERVALS + 1)

    def tap(self, time_s: float) -> float | None:
        """Add a tap and return the tempo to 0.1 BPM; None after the first tap or if it is out of range."""
        if self._times and time_s - self._times[-1] > _PAUSE_S:
            self._times.clear()
        self._times.append(time_s)
        intervals = [later - earlier for earlier, later in pairwise(self._times)]
        if not intervals or median(intervals) <= 0:
            return None
        bpm = round(60 / median(intervals), 1)
        return bpm if MIN_BPM <= bpm <= MAX_BPM else None
