"""Pulling coefficients towards both being a true transform of samples and having a wanted magnitude.

Two ways to go back and forth between the two. Reflections look beyond either set and so leave the poor minima where
Griffin-Lim gets stuck; Griffin-Lim settles into the nearest one. `step` is called after each iteration.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.base import Transform

MOMENTUM = np.float32(0.99)
RELAXATION = np.float32(0.8)
_TINY = np.float32(1e-20)

Step = Callable[[], None]


def _no_step() -> None:
    pass


def reflect(
    coefficients: ComplexArray, magnitude: FloatArray, transform: Transform, count: int, step: Step = _no_step
) -> FloatArray:
    """Relaxed averaged alternating reflections: x <- b (P1(2 P2 x - x) + x) + (1 - 2 b) P2 x, b = 0.8.

    P1 makes a true transform, P2 gives the wanted magnitude. coefficients: complex64 (n_frames, n_bins) of that
    magnitude; used up. Returns samples, float32 (n_samples,). Source: Luke 2005.
    """
    samples = transform.inverse(coefficients)
    if not count:
        return samples
    # Between iterations only what is left to add to b P1(...) is kept; the samples carry the rest.
    kept = coefficients
    kept *= 1 - RELAXATION

    def advance(frames: slice, x: ComplexArray) -> FloatArray:
        x *= RELAXATION
        x += kept[frames]
        return gain_to(x, magnitude[frames])

    def change(frames: slice, x: ComplexArray) -> None:
        gain = advance(frames, x)
        rest = gain * (1 - 2 * RELAXATION)
        rest += RELAXATION
        np.multiply(x, rest, out=kept[frames])
        gain *= 2
        gain -= 1
        x *= gain

    def change_last(frames: slice, x: ComplexArray) -> None:
        x *= advance(frames, x)

    for i in range(count):
        samples = transform.rewrite(samples, change_last if i == count - 1 else change)
        step()
    return samples


def settle(
    samples: FloatArray, magnitude: FloatArray, transform: Transform, count: int, step: Step = _no_step
) -> FloatArray:
    """Fast Griffin-Lim. Its momentum acts between true transforms, so it can act on the samples themselves.

    samples: float32 (n_samples,), to begin with. Returns float32 (n_samples,). Sources: Griffin, Lim 1984; Perraudin,
    Balazs, Sondergaard 2013.
    """

    def change(frames: slice, x: ComplexArray) -> None:
        x *= gain_to(x, magnitude[frames])

    ahead = samples
    for _ in range(count):
        following = transform.rewrite(ahead, change)
        ahead = following + MOMENTUM * (following - samples)
        samples = following
        step()
    return samples


def gain_to(x: ComplexArray, magnitude: FloatArray) -> FloatArray:
    """What to multiply x by so that it has this magnitude; finite where x is zero."""
    size = np.abs(x)
    np.maximum(size, _TINY, out=size)
    return np.divide(magnitude, size, out=size)
