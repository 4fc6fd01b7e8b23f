"""Samples from a magnitude alone: phase reconstruction of a circular spectrogram, float32 and free of any edge in time.

1. A first phase is integrated from the magnitude's own gradients (`integration`).
2. The bass is fitted in a transform of its own, small enough to be iterated often: most of a bar's energy lies in a few
   bins near frequency zero, where gradients say least.
3. A few iterations over everything (`projections`) make the phases fit together.

Sources: Prusa, Balazs, Sondergaard 2017 (phase from gradients); Luke 2005 (relaxed averaged alternating reflections,
made for phase retrieval in optics); Griffin, Lim 1984; Perraudin, Balazs, Sondergaard 2013 (fast Griffin-Lim); Le
Roux et al. 2008 (consistency).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.errors import Cancelled, SettingError, SpecMismatch
from technogan.phase.integration import integrate
from technogan.phase.projections import gain_to, reflect, settle
from technogan.progress import Progress, Stop
from technogan.transforms.base import Transform

BASS_SETTLING = 3
# Of the bass transform's bins the uppermost suffer from being its edge.
BASS_MARGIN = 5
ANGLES = 8
# Four bars: all that stays in a processor's cache, and bounds what a sequence of any length needs.
_PIECE_FRAMES = 2048


@dataclass(frozen=True, slots=True)
class Method:
    """How much work goes into a reconstruction.

    from_gradients: begin with integrated phases and fitted bass, not with random phases. bass: reflections in the bass
    transform. reflections, settling: iterations of each kind over everything.
    """

    from_gradients: bool
    bass: int
    reflections: int
    settling: int


METHODS: Mapping[str, Method] = {
    "fast": Method(from_gradients=True, bass=12, reflections=0, settling=3),
    "best": Method(from_gradients=True, bass=60, reflections=60, settling=4),
    # The prototype's: random phases, 32 iterations.
    "griffin-lim": Method(from_gradients=False, bass=0, reflections=0, settling=32),
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

    def poll() -> None:
        if stop is not None and stop():
            raise Cancelled

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done / total)
        poll()

    coefficients = _first_guess(magnitude, transform, method, rng, previous, poll)
    step()
    samples = reflect(coefficients, magnitude, transform, method.reflections, step)
    return settle(samples, magnitude, transform, method.settling, step)


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
    poll: Callable[[], None],
) -> ComplexArray:
    if previous is not None:
        coefficients = transform.forward(previous)
        coefficients *= gain_to(coefficients, magnitude)
        return coefficients
    if not method.from_gradients:
        return _polar(magnitude, (rng or np.random.default_rng()).random(magnitude.shape, dtype=np.float32))
    coefficients = _polar(magnitude, _integrated(magnitude, transform, poll))
    bass = transform.bass()
    if bass is not None:
        _fit_bass(coefficients, magnitude, bass, method.bass)
    return coefficients


def _integrated(magnitude: FloatArray, transform: Transform, poll: Callable[[], None]) -> FloatArray:
    """Phases in turns, from gradients; a long sequence in pieces, since what lies bars apart has no phase in common."""
    pieces = []
    for piece in np.array_split(magnitude, -(-len(magnitude) // _PIECE_FRAMES)):
        pieces.append(integrate(piece, *transform.phase_steps(piece)))
        poll()
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _polar(magnitude: FloatArray, turns: FloatArray) -> ComplexArray:
    angle = turns - np.rint(turns)
    angle *= np.float32(2 * np.pi)
    coefficients = np.empty(magnitude.shape, np.complex64)
    np.cos(angle, out=coefficients.real)
    np.sin(angle, out=coefficients.imag)
    coefficients *= magnitude
    return coefficients


def _fit_bass(coefficients: ComplexArray, magnitude: FloatArray, bass: Transform, reflections: int) -> None:
    """Make the phases of the lowest bins fit together, in place."""
    lowest, kept = slice(0, bass.n_bins), slice(0, bass.n_bins - BASS_MARGIN)
    wanted = magnitude[:, lowest].copy()
    wanted[:, -1] = 0
    coefficients *= _best_turn(coefficients[:, lowest], wanted, bass)
    samples = reflect(coefficients[:, lowest].copy(), wanted, bass, reflections)
    fitted = bass.forward(settle(samples, wanted, bass, BASS_SETTLING))[:, kept]
    coefficients[:, kept] = fitted * gain_to(fitted, magnitude[:, kept])


def _best_turn(coefficients: ComplexArray, magnitude: FloatArray, transform: Transform) -> np.complex64:
    """The constant to turn all phases by under which coefficients and magnitude fit together best.

    Gradients leave it open, and most bins do not mind; but near frequency zero a sound meets its own mirror image,
    and bass drums depend on how. A half turn only flips the sign of the samples, so angles up to there are enough.
    """
    straight = transform.forward(transform.inverse(coefficients))
    quarter = transform.forward(transform.inverse(coefficients * np.complex64(1j)))
    turns = [np.complex64(np.exp(1j * np.pi * i / ANGLES)) for i in range(ANGLES)]
    misses = [np.linalg.norm(np.abs(t.real * straight + t.imag * quarter) - magnitude) for t in turns]
    return turns[int(np.argmin(misses))]
