"""Fourier transforms in single precision.

NumPy computes the forward transform of float32 data in double precision, three times slower, unless norm="forward" is
given: the factor of the other norms is a Python integer, which widens the computation. With that norm the result is
divided by the length, which callers fold into a window. The inverse is fast with the usual norm. NumPy's type stubs
know only double precision, hence the casts.
"""

from typing import Any, cast

import numpy as np

from technogan.arrays import ComplexArray, FloatArray


def mean_rfft(samples: FloatArray, out: ComplexArray | None = None) -> ComplexArray:
    """Return rfft(samples) / n along the last axis: float32 (..., n) -> complex64 (..., n // 2 + 1)."""
    return cast(ComplexArray, np.fft.rfft(samples, norm="forward", out=cast(Any, out)))


def rfft(samples: FloatArray) -> ComplexArray:
    """Return the usual transform along the last axis: float32 (..., n) -> complex64 (..., n // 2 + 1)."""
    spectrum = mean_rfft(samples)
    spectrum *= np.float32(samples.shape[-1])
    return spectrum


def irfft(spectrum: ComplexArray, n: int, out: FloatArray | None = None) -> FloatArray:
    """Return the inverse of `rfft` along the last axis: complex64 (..., n // 2 + 1) -> float32 (..., n)."""
    return cast(FloatArray, np.fft.irfft(spectrum, n, out=cast(Any, out)))
