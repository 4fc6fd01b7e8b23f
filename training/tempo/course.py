"""How a track's beats run through time: the map between beats and seconds, and the line nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Beats against seconds, straight between its points and beyond them.

    beats, times: float64 (n,), n >= 2, both rising.
    """

    beats: Times
    times: Times

    def times_at(self, beats: Times) -> Times:
        """Seconds at which these beats fall."""
        return _straight(beats, self.beats, self.times)

    def beats_at(self, times: Times) -> Times:
        """Beats that these seconds fall on."""
        return _straight(times, self.times, self.beats)

    def moved(self, beats: float) -> Course:
        """The same times, counted so that what was beat `beats` is beat 0."""
        return Course(self.beats - beats, self.times)


@dataclass(frozen=True, slots=True)
class Grid:
    """A constant tempo: beat b falls on start + 60 b / bpm seconds. Beat 0 begins a bar."""

    bpm: float
    start: float

    def times_at(self, beats: Times) -> Times:
        """Seconds at which these beats fall."""
        return self.start + beats * (60 / self.bpm)


def nearest_grid(beats: Times, times: Times, weights: Times) -> Grid:
    """The constant tempo with the least weighted squared deviation from these points."""
    slope, start = np.polyfit(beats, times, 1, w=np.sqrt(weights))
    return Grid(60 / float(slope), float(start))


def _straight(x: Times, known: Times, values: Times) -> Times:
    inside = np.interp(x, known, values)
    first = (values[1] - values[0]) / (known[1] - known[0])
    last = (values[-1] - values[-2]) / (known[-1] - known[-2])
    before, after = np.minimum(x - known[0], 0), np.maximum(x - known[-1], 0)
    return np.asarray(inside + before * first + after * last, np.float64)
