"""Phase reconstruction of a circular spectrogram: from a magnitude to samples, in single precision.

1. `integration` integrates a first phase from the gradients of the magnitude.
2. The bass is fitted in a small transform of its own that is cheap to iterate. Most of a bar's energy is in a few bins
   near frequency zero, where gradients are least accurate.
3. A few iterations over all bins (`projections`) make the phases consistent.

Sources: Průša, Balazs, Søndergaard 2017 (phase from gradients); Luke 2005 (relaxed averaged alternating reflections,
developed for phase retrieval in optics); Griffin, Lim 1984; Perraudin, Balazs, Søndergaard 2013 (fast Griffin-Lim); Le
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
# The uppermost bins of the bass transform are inaccurate.
BASS_MARGIN = 5
ANGLES = 8
# Four bars fit into a processor's cache; pieces also limit the memory that a long sequence needs.
_PIECE_FRAMES = 2048


@dataclass(frozen=True, slots=True)
class Method:
    """The amount of work in a reconstruction.

    Attributes:
        from_gradients: start from integrated phases and fitted bass instead of random phases.
        bass: reflections in the bass transform.
        reflections: reflections over all bins.
        settling: Griffin-Lim iterations over all bins.
    """

    from_gradients: bool
    bass: int
    reflections: int
    settling: int


METHODS: Mapping[str, Method] = {
    "fast": Method(from_gradients=True, bass=12, reflections=0, settling=3),
    "best": Method(from_gradients=True, bass=60, reflections=60, settling=4),
    # The method of the prototype: random phases, 32 iterations.
    "griffin-lim": Method(from_gradients=False, bass=0, reflections=0, settling=32),
}


def find_method(method: str | Method) -> Method:
    """Return the method called `method`, or `method` itself if it is one. Raises SettingError for an unknown name."""
    if isinstance(method, Method):
        return method
    if method not in METHODS:
        raise SettingError("method", method, f"one of {', '.join(METHODS)}")
    return METHODS[method]


def reconstruct(
    magnitude: FloatArray,
    transform: Transform,
    *,
    method: str | Method = "fast",
    rng: np.random.Generator | None = None,
    previous: FloatArray | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> FloatArray:
    """Estimate samples whose transform has the given magnitude.

    Args:
        magnitude: float32 (n_frames, n_bins), linear, finite, >= 0.
        transform: the transform of the magnitude, such as `transform_of(spec.format)`.
        method: "fast", "best", "griffin-lim" or a `Method`.
        rng: draws the first phases of a method that starts from random phases.
        previous: float32 (n_samples,), a loop whose phases to start from, so that a small change of magnitude is a
            small change of sound.
        progress: called with the share that is done, 0 to 1.
        stop: polled between iterations.

    Returns:
        float32 (n_samples,).

    Raises:
        SpecMismatch: the magnitude has another shape than the transform.
        SettingError: the method is unknown.
        Cancelled: `stop` returned True.
    """
    method = find_method(method)
    if magnitude.shape != (transform.n_frames, transform.n_bins):
        raise SpecMismatch("magnitude (frames, bins)", (transform.n_frames, transform.n_bins), magnitude.shape)
    total = 1 + method.reflections + method.settling
    done = 0

    def poll() -> None:
        if stop is not None and stop():
            raise Cancelled

    def count_step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done / total)
        poll()

    coefficients = _first_guess(magnitude, transform, method, rng, previous, poll)
    count_step()
    samples = reflect(coefficients, magnitude, transform, method.reflections, count_step)
    return settle(samples, magnitude, transform, method.settling, count_step)


def spectral_convergence(samples: FloatArray, magnitude: FloatArray, transform: Transform) -> float:
    """Return the distance between the magnitude of samples and the given magnitude, in dB; lower is closer.

    It is 20 log10(| |transform(samples)| - magnitude | / |magnitude|): 0 dB for silence.

    Args:
        samples: float32 (n_samples,).
        magnitude: float32 (n_frames, n_bins), linear, >= 0, or only the image's rows of it, as `Loop.magnitude`.
        transform: the transform of the magnitude.

    Source: Sturmel, Daudet 2011.
    """
    wanted = float(np.linalg.norm(magnitude))
    actual = np.abs(transform.forward(samples))
    if magnitude.shape[1] != transform.n_bins:
        actual = transform.to_rows(actual)
    missed = float(np.linalg.norm(actual - magnitude))
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
    coefficients = _polar(magnitude, _integrate_in_pieces(magnitude, transform, poll))
    bass = transform.bass()
    if bass is not None:
        _fit_bass(coefficients, magnitude, bass, method.bass)
    return coefficients


def _integrate_in_pieces(magnitude: FloatArray, transform: Transform, poll: Callable[[], None]) -> FloatArray:
    """Integrate phases, in turns; a long sequence in pieces, because phases several bars apart are independent."""
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
    """Make the phases of the lowest bins consistent, in place."""
    lowest, kept = slice(0, bass.n_bins), slice(0, bass.n_bins - BASS_MARGIN)
    wanted = magnitude[:, lowest].copy()
    wanted[:, -1] = 0
    coefficients *= _find_best_turn(coefficients[:, lowest], wanted, bass)
    samples = reflect(coefficients[:, lowest].copy(), wanted, bass, reflections)
    fitted = bass.forward(settle(samples, wanted, bass, BASS_SETTLING))[:, kept]
    coefficients[:, kept] = fitted * gain_to(fitted, magnitude[:, kept])


def _find_best_turn(coefficients: ComplexArray, magnitude: FloatArray, transform: Transform) -> np.complex64:
    """Return the constant rotation of all phases with which coefficients and magnitude are most consistent.

    Gradients do not determine it, and most bins are not affected. But near frequency zero a sound interferes with its
    own mirror image, which matters for bass drums. A half turn only inverts the samples, so smaller angles are enough.
    """
    straight = transform.forward(transform.inverse(coefficients))
    quarter = transform.forward(transform.inverse(coefficients * np.complex64(1j)))
    turns = [np.complex64(np.exp(1j * np.pi * i / ANGLES)) for i in range(ANGLES)]
    misses = [np.linalg.norm(np.abs(t.real * straight + t.imag * quarter) - magnitude) for t in turns]
    return turns[int(np.argmin(misses))]
