"""Giving a loop another number of samples, whatever number it had, without a seam.

A slice has as many samples as its tempo and rate ask for, often a number with a large prime factor, and then the usual
transforms take ten times as long. Here the samples are spread over a grid of a length that transforms quickly, each
over the few points around its place, and what spreading does to the spectrum is taken back there. What is left of an
error is float32's own.

Sources: Dutt, Rokhlin 1993, Fast Fourier transforms for nonequispaced data. The kernel: Beatty, Nishimura,
Pauly 2005, Rapid gridding reconstruction with a minimal oversampling ratio.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.fourier import irfft, mean_rfft

# Lengths whose prime factors do not exceed this are transformed as they are.
_EASY_PRIME = 200
# Grid points over which a sample is spread, the grid being twice as fine as what is wanted of it: 3e-7 of error.
_KERNEL_POINTS = 8
_KERNEL_SHAPE = float(np.pi * np.sqrt((0.75 * _KERNEL_POINTS) ** 2 - 0.8))
# Samples whose weights are computed at a time, in double.
_BLOCK = 1 << 14


def resampled(samples: FloatArray, n_samples: int) -> FloatArray:
    """A loop's Fourier series at another number of samples: float32 (n,) -> (n_samples,), n >= 2, n_samples even."""
    n = len(samples)
    if n == n_samples:
        return samples
    kept = min((n - 1) // 2, n_samples // 2 - 1) + 1
    spectrum = np.zeros(n_samples // 2 + 1, np.complex64)
    # Without the shorter one's Nyquist bin, which has no phase of its own.
    np.multiply(_series(samples, kept), np.float32(n_samples), out=spectrum[:kept])
    return irfft(spectrum, n_samples)


def _series(samples: FloatArray, count: int) -> ComplexArray:
    """The first `count` Fourier coefficients of a loop, divided by its length: complex64 (count,)."""
    if _largest_prime(len(samples)) <= _EASY_PRIME:
        return mean_rfft(samples)[:count]
    spread, undo = _grid(len(samples), count)
    series = mean_rfft(spread @ samples)[:count]
    series *= undo
    return series


@lru_cache(maxsize=2)
def _grid(n: int, count: int) -> tuple[Any, FloatArray]:
    """A sparse matrix (grid points, n) that spreads samples, and float32 (count,): one over what that does to each of
    the first Fourier coefficients.
    """
    from scipy.sparse import csc_array

    points = _quick_size(max(4 * count, _KERNEL_POINTS))
    rows, weights = np.empty((n, _KERNEL_POINTS), np.int32), np.empty((n, _KERNEL_POINTS), np.float32)
    for start in range(0, n, _BLOCK):
        block = slice(start, min(start + _BLOCK, n))
        rows[block], weights[block] = _near(np.arange(block.start, block.stop) * (points / n), points)
    starts = np.arange(0, rows.size + 1, _KERNEL_POINTS, dtype=np.int32)
    spread = csc_array((weights.ravel(), rows.ravel(), starts), shape=(points, n))
    # The Fourier transform of a Kaiser-Bessel window.
    root = np.sqrt(_KERNEL_SHAPE**2 - np.square(np.pi * _KERNEL_POINTS / points * np.arange(count)))
    return spread, (points / (n * _KERNEL_POINTS) * root / np.sinh(root)).astype(np.float32)


def _near(places: Any, points: int) -> tuple[Any, Any]:
    """The grid points around each place, and a Kaiser-Bessel window there: (n,) -> twice (n, _KERNEL_POINTS)."""
    from scipy.special import i0

    near = np.ceil(places - _KERNEL_POINTS / 2)[:, None] + np.arange(_KERNEL_POINTS)
    away = (near - places[:, None]) / (_KERNEL_POINTS / 2)
    return near % points, i0(_KERNEL_SHAPE * np.sqrt(np.maximum(1 - np.square(away), 0)))


@lru_cache(maxsize=64)
def _quick_size(least: int) -> int:
    """The least product of twos, threes and fives that is not below `least`."""
    odd: list[int] = [3**i * 5**j for i in range(12) for j in range(9) if 3**i * 5**j <= 2 * least]
    return min(factor << (-(-least // factor) - 1).bit_length() for factor in odd)


@lru_cache(maxsize=64)
def _largest_prime(n: int) -> int:
    """The largest prime factor of n >= 2."""
    factor, largest = 2, 1
    while factor * factor <= n:
        if n % factor:
            factor += 1
        else:
            n, largest = n // factor, factor
    return max(n, largest)
