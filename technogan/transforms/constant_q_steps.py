"""The weights with which `technogan.transforms.constant_q` estimates phase differences from a magnitude."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.transforms.constant_q_layout import BandLayout, IndexArray

# Runs of bands with equally distant neighbours, as slices of the bands and of their neighbours.
Neighbours = list[tuple[slice, slice]]

# A Hann window over [-w, w] resembles a Gaussian exp(-x^2 / (2 _VARIANCE w^2)). This is the fit of Průša, Balazs,
# Søndergaard 2017, exp(-pi x^2 / (0.25645 n^2)) with n = 2 w. It is also the geometric mean of the curvatures at the
# peaks of the window (0.203) and of its transform (0.131), on which the two gradients depend.
_VARIANCE = 2 * 0.25645 / math.pi

# Slopes over frequency are taken between bands at most this share of a reach apart: beyond that a Hann window no longer
# resembles a Gaussian.
_SLOPE_REACH = 0.5


@dataclass(frozen=True, slots=True)
class StepWeights:
    """Weights of all bands, float32 (n_bins,); see `ConstantQ.phase_steps`.

    Attributes:
        above: each band's upper neighbour for slopes over frequency.
        below: each band's lower neighbour.
        steepest: the largest difference in level to a neighbour.
        rise: weight of the difference to the upper neighbour, for half of the phase advance per frame.
        fall: weight of the difference to the lower neighbour.
        own_advance: phase advance per frame of the band's own frequency, turns.
        curvature: of the log magnitude of an impulse over time, per frame squared.
        sinh_scale: the factor from a relative difference over time to the sinh of a slope.
        half_gaps: half of the distance to the next band, cycles per frame.
    """

    above: Neighbours
    below: Neighbours
    steepest: FloatArray
    rise: FloatArray
    fall: FloatArray
    own_advance: FloatArray
    curvature: FloatArray
    sinh_scale: FloatArray
    half_gaps: FloatArray

    @classmethod
    def of(cls, layout: BandLayout, hop_length: int) -> Self:
        """Return the weights of a layout."""
        f, variance = layout.centres, _VARIANCE * layout.reaches**2
        n_bins = len(f)
        band = np.arange(n_bins)
        # Slightly more, to include neighbours at exactly this distance.
        reach = layout.reaches * (_SLOPE_REACH * (1 + 1e-9))
        below = np.maximum(np.minimum(np.searchsorted(f, f - reach), band - 1), 0)
        above = np.minimum(np.maximum(np.searchsorted(f, f + reach, side="right") - 1, band + 1), n_bins - 1)
        # The lowest and the highest band have only one neighbour and get no slope.
        inner = np.flatnonzero((below < band) & (above > band))
        left, right = f[inner] - f[below[inner]], f[above[inner]] - f[inner]
        weights = np.zeros((3, n_bins), np.float32)
        weights[0, inner] = left * right / variance[inner]
        weights[1, inner] = left / right / (left + right) * variance[inner] * hop_length / 2
        weights[2, inner] = -right / left / (left + right) * variance[inner] * hop_length / 2
        curvature = variance * (2 * np.pi * hop_length) ** 2
        return cls(
            above=_runs(above),
            below=_runs(below),
            steepest=weights[0],
            rise=weights[1],
            fall=weights[2],
            own_advance=(f * hop_length % 1).astype(np.float32),
            curvature=curvature.astype(np.float32),
            sinh_scale=(np.exp(curvature / 2) / 2).astype(np.float32),
            half_gaps=(np.diff(f, append=f[-1]) * hop_length / 2).astype(np.float32),
        )


def _runs(neighbours: IndexArray) -> Neighbours:
    distance = neighbours - np.arange(len(neighbours))
    ends = np.flatnonzero(np.diff(distance, append=len(neighbours))) + 1
    starts = [0, *ends[:-1]]
    return [(slice(a, b), slice(a + distance[a], b + distance[a])) for a, b in zip(starts, ends, strict=True)]
