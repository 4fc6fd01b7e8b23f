"""Follow the beats along a track.

Each stretch of beats is shifted to where it fits the mean bar best. Long stretches come first; each pass corrects the
beat map for the next pass with shorter ones.
"""

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from training.tempo.beat_map import BeatMap, Times

# For each pass: beats in a stretch, and its largest shift, in beats.
_STRETCHES = ((64, 0.2), (16, 0.1), (4, 0.06), (4, 0.04), (2, 0.03))
_BINS = 256
_BAR = 4
# Beats that fit worse than this share of a good fit, as in a breakdown without drums, are interpolated.
_LEAST_FIT = 0.7


def follow_beats(total: FloatArray, times: Times, beat_map: BeatMap) -> tuple[BeatMap, Times]:
    """Follow the beats along a track.

    Args:
        total: float32 (n_frames,), onset strength.
        times: float64 (n_frames,), s.
        beat_map: the expected beats.

    Returns:
        A beat map with one point per beat, and the fit of each beat, float64 (n_beats,), 0..1.
    """
    first, last = np.ceil(beat_map.beats_at(times[[0, -1]]))
    beats = np.arange(first, max(last, first + 2 * _BAR))
    fits = np.ones(len(beats))
    for stretch, reach in _STRETCHES:
        rows = _lay_out(total, times, beat_map, beats)
        lags, fits = _measure_lags(rows, min(stretch, len(beats)), round(reach * _BINS))
        beat_map = BeatMap(beats, beat_map.times_at(beats + _bridge(lags, fits) / _BINS))
    return beat_map, fits


def _lay_out(total: FloatArray, times: Times, beat_map: BeatMap, beats: Times) -> FloatArray:
    """Return the onset strength along the beats, minus its mean: float32 (n_beats, _BINS)."""
    places = beats[:, np.newaxis] + np.arange(_BINS) / _BINS
    rows = np.interp(beat_map.times_at(places.ravel()), times, total, left=0, right=0).reshape(places.shape)
    smooth = np.hanning(7)
    around = np.pad(rows.ravel(), 3)
    rows = np.convolve(around, smooth / smooth.sum(), "valid").reshape(places.shape)
    return np.asarray(rows - rows.mean(), np.float32)


def _measure_lags(rows: FloatArray, stretch: int, reach: int) -> tuple[Times, Times]:
    """Return the delay, in bins, of the stretch around each beat against the mean bar, and its fit there, 0..1."""
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


def is_reliable(fits: Times) -> npt.NDArray[np.bool_]:
    """Return which beats fit well enough to be used: bool (n,)."""
    return np.asarray(fits >= _LEAST_FIT * np.percentile(fits, 75))


def _bridge(lags: Times, fits: Times) -> Times:
    sure = np.flatnonzero(is_reliable(fits))
    return np.interp(np.arange(len(lags)), sure, lags[sure])
