"""Following the beat along a track: how far each stretch lies from where a course expects it.

A track is laid out by beats, four of them, its usual bar, are averaged, and each stretch is shifted against that
average to where it fits best: long stretches first, then ever shorter ones along the course corrected so far.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from training.tempo.course import Course, Times

# Beats in a stretch, and how far it may lie off, in beats.
_STRETCHES = ((64, 0.2), (16, 0.1), (4, 0.06), (4, 0.04), (2, 0.03))
_BINS = 256
_BAR = 4
# Stretches that fit less than this share of what a good one does, a breakdown without drums, are bridged.
_LEAST_FIT = 0.7


def follow(total: FloatArray, times: Times, course: Course) -> tuple[Course, Times]:
    """The course of the beats, one point a beat, and how well each beat fits: 0..1, 0 where it was bridged.

    total: float32 (n_frames,), onset strength at `times`, s. course: where beats are expected.
    """
    first, last = np.ceil(course.beats_at(times[[0, -1]]))
    beats = np.arange(first, max(last, first + 2 * _BAR))
    fits = np.ones(len(beats))
    for stretch, reach in _STRETCHES:
        rows = _rows(total, times, course, beats)
        lags, fits = _lags(rows, min(stretch, len(beats)), round(reach * _BINS))
        course = Course(beats, course.times_at(beats + _bridged(lags, fits) / _BINS))
    return course, fits


def _rows(total: FloatArray, times: Times, course: Course, beats: Times) -> FloatArray:
    """Onset strength laid out by beats: float32 (n_beats, _BINS), each of unit length on average."""
    places = beats[:, np.newaxis] + np.arange(_BINS) / _BINS
    rows = np.interp(course.times_at(places.ravel()), times, total, left=0, right=0).reshape(places.shape)
    smooth = np.hanning(7)
    around = np.pad(rows.ravel(), 3)
    rows = np.convolve(around, smooth / smooth.sum(), "valid").reshape(places.shape)
    return np.asarray(rows - rows.mean(), np.float32)


def _lags(rows: FloatArray, stretch: int, reach: int) -> tuple[Times, Times]:
    """How many bins later than usual the stretch around each beat lies, and how well it fits there, 0..1."""
    n = len(rows)
    usual = np.fft.rfft(np.concatenate([rows[i::_BAR].mean(axis=0) for i in range(_BAR)]))
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    window = np.where(distance < stretch, np.cos(np.pi / 2 * distance / stretch) ** 2, 0).astype(np.float32)
    local = np.fft.rfft(np.concatenate([window[:, i::_BAR] @ rows[i::_BAR] for i in range(_BAR)], axis=1))
    both = np.fft.irfft(local * np.conj(usual), _BAR * _BINS)
    sizes = np.sqrt(_energy(local)) * np.sqrt(_energy(usual)) + 1e-12
    near = np.roll(both, reach + 1, axis=1)[:, : 2 * reach + 3]
    top = 1 + np.argmax(near[:, 1:-1], axis=1)
    left, peak, right = (near[np.arange(n), top + i] for i in (-1, 0, 1))
    bend = left - 2 * peak + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0)
    return top - reach - 1 + np.clip(shift, -1, 1), np.clip(peak / sizes, 0, 1)


def _energy(spectrum: npt.NDArray[np.complex128]) -> Times:
    return np.asarray(2 * np.square(np.abs(spectrum)).sum(axis=-1) / (_BAR * _BINS))


def known(fits: Times) -> npt.NDArray[np.bool_]:
    """Which beats fit well enough to be told: bool (n,)."""
    return np.asarray(fits >= _LEAST_FIT * np.percentile(fits, 75))


def _bridged(lags: Times, fits: Times) -> Times:
    sure = np.flatnonzero(known(fits))
    return np.interp(np.arange(len(lags)), sure, lags[sure])
