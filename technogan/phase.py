"""Samples from a magnitude alone: phase reconstruction of a circular spectrogram.

Two steps, both float32 and free of any edge in time:

1. a first phase integrated from the magnitude's own gradients (`integration`);
2. a few iterations that pull the coefficients towards both being a true transform of samples and having the wanted
   magnitude: relaxed averaged alternating reflections, which escape the poor minima where Griffin-Lim gets stuck,
   then fast Griffin-Lim, which settles.

Sources: Prusa, Balazs, Sondergaard 2017 (phase from gradients); Luke 2005 (relaxed averaged alternating reflections,
for phase retrieval in optics); Griffin, Lim 1984; Perraudin, Balazs, Sondergaard 2013 (fast Griffin-Lim); Le Roux et
al. 2008 (consistency).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from technogan.errors import Cancelled, SettingError, SpecMismatch
from technogan.integration import integrate
from technogan.transform import ComplexArray, FloatArray, Transform

_MOMENTUM = np.float32(0.99)
_RELAXATION = np.float32(0.8)
_LOW_BINS = 16
_ANGLES = 12
_TINY = np.float32(1e-20)

Progress = Callable[[float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Method:
    """How much work goes into a reconstruction.

    from_gradients: begin with integrated phases, not random ones. reflections, settling: iterations of each kind.
    """

    from_gradients: bool
    reflections: int
    settling: int


METHODS: Mapping[str, Method] = {
    "fast": Method(from_gradients=True, reflections=5, settling=2),
    "best": Method(from_gradients=True, reflections=60, settling=4),
    # The prototype's: random phases, 32 iterations.
    "griffin-lim": Method(from_gradients=False, reflections=0, settling=32),
}


def method_named(name: str) -> Method:
    """The method of this name. Raises SettingError for an unknown one."""
    if name not in METHODS:
        raise SettingError("method", name, f"one of {', '.join(METHODS)}")
    return METHODS[name]


def reconstruct(
    magnitude: FloatArray,
    transform: Transform,
    *,
    method: Method = METHODS["fast"],
    rng: np.random.Generator | None = None,
    previous: FloatArray | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> FloatArray:
    """Estimate samples whose transform has this magnitude.

    magnitude: float32 (n_frames, n_bins), linear, finite, >= 0. rng: draws the first phases of a method that begins
    with random ones. previous: float32 (n_samples,), a loop whose phase is taken up instead, so that a small change
    of magnitude stays a small change of sound. progress: called with 0..1. stop: polled between iterations. Returns
    float32 (n_samples,). Raises SpecMismatch for another shape, Cancelled when `stop` says so.
    """
    if magnitude.shape != (transform.n_frames, transform.n_bins):
        raise SpecMismatch("magnitude (frames, bins)", (transform.n_frames, transform.n_bins), magnitude.shape)
    total = 1 + method.reflections + method.settling
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done / total)
        if stop is not None and stop():
            raise Cancelled

    coefficients = _first_guess(magnitude, transform, method, rng, previous)
    step()
    samples = _reflect(coefficients, magnitude, transform, method.reflections, step)
    return _settle(samples, magnitude, transform, method.settling, step)


def spectral_convergence(samples: FloatArray, magnitude: FloatArray, transform: Transform) -> float:
    """20 log10(| |transform(samples)| - magnitude | / |magnitude|) in dB; the lower, the closer.

    Source: Sturmel, Daudet 2011.
    """
    wanted = float(np.linalg.norm(magnitude))
    missed = float(np.linalg.norm(np.abs(transform.forward(samples)) - magnitude))
    return 20 * float(np.log10(max(missed, 1e-30) / max(wanted, 1e-30)))


def _first_guess(
    magnitude: FloatArray,
    transform: Transform,
    method: Method,
    rng: np.random.Generator | None,
    previous: FloatArray | None,
) -> ComplexArray:
    if previous is not None:
        coefficients = transform.forward(previous)
        coefficients *= magnitude / np.maximum(np.abs(coefficients), _TINY)
        return coefficients
    if method.from_gradients:
        turns = integrate(magnitude, *transform.phase_steps(magnitude))
        return _best_turned(_polar(magnitude, turns), magnitude, transform)
    return _polar(magnitude, (rng or np.random.default_rng()).random(magnitude.shape, dtype=np.float32))


def _polar(magnitude: FloatArray, turns: FloatArray) -> ComplexArray:
    angle = turns - np.rint(turns)
    angle *= np.float32(2 * np.pi)
    coefficients = np.empty(magnitude.shape, np.complex64)
    np.cos(angle, out=coefficients.real)
    np.sin(angle, out=coefficients.imag)
    coefficients *= magnitude
    return coefficients


def _best_turned(coefficients: ComplexArray, magnitude: FloatArray, transform: Transform) -> ComplexArray:
    """Add to all phases the one constant under which the lowest bins fit together best.

    Gradients leave it open, and most bins do not mind; but near frequency zero a sound meets its own mirror image,
    and bass drums depend on how. A half turn only flips the sign of the samples, so angles up to there are enough.
    """
    low = slice(0, _LOW_BINS)
    straight = transform.forward(transform.inverse(coefficients))[:, low]
    quarter = transform.forward(transform.inverse(coefficients * np.complex64(1j)))[:, low]
    angles = np.arange(_ANGLES) * (np.pi / _ANGLES)
    misses = [
        np.linalg.norm(np.abs(np.float32(np.cos(a)) * straight + np.float32(np.sin(a)) * quarter) - magnitude[:, low])
        for a in angles
    ]
    coefficients *= np.complex64(np.exp(1j * angles[np.argmin(misses)]))
    return coefficients


def _reflect(
    coefficients: ComplexArray, magnitude: FloatArray, transform: Transform, count: int, step: Callable[[], None]
) -> FloatArray:
    """Relaxed averaged alternating reflections: x <- b (P1(2 P2 x - x) + x) + (1 - 2 b) P2 x.

    P1 makes a true transform, P2 gives the wanted magnitude. Between iterations only what is left to add to b P1(...)
    is kept, in place of `coefficients`; the samples carry the rest.
    """
    samples = transform.inverse(coefficients)
    kept = coefficients
    kept *= 1 - _RELAXATION

    def reflect(frames: slice, x: ComplexArray) -> None:
        gain = _relax(frames, x)
        rest = gain * (1 - 2 * _RELAXATION)
        rest += _RELAXATION
        np.multiply(x, rest, out=kept[frames])
        gain *= 2
        gain -= 1
        x *= gain

    def finish(frames: slice, x: ComplexArray) -> None:
        x *= _relax(frames, x)

    def _relax(frames: slice, x: ComplexArray) -> FloatArray:
        x *= _RELAXATION
        x += kept[frames]
        return _gain(x, magnitude[frames])

    for i in range(count):
        samples = transform.rewrite(samples, finish if i == count - 1 else reflect)
        step()
    return samples


def _settle(
    samples: FloatArray, magnitude: FloatArray, transform: Transform, count: int, step: Callable[[], None]
) -> FloatArray:
    """Fast Griffin-Lim. Its momentum acts between true transforms, so it can act on the samples themselves."""

    def impose(frames: slice, x: ComplexArray) -> None:
        x *= _gain(x, magnitude[frames])

    ahead = samples
    for _ in range(count):
        following = transform.rewrite(ahead, impose)
        ahead = following + _MOMENTUM * (following - samples)
        samples = following
        step()
    return samples


def _gain(x: ComplexArray, magnitude: FloatArray) -> FloatArray:
    """What to multiply x by so that it has the wanted magnitude."""
    size = np.abs(x)
    np.maximum(size, _TINY, out=size)
    return np.divide(magnitude, size, out=size)
