"""Iterative projections between coefficients of a signal and coefficients of a given magnitude.

Reflections overshoot both sets, so they escape the poor minima in which Griffin-Lim gets stuck. Griffin-Lim then
settles into the nearest minimum. Both call `after_iteration` after each iteration.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.base import TINY, Transform

MOMENTUM = np.float32(0.99)
RELAXATION = np.float32(0.8)

AfterIteration = Callable[[], None]


def _do_nothing() -> None:
    pass


def reflect(
    coefficients: ComplexArray,
    magnitude: FloatArray,
    transform: Transform,
    count: int,
    after_iteration: AfterIteration = _do_nothing,
) -> FloatArray:
    """Iterate relaxed averaged alternating reflections: x <- b (P1(2 P2 x - x) + x) + (1 - 2 b) P2 x, b = RELAXATION.

    P1 projects onto transforms of a signal, P2 onto coefficients of the given magnitude.

    Takes coefficients of the given magnitude, complex64 (n_frames, n_bins), and overwrites them. Returns samples,
    float32 (n_samples,). Source: Luke 2005.
    """
    samples = transform.inverse(coefficients)
    if not count:
        return samples
    # Between iterations the samples hold P1(...), and `kept` the rest of x.
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
        after_iteration()
    return samples


def settle(
    samples: FloatArray,
    magnitude: FloatArray,
    transform: Transform,
    count: int,
    after_iteration: AfterIteration = _do_nothing,
) -> FloatArray:
    """Iterate fast Griffin-Lim. Its momentum acts between transforms of signals, so it is applied to the samples.

    Starts from samples, float32 (n_samples,), and returns as many. Sources: Griffin, Lim 1984; Perraudin, Balazs,
    Søndergaard 2013.
    """

    def change(frames: slice, x: ComplexArray) -> None:
        x *= gain_to(x, magnitude[frames])

    ahead = samples
    for _ in range(count):
        following = transform.rewrite(ahead, change)
        ahead = following + MOMENTUM * (following - samples)
        samples = following
        after_iteration()
    return samples


def gain_to(x: ComplexArray, magnitude: FloatArray) -> FloatArray:
    """Return the gain that gives x this magnitude; finite where x is zero."""
    size = np.abs(x)
    np.maximum(size, TINY, out=size)
    return np.divide(magnitude, size, out=size)
