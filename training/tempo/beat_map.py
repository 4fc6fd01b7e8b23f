"""Map beats to seconds: a beat map for any tempo curve, a grid for a constant tempo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BeatMap:
    """A map between beats and seconds, linear between its points and beyond them.

    Attributes:
        beats, times: float64 (n,), n >= 2, both rising.
    """

    beats: Times
    times: Times

    def times_at(self, beats: Times) -> Times:
        """Return the times of beats, s."""
        return _interpolate(beats, self.beats, self.times)

    def beats_at(self, times: Times) -> Times:
        """Return the beats at times in seconds."""
        return _interpolate(times, self.times, self.beats)

    def renumber(self, first: float) -> BeatMap:
        """Return the same times with beat numbers that start at beat `first`."""
        return BeatMap(self.beats - first, self.times)


@dataclass(frozen=True, slots=True)
class Grid:
    """A constant tempo: beat b is at start + 60 b / bpm seconds. Beat 0 is a downbeat."""

    bpm: float
    start: float

    def times_at(self, beats: Times) -> Times:
        """Return the times of beats, s."""
        return self.start + beats * (60 / self.bpm)


def fit_grid(beats: Times, times: Times, weights: Times) -> Grid:
    """Fit a constant tempo to beats by weighted least squares."""
    slope, start = np.polyfit(beats, times, 1, w=np.sqrt(weights))
    return Grid(60 / float(slope), float(start))


def _interpolate(x: Times, known: Times, values: Times) -> Times:
    inside = np.interp(x, known, values)
    first = (values[1] - values[0]) / (known[1] - known[0])
    last = (values[-1] - values[-2]) / (known[-1] - known[-2])
    before, after = np.minimum(x - known[0], 0), np.maximum(x - known[-1], 0)
    return np.asarray(inside + before * first + after * last, np.float64)
