"""Giving a loop another number of samples, whatever number it had, without a seam.

A slice has as many samples as its tempo and rate ask for, often a number with a large prime factor, and then the usual
transforms take ten times as long. The chirp transform takes any length, and computes only what is needed: the
frequencies that the new length can hold.

Source: Rabiner, Schafer, Rader 1969, The chirp z-transform algorithm.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from technogan.fourier import irfft, mean_rfft
from technogan.transform import ComplexArray, FloatArray

# Lengths whose prime factors do not exceed this are transformed as they are.
_EASY_PRIME = 200


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
    n = len(samples)
    if _largest_prime(n) <= _EASY_PRIME:
        return mean_rfft(samples)[:count]
    chirp, kernel = _chirps(n, count)
    work = np.zeros(len(kernel), np.complex64)
    np.multiply(samples, chirp[:n], out=work[:n])
    # In place, and with the norms that stay in single precision: see technogan.fourier.
    in_place: Any = work
    np.fft.fft(work, norm="forward", out=in_place)
    work *= kernel
    np.fft.ifft(work, out=in_place)
    work[:count] *= chirp[:count]
    return work[:count]


@lru_cache(maxsize=4)
def _chirps(n: int, count: int) -> tuple[ComplexArray, ComplexArray]:
    """The chirp exp(-i pi m^2 / n), complex64 (max(n, count),), and the transform of its inverse, of a length that
    transforms quickly, with the factors that the norms leave out.
    """
    places = np.arange(max(n, count), dtype=np.int64)
    # The square modulo 2 n, whole: a phase of millions of turns would not be exact.
    chirp = np.exp(-1j * np.pi / n * (np.square(places) % (2 * n)))
    size = _quick_size(n + count - 1)
    kernel = np.zeros(size, np.complex128)
    kernel[:count] = chirp[:count].conj()
    kernel[size - n + 1 :] = chirp[1:n][::-1].conj()
    return chirp.astype(np.complex64), (np.fft.fft(kernel) * (size / n)).astype(np.complex64)


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
