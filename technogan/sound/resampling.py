"""Circular resampling: the Fourier series of a loop, evaluated at another number of points.

A fast Fourier transform takes ten times as long if the length has a large prime factor, as slices of a track often do.
The series of such a loop is computed with a transform of an easy length instead: the samples are padded with silence,
and the coefficients are interpolated from the transform's bins. Weights on the samples undo the interpolation.

Sources: Dutt, Rokhlin 1993 (transforms of unequally spaced data); Beatty, Nishimura, Pauly 2005 (the kernel).
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.fourier import irfft, mean_rfft

# Lengths without larger prime factors are transformed as they are.
_LARGEST_EASY_PRIME = 200
# A kernel of ten bins and half as much silence as sound leave an error of 5e-7 of the highest coefficient.
_KERNEL_BINS = 10
_PADDING = 1.5


def resample(samples: FloatArray, n_samples: int) -> FloatArray:
    """Resample a loop circularly: band-limited, without edge effects or delay.

    Args:
        samples: float32 (n,), n >= 1.
        n_samples: the new length; `samples` itself is returned if it is the current one.

    Returns:
        float32 (n_samples,).
    """
    n = len(samples)
    if n == n_samples:
        return samples
    shorter = min(n, n_samples)
    edge = shorter // 2
    series = np.zeros(n_samples // 2 + 1, np.complex64)
    series[: edge + 1] = _fourier_series(samples, edge + 1)
    if shorter % 2 == 0:
        # The Nyquist bin of the shorter length represents both signs of its frequency. For more samples, the positive
        # one gets half of it; for fewer samples, both are added.
        series[edge] = series[edge] / 2 if n_samples > n else 2 * series[edge].real
    resampled = irfft(series, n_samples)
    resampled *= np.float32(n_samples)
    return resampled


def _fourier_series(samples: FloatArray, count: int) -> ComplexArray:
    """Return the first `count` Fourier coefficients of a loop, complex64 (count,)."""
    n = len(samples)
    if _largest_prime_factor(n) <= _LARGEST_EASY_PRIME:
        return mean_rfft(samples)[:count]
    n_padded, first_bins, kernel, weights = _kernel(n, count)
    # Time 0 stays at index 0: the second half of the loop goes to the end, as negative times.
    half = (n + 1) // 2
    padded = np.zeros(n_padded, np.float32)
    np.multiply(samples[:half], weights[:half], out=padded[:half])
    np.multiply(samples[half:], weights[n - half : 0 : -1], out=padded[n_padded - n + half :])
    bins = mean_rfft(padded)
    mirrored = np.concatenate([bins[_KERNEL_BINS:0:-1].conj(), bins, bins[-2 : -2 - _KERNEL_BINS : -1].conj()])
    series = np.zeros(count, np.complex64)
    term = np.empty(count, np.complex64)
    for i in range(_KERNEL_BINS):
        # Indices are in range; mode="clip" skips the check.
        np.take(mirrored[i:], first_bins, out=term, mode="clip")
        term *= kernel[i]
        series += term
    return series


@lru_cache(maxsize=4)
def _kernel(n: int, count: int) -> tuple[int, npt.NDArray[np.intp], FloatArray, FloatArray]:
    """Return the interpolation of the first `count` coefficients of n samples.

    Returns the padded length, the first mirrored bin of each coefficient, the weights of its bins, float32
    (_KERNEL_BINS, count), and the weights of the samples at the times 0, 1, ..., float32 (n // 2 + 1,).
    """
    n_padded = _easy_length(math.ceil(_PADDING * n))
    ratio = n_padded / n
    shape = np.pi * np.sqrt(((ratio - 0.5) * _KERNEL_BINS / ratio) ** 2 - 0.8)
    centres = ratio * np.arange(count)
    first_bins = np.ceil(centres - _KERNEL_BINS / 2)
    kernel = np.empty((_KERNEL_BINS, count), np.float32)
    for i in range(_KERNEL_BINS):
        distance = (first_bins + i - centres) / (_KERNEL_BINS / 2)
        kernel[i] = np.i0(shape * np.sqrt(np.maximum(1 - distance**2, 0)))
    # The Fourier transform of a Kaiser-Bessel window.
    root = np.sqrt(shape**2 - np.square(np.pi * _KERNEL_BINS / n_padded * np.arange(n // 2 + 1)))
    weights = ratio / _KERNEL_BINS * root / np.sinh(root)
    return n_padded, first_bins.astype(np.intp) + _KERNEL_BINS, kernel, weights.astype(np.float32)


def _easy_length(least: int) -> int:
    """Return the smallest length >= `least` with hardly any prime factors but 2, for a fast transform."""
    return min(odd << max((-(-least // odd) - 1).bit_length(), 1) for odd in (1, 3, 5, 9, 15, 25, 27, 45))


@lru_cache(maxsize=64)
def _largest_prime_factor(n: int) -> int:
    factor, largest = 2, 1
    while factor * factor <= n:
        if n % factor:
            factor += 1
        else:
            n, largest = n // factor, factor
    return max(n, largest)
