"""Resample a sound at a varying rate."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from technogan.arrays import FloatArray
from training.tempo.beat_map import Times

# Taps of the windowed sinc, and its steps between two samples: enough for 80 dB at 10 kHz.
_TAPS = 32
_STEPS = 4096
_BLOCK = 1 << 16

# Maps sample positions of the output to sample positions of the source.
Positions = Callable[[Times], Times]


def warp(samples: FloatArray, positions: Positions, n_samples: int) -> FloatArray:
    """Resample a sound at positions(0), positions(1), ... by windowed sinc interpolation.

    The sound, float32 (n, n_channels), is silent beyond its ends. A mean rate above 1 lowers the cutoff against
    aliasing. Returns float32 (n_samples, n_channels).
    """
    reach = _TAPS // 2
    padded = np.pad(samples.T, ((0, 0), (reach, reach + 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _TAPS, axis=1)
    fastest = (positions(np.array([float(n_samples)])) - positions(np.array([0.0])))[0] / n_samples
    table = _sinc(round(min(1.0, 1 / fastest), 3))
    out = np.empty((n_samples, samples.shape[1]), np.float32)
    for first in range(0, n_samples, _BLOCK):
        last = min(first + _BLOCK, n_samples)
        where = np.clip(positions(np.arange(first, last, dtype=np.float64)), -1, len(samples))
        steps = np.rint((where + 1) * _STEPS).astype(np.int64)
        # The window begins reach - 1 samples before the sample that precedes the position.
        starts, weights = steps // _STEPS, table[steps % _STEPS]
        for channel, window in enumerate(windows):
            out[first:last, channel] = np.einsum("ij,ij->i", window[starts], weights)
    return out


@lru_cache(maxsize=4)
def _sinc(cutoff: float) -> FloatArray:
    """Return the weights of the taps for each step: float32 (_STEPS, _TAPS), where each row has the sum 1."""
    offsets = np.arange(_TAPS) - (_TAPS // 2 - 1) - np.arange(_STEPS)[:, np.newaxis] / _STEPS
    window = np.i0(9.0 * np.sqrt(np.maximum(0, 1 - np.square(offsets / (_TAPS // 2))))) / np.i0(9.0)
    weights = np.sinc(cutoff * offsets) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
