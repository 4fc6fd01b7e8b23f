"""The interface of a circular time-frequency transform.

Transforms are circular in time, so that a loop has no edge: frame t is centred on sample t * hop_length, and indices
are modulo n_samples. Coefficients are (n_frames, n_bins), frequency last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from technogan.arrays import ComplexArray, FloatArray
from technogan.errors import SpecMismatch

# A magnitude below this share of its highest value counts as zero; TINY replaces zero in divisions and logarithms.
MAGNITUDE_FLOOR = np.float32(1e-10)
TINY = np.float32(1e-20)

# The part of an array (n_frames, n_bins) that a block of coefficients covers: block = array[part].
Part = tuple[slice, slice]

# change(part, coefficients) modifies a block of coefficients in place.
Change = Callable[[Part, ComplexArray], None]

TransformKind = Literal["stft", "constant-q"]

# A signal in the form that a transform iterates on, linear in the samples.
Signal = npt.NDArray[Any]


class InvertibleTransform(Protocol):
    """A circular, invertible time-frequency transform of a loop of fixed length.

    Iterations run on signals: the samples, or another form of them that costs the transform less.

    Attributes:
        order: the memory order of blocks of coefficients: arrays that are combined with them are fastest in this order.
    """

    n_frames: int
    n_bins: int
    n_samples: int
    order: Literal["C", "F"]

    @property
    def parts(self) -> Sequence[tuple[slice, InvertibleTransform]]:
        """Transforms of some of the bins each, with the same signals, each of which determines a signal by itself."""
        return ((slice(None), self),)

    def forward(self, samples: FloatArray) -> ComplexArray:
        """Transform samples, float32 (n_samples,), to coefficients, complex64 (n_frames, n_bins)."""

    def inverse(self, coefficients: ComplexArray) -> FloatArray:
        """Return the samples whose transform is closest to the coefficients in the least-squares sense.

        complex64 (n_frames, n_bins) -> float32 (n_samples,); exact if `coefficients` is the transform of a signal.
        """
        return self.to_samples(self.project(coefficients))

    def project(self, coefficients: ComplexArray) -> Signal:
        """Return the signal of `inverse`."""

    def rewrite(self, signal: Signal, change: Change) -> Signal:
        """Transform a signal, call `change` for each block of coefficients, and transform back."""

    def to_signal(self, samples: FloatArray) -> Signal:
        """Return the signal of samples, float32 (n_samples,)."""
        return samples

    def to_samples(self, signal: Signal) -> FloatArray:
        """Return the samples of a signal, float32 (n_samples,)."""
        return signal


class Transform(InvertibleTransform, Protocol):
    """A transform whose phases can be estimated from the magnitude, and whose bins belong to the rows of an image.

    Attributes:
        kind: the kind of the transform, on which the iterations of a method depend.
    """

    kind: TransformKind

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Estimate phase differences between neighbouring coefficients from the magnitude alone.

        magnitude: float32 (n, n_bins), any number of frames. Returns two arrays of the same shape, in turns (1 = 2 pi)
        up to whole turns: phase(t + 1, k) - phase(t, k), circular in t, and phase(t, k + 1) - phase(t, k), whose last
        column has no meaning.
        """

    def bass(self) -> Bass | None:
        """Return the lowest bins as a small transform, or None if there are too few."""

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Select the image's rows from all bins: (n_frames, n_bins) -> (n_frames, n_rows)."""

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Restore all bins from the image's rows: (n_frames, n_rows) -> (n_frames, n_bins)."""


@dataclass(frozen=True, slots=True)
class Bass:
    """The lowest bins of a transform as a small transform that is cheap to iterate.

    Attributes:
        transform: has the same frames; its samples are the low-passed, decimated samples.
        n_kept: number of its bins that equal the lowest bins of the whole transform; the rest are inaccurate.
        n_mirrored: number of lowest bins in which a sound interferes with its own mirror image below frequency zero.
        by_roots: compare the square roots of these bins' magnitudes, so that weak ones count more.
        n_angles: number of rotations to compare.
    """

    transform: InvertibleTransform
    n_kept: int
    n_mirrored: int
    by_roots: bool
    n_angles: int


def require_shape(name: str, array: npt.NDArray[Any], wanted: tuple[int, ...]) -> None:
    """Raise SpecMismatch unless the array has this shape."""
    if array.shape != wanted:
        raise SpecMismatch(name, wanted, array.shape)


def floor_magnitude(magnitude: FloatArray) -> FloatArray:
    """Return a magnitude with a finite logarithm: raise low values to MAGNITUDE_FLOOR times the highest."""
    floor = magnitude.max(initial=0.0) * MAGNITUDE_FLOOR + TINY
    return np.asarray(np.maximum(magnitude, floor), np.float32)
