"""The interface of a circular time-frequency transform.

Transforms are circular in time, so that a loop has no edge: frame t is centred on sample t * hop_length, and indices
are modulo n_samples. Coefficients are (n_frames, n_bins), frequency last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from technogan.arrays import ComplexArray, FloatArray

# A magnitude below this share of its highest value counts as zero; TINY replaces zero in divisions and logarithms.
MAGNITUDE_FLOOR = np.float32(1e-10)
TINY = np.float32(1e-20)

# change(frames, coefficients) modifies the coefficients of these frames in place.
Change = Callable[[slice, ComplexArray], None]


class Transform(Protocol):
    """A circular, invertible time-frequency transform of a loop of fixed length."""

    @property
    def n_frames(self) -> int:
        """The number of frames."""

    @property
    def n_bins(self) -> int:
        """The number of frequency bins."""

    @property
    def n_samples(self) -> int:
        """The number of samples of the loop."""

    def forward(self, samples: FloatArray) -> ComplexArray:
        """Transform samples, float32 (n_samples,), to coefficients, complex64 (n_frames, n_bins)."""
        ...

    def inverse(self, coefficients: ComplexArray) -> FloatArray:
        """Return the samples whose transform is closest to the coefficients in the least-squares sense.

        complex64 (n_frames, n_bins) -> float32 (n_samples,); exact if `coefficients` is the transform of a signal.
        """
        ...

    def rewrite(self, samples: FloatArray, change: Change) -> FloatArray:
        """Transform samples, call `change` for each block of frames, and transform back: float32 (n_samples,)."""
        ...

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Estimate phase differences between neighbouring coefficients from the magnitude alone.

        Args:
            magnitude: float32 (n, n_bins), any number of frames.

        Returns:
            Two float32 (n, n_bins), in turns (1 = 2 pi) up to whole turns: phase(t + 1, k) - phase(t, k), circular in
            t, and phase(t, k + 1) - phase(t, k), whose last column has no meaning.
        """
        ...

    def bass(self) -> Transform | None:
        """Return a small transform of the lowest bins that is cheap to iterate, or None if there is none.

        It has the same frames, and its samples are the low-passed, decimated samples of this transform. All of its bins
        except the last few equal the lowest bins of this transform.
        """
        ...

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Select the image's rows from all bins: (n_frames, n_bins) -> (n_frames, n_rows)."""
        ...

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Restore all bins from the image's rows: (n_frames, n_rows) -> (n_frames, n_bins)."""
        ...


def floor_magnitude(magnitude: FloatArray) -> FloatArray:
    """Return a magnitude with a finite logarithm: raise low values to MAGNITUDE_FLOOR times the highest."""
    floor = magnitude.max(initial=0.0) * MAGNITUDE_FLOOR + TINY
    return np.asarray(np.maximum(magnitude, floor), np.float32)
