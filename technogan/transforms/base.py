"""What phase reconstruction needs of a time-frequency transform, and the one that belongs to a format.

All of it is circular in time: frame t of T is centred on sample t * hop_length, indices modulo n_samples, so that a
loop has no edge. Coefficients are (n_frames, n_bins), frequency last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from technogan.arrays import ComplexArray, FloatArray

# change(frames, coefficients) alters the coefficients of these frames in place.
Change = Callable[[slice, ComplexArray], None]


class Transform(Protocol):
    """A circular, invertible time-frequency transform of a loop of n_samples."""

    @property
    def n_frames(self) -> int: ...

    @property
    def n_bins(self) -> int: ...

    @property
    def n_samples(self) -> int: ...

    def forward(self, samples: FloatArray) -> ComplexArray:
        """float32 (n_samples,) -> complex64 (n_frames, n_bins)."""
        ...

    def inverse(self, coefficients: ComplexArray) -> FloatArray:
        """complex64 (n_frames, n_bins) -> float32 (n_samples,): the least-squares inverse; exact for a true
        transform.
        """
        ...

    def rewrite(self, samples: FloatArray, change: Change) -> FloatArray:
        """inverse(changed(forward(samples))), some frames at a time. Returns float32 (n_samples,)."""
        ...

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How the phase moves between neighbours, estimated from the magnitude alone, in turns (1 = 2 pi).

        magnitude: float32 (n, n_bins), any number of frames. Returns two float32 (n, n_bins): phase(t + 1, k) -
        phase(t, k), circular in t, and phase(t, k + 1) - phase(t, k), whose last column has no meaning. Whole turns
        may be left out.
        """
        ...

    def bass(self) -> Transform | None:
        """A small transform, cheap to iterate, whose bins but the last few are this one's lowest; None where there is
        none.

        It has the same frames; its samples are this one's, low-passed and thinned out.
        """
        ...

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """The image's rows out of all bins: (n_frames, n_bins) -> (n_frames, n_rows)."""
        ...

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """All bins out of the image's rows; what the image leaves out is filled in: (n_frames, n_rows) -> (n_frames,
        n_bins).
        """
        ...


def floored(magnitude: FloatArray) -> FloatArray:
    """A magnitude with a finite logarithm: nothing below 1e-10 of its highest, nor zero. float32, of the same shape."""
    floor = magnitude.max(initial=0.0) * np.float32(1e-10) + np.float32(1e-20)
    return np.asarray(np.maximum(magnitude, floor), np.float32)
