"""Iterative projections between coefficients of a signal and coefficients of a given magnitude.

Reflections overshoot both sets, so they escape the poor minima in which Griffin-Lim gets stuck. Griffin-Lim then
settles into the nearest minimum. Both call `after_iteration` after each iteration.
"""

from collections.abc import Callable

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.base import TINY, Change, InvertibleTransform, Part, Signal

AfterIteration = Callable[[], None]


def _do_nothing() -> None:
    pass


def reflect(
    coefficients: ComplexArray,
    magnitude: FloatArray,
    transform: InvertibleTransform,
    count: int,
    after_iteration: AfterIteration = _do_nothing,
    relaxation: float = 0.8,
) -> Signal:
    """Iterate relaxed averaged alternating reflections: x <- b (P1(2 P2 x - x) + x) + (1 - 2 b) P2 x, b = relaxation.

    P1 projects onto transforms of a signal, P2 onto coefficients of the given magnitude.

    Takes coefficients of the given magnitude, complex64 (n_frames, n_bins), and overwrites them. Returns a signal of
    the transform. Source: Luke 2005.
    """
    signal = transform.project(coefficients)
    if not count:
        return signal
    # Between iterations the signal is P1(...), and `kept` the rest of x.
    share = np.float32(relaxation)
    kept = coefficients
    kept *= 1 - share

    def advance(part: Part, x: ComplexArray) -> FloatArray:
        x *= share
        x += kept[part]
        return gain_to(x, magnitude[part])

    def change(part: Part, x: ComplexArray) -> None:
        gain = advance(part, x)
        rest = gain * (1 - 2 * share)
        rest += share
        np.multiply(x, rest, out=kept[part])
        gain *= 2
        gain -= 1
        x *= gain

    def change_last(part: Part, x: ComplexArray) -> None:
        x *= advance(part, x)

    for i in range(count):
        signal = transform.rewrite(signal, change_last if i == count - 1 else change)
        after_iteration()
    return signal


def settle(
    signal: Signal,
    magnitude: FloatArray,
    transform: InvertibleTransform,
    count: int,
    after_iteration: AfterIteration = _do_nothing,
    momentum: float = 0.99,
) -> Signal:
    """Iterate fast Griffin-Lim on the parts of the transform in turn, which converges faster than on all bins.

    Its momentum acts between transforms of signals, so it is applied to the signal. Starts from a signal of the
    transform and returns one. Sources: Griffin, Lim 1984; Perraudin, Balazs, Søndergaard 2013; Hudson, Larkin 1994
    (ordered subsets).
    """
    parts = [(part, magnitude[:, bins]) for bins, part in transform.parts]
    ahead = signal
    for i in range(count):
        part, wanted = parts[i % len(parts)]
        following = part.rewrite(ahead, _set_magnitude(wanted))
        ahead = following + np.float32(momentum) * (following - signal)
        signal = following
        after_iteration()
    return signal


def _set_magnitude(magnitude: FloatArray) -> Change:
    def change(part: Part, x: ComplexArray) -> None:
        x *= gain_to(x, magnitude[part])

    return change


def gain_to(x: ComplexArray, magnitude: FloatArray) -> FloatArray:
    """Return the gain that gives x this magnitude; finite where x is zero."""
    size = np.abs(x)
    # Too little to change any other number; a maximum takes three times as long.
    size += TINY
    return np.divide(magnitude, size, out=size)
