"""Fourier transforms that stay in float32.

NumPy computes a forward transform of float32 data in double, three times slower, unless norm="forward" is asked for:
its factor of 1 is an integer, which widens the computation. With it the result is divided by the length, which
callers fold into a window. The inverse is fast with the usual norm. NumPy's types know only double precision, hence
the casts.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from technogan.arrays import ComplexArray, FloatArray


def mean_rfft(samples: FloatArray, out: ComplexArray | None = None) -> ComplexArray:
    """rfft(samples) / n along the last axis: float32 (..., n) -> complex64 (..., n // 2 + 1)."""
    return cast(ComplexArray, np.fft.rfft(samples, norm="forward", out=cast(Any, out)))


def rfft(samples: FloatArray) -> ComplexArray:
    """The plain transform along the last axis: float32 (..., n) -> complex64 (..., n // 2 + 1)."""
    spectrum = mean_rfft(samples)
    spectrum *= np.float32(samples.shape[-1])
    return spectrum


def irfft(spectrum: ComplexArray, n: int, out: FloatArray | None = None) -> FloatArray:
    """Inverse of `rfft` to n samples along the last axis: complex64 (..., n // 2 + 1) -> float32 (..., n)."""
    return cast(FloatArray, np.fft.irfft(spectrum, n, out=cast(Any, out)))
