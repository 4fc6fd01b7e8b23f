"""Which point of a course is the first beat of a bar.

Two things are asked of each sixteenth. Is it a beat: do bass drums and claps strike on it, and hats half-way to the
next? And do bars begin there: layers come and go with a bar, so if bars are counted rightly, the change of each from
the one before falls into few of them.
"""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from training.tempo.course import Course, Times
from training.tempo.onsets import Onsets

_SIXTEENTHS = 16
_BINS = 64
_BAR = _SIXTEENTHS * _BINS
# Bins around a sixteenth in which its strokes lie: late ones swing.
_EARLIEST, _LATEST = -6, 12
# What speaks for a beat: strength on it and on the three sixteenths after it. Fitted to three hundred bars of the
# corpus and rounded.
_BASS = (0.3, 0.0, 0.0, -0.3)
_STROKES = (0.7, -0.6, 0.0, -0.1)
_HATS = (0.0, -0.3, 0.6, -0.3)
# How much a factor e in change counts beside one standard deviation in strength.
_OF_CHANGE = 15.0
# A sixteenth below this share of the mean is silence before the music.
_SILENCE = 0.1


def first_beat(onsets: Onsets, course: Course) -> float:
    """The beat, in the course's own count, that begins a bar: within the first four of the track."""
    start = np.ceil(course.beats_at(onsets.times[:1])[0])
    rows = _Rows(onsets, course, float(start))
    late = round(rows.busiest(0, _BINS))
    best = int(np.argmax(rows.beatness(late) + _OF_CHANGE * rows.barness(late)))
    # Swing moves every other sixteenth: only the chosen ones say where exactly the beat is.
    place = rows.busiest(late + best * _BINS - _BINS // 3, 2 * _BINS // 3, 4 * _BINS)
    return float(start) + (place % _BAR) / (_BAR // 4)


class _Rows:
    """A track laid out along its course, _BINS a sixteenth, from a beat on."""

    def __init__(self, onsets: Onsets, course: Course, start: float) -> None:
        bars = max(int((course.beats_at(onsets.times[-1:])[0] - start) / 4), 1)
        places = start + np.arange(bars * _BAR) / (_BAR // 4)
        self._times = np.asarray(course.times_at(places))
        self._known = onsets.times
        swells, attacks = onsets.swells(), onsets.attacks()
        self._bands = np.stack([self._along(band) for band in swells.T], axis=1)
        self._total = self._bands.sum(axis=1).reshape(-1, _BAR).mean(axis=0)
        self._bass = self._bar(attacks[:, :2])
        self._strokes = self._bar(attacks[:, 2:6])
        self._hats = self._bar(swells[:, 6:])

    def _along(self, strength: FloatArray) -> FloatArray:
        return np.interp(self._times, self._known, strength, left=0, right=0).astype(np.float32)

    def _bar(self, bands: FloatArray) -> FloatArray:
        """The usual bar: float32 (_BAR,)."""
        return np.asarray(self._along(bands.sum(axis=1)).reshape(-1, _BAR).mean(axis=0), np.float32)

    def busiest(self, first: int, width: int, period: int = _BINS) -> float:
        """Where, from bin `first` on, most begins if every `period` bins count as one: a bin, with a fraction."""
        usual = self._total.reshape(-1, period).sum(axis=0)
        window = np.hanning(9)
        smooth = np.convolve(np.tile(usual, 3), window / window.sum(), "same")
        near = smooth[period + (first + np.arange(-1, width + 1)) % period]
        top = 1 + int(np.argmax(near[1:-1]))
        left, peak, right = near[top - 1 : top + 2]
        bend = left - 2 * peak + right
        return first + top - 1 + (0.5 * (left - right) / bend if bend < 0 else 0.0)

    def beatness(self, offset: int) -> Times:
        """How much each sixteenth, counted from bin `offset`, is like a beat: float64 (16,)."""
        score = np.zeros(_SIXTEENTHS)
        for bar, weights in ((self._bass, _BASS), (self._strokes, _STROKES), (self._hats, _HATS)):
            strength = self._at_sixteenths(bar, offset)
            for i in range(_SIXTEENTHS):
                score[i] += np.roll(strength, -i) @ np.tile(weights, 4) / 4
        return score

    def _at_sixteenths(self, bar: FloatArray, offset: int) -> FloatArray:
        around = np.arange(_EARLIEST, _LATEST + 1)
        places = offset + np.arange(_SIXTEENTHS)[:, np.newaxis] * _BINS + around
        strength = bar[places % _BAR].max(axis=1)
        return np.asarray((strength - strength.mean()) / (strength.std() + 1e-9))

    def barness(self, offset: int) -> Times:
        """How much bars counted from each sixteenth differ all at once, if they do: float64 (16,), logarithmic."""
        # A quarter before the stroke, so that all of it is in its own sixteenth.
        first = offset + _BINS - _BINS // 4
        n = (len(self._bands) - first) // _BINS
        sixteenths = self._bands[first : first + n * _BINS].reshape(n, _BINS, -1).mean(axis=1)
        loud = sixteenths.sum(axis=1)
        begin = int(np.argmax(loud > _SILENCE * loud.mean()))
        changes = np.abs(sixteenths[_SIXTEENTHS:] - sixteenths[:-_SIXTEENTHS]).sum(axis=1)
        changes[:begin] = 0
        if len(changes) < 2 * _SIXTEENTHS:
            return np.zeros(_SIXTEENTHS)
        by_bar = np.square(np.convolve(changes, np.ones(_SIXTEENTHS), "valid"))
        which = (np.arange(len(by_bar)) + 1) % _SIXTEENTHS
        score = np.bincount(which, by_bar, _SIXTEENTHS) / np.bincount(which, minlength=_SIXTEENTHS)
        return np.asarray(np.log(score / (score.mean() + 1e-12) + 1e-6))
