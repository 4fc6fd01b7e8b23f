"""Phase reconstruction of a circular spectrogram: from a magnitude to samples, in single precision.

1. `integration` integrates a first phase from the gradients of the magnitude.
2. All phases are rotated to fit the bass. Near frequency zero a sound interferes with its own mirror image, which
   determines the constant that gradients leave open. In an STFT most of a bar's energy is in a few bins there, where
   gradients are least accurate: these are fitted in a small transform of their own that is cheap to iterate.
3. A few iterations over all bins (`projections`) make the phases consistent.

Sources: Průša, Balazs, Søndergaard 2017 (phase from gradients); Luke 2005 (relaxed averaged alternating reflections,
developed for phase retrieval in optics); Griffin, Lim 1984; Perraudin, Balazs, Søndergaard 2013 (fast Griffin-Lim); Le
Roux et al. 2008 (consistency).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.errors import Cancelled, SettingError
from technogan.phase.integration import integrate
from technogan.phase.projections import gain_to, reflect, settle
from technogan.progress import Progress, Stop
from technogan.transforms.base import Bass, InvertibleTransform, Transform, TransformKind, require_shape

BASS_SETTLING = 3
# Four bars fit into a processor's cache; pieces also limit the memory that a long sequence needs.
_PIECE_FRAMES = 2048


@dataclass(frozen=True, slots=True)
class Method:
    """The amount of work in a reconstruction.

    Attributes:
        from_gradients: start from integrated phases instead of random phases.
        bass: reflections in the bass transform; 0 leaves the integrated phases of the bass.
        reflections: reflections over all bins.
        settling: Griffin-Lim iterations over the parts of the transform in turn.
        relaxation: the share of a reflection that is applied, above 0.5 and up to 1.
        momentum: the share of the last step that a settling iteration adds to its result.
    """

    from_gradients: bool
    bass: int
    reflections: int
    settling: int
    relaxation: float = 0.8
    momentum: float = 0.99


# The method of the prototype: random phases, 32 iterations.
_GRIFFIN_LIM = Method(from_gradients=False, bass=0, reflections=0, settling=32)

METHODS: Mapping[str, Method] = {
    "fast": Method(from_gradients=True, bass=12, reflections=0, settling=3),
    "best": Method(from_gradients=True, bass=60, reflections=60, settling=4),
    "griffin-lim": _GRIFFIN_LIM,
}

# Bands near frequency zero are narrow, so their integrated phases are accurate.
CONSTANT_Q_METHODS: Mapping[str, Method] = {
    "fast": Method(from_gradients=True, bass=0, reflections=0, settling=7, momentum=0.8),
    "best": Method(from_gradients=True, bass=0, reflections=80, settling=8, relaxation=0.95, momentum=0.8),
    "griffin-lim": _GRIFFIN_LIM,
}


def find_method(method: str | Method, kind: TransformKind = "stft") -> Method:
    """Return the method called `method` for a kind of transform, or `method` itself if it is one.

    Raises SettingError for an unknown name.
    """
    if isinstance(method, Method):
        return method
    if method not in METHODS:
        raise SettingError("method", method, f"one of {', '.join(METHODS)}")
    return (METHODS if kind == "stft" else CONSTANT_Q_METHODS)[method]


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
    method = find_method(method, transform.kind)
    require_shape("magnitude (frames, bins)", magnitude, (transform.n_frames, transform.n_bins))
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

    wanted = np.asarray(magnitude, order=transform.order)
    if previous is not None:
        coefficients = transform.forward(previous)
        coefficients *= gain_to(coefficients, wanted)
    elif method.from_gradients:
        coefficients = _estimate_from_gradients(magnitude, wanted, transform, method, poll)
    else:
        coefficients = _polar(wanted, (rng or np.random.default_rng()).random(magnitude.shape, dtype=np.float32))
    count_step()
    signal = reflect(coefficients, wanted, transform, method.reflections, count_step, method.relaxation)
    signal = settle(signal, wanted, transform, method.settling, count_step, method.momentum)
    return transform.to_samples(signal)


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


def _estimate_from_gradients(
    magnitude: FloatArray, wanted: FloatArray, transform: Transform, method: Method, poll: Callable[[], None]
) -> ComplexArray:
    """Return coefficients of integrated phases and fitted bass; `wanted` is the magnitude in the transform's order."""
    # Phases several bars apart are independent.
    pieces = np.array_split(magnitude, -(-len(magnitude) // _PIECE_FRAMES))
    estimates = []
    for piece in pieces:
        estimates.append(integrate(piece, *transform.phase_steps(piece)))
        poll()
    turns = estimates[0] if len(estimates) == 1 else np.concatenate(estimates)
    bass = transform.bass()
    if bass is None:
        return _polar(wanted, turns)
    lowest = slice(0, bass.transform.n_bins)
    wanted_bass = wanted[:, lowest].copy(order="K")
    # The highest bin is at the Nyquist frequency of the small transform.
    wanted_bass[:, -1] = 0
    turns += _find_best_turns(_polar(wanted_bass, turns[:, lowest]), wanted_bass, bass, [len(p) for p in pieces])
    coefficients = _polar(wanted, turns)
    if method.bass:
        kept = slice(0, bass.n_kept)
        first = coefficients[:, lowest].copy(order="K")
        fitted = _fit_bass(first, wanted_bass, bass.transform, method)[:, kept]
        coefficients[:, kept] = fitted * gain_to(fitted, wanted[:, kept])
    return coefficients


def _polar(magnitude: FloatArray, turns: FloatArray) -> ComplexArray:
    """Return coefficients, in the memory order of the magnitude."""
    angle = np.empty_like(magnitude)
    angle[:] = turns - np.rint(turns)
    angle *= np.float32(2 * np.pi)
    coefficients = np.empty_like(magnitude, np.complex64)
    np.cos(angle, out=coefficients.real)
    np.sin(angle, out=coefficients.imag)
    coefficients *= magnitude
    return coefficients


def _fit_bass(
    coefficients: ComplexArray, magnitude: FloatArray, transform: InvertibleTransform, method: Method
) -> ComplexArray:
    """Return the coefficients of the bass transform with consistent phases; overwrites the given ones."""
    signal = reflect(coefficients, magnitude, transform, method.bass, relaxation=method.relaxation)
    signal = settle(signal, magnitude, transform, BASS_SETTLING, momentum=method.momentum)
    return transform.forward(transform.to_samples(signal))


def _find_best_turns(
    coefficients: ComplexArray, magnitude: FloatArray, bass: Bass, pieces: Sequence[int]
) -> FloatArray:
    """Return for each frame the rotation of all phases with which coefficients and magnitude are most consistent.

    It is constant in each piece. Gradients do not determine it, and most bins are not affected. But near frequency zero
    a sound interferes with its own mirror image, which matters for bass drums. A half turn only inverts the samples, so
    smaller angles are enough. `pieces` are numbers of frames. Returns turns, float32 (n_frames, 1).
    """
    transform, mirrored = bass.transform, slice(0, bass.n_mirrored)
    straight = transform.forward(transform.inverse(coefficients)).T[mirrored]
    quarter = transform.forward(transform.inverse(coefficients * np.complex64(1j))).T[mirrored]
    angles = np.pi * np.arange(bass.n_angles) / bass.n_angles
    cosine, sine = np.cos(angles), np.sin(angles)
    # The squared magnitude of cosine * straight + sine * quarter.
    factors = np.stack([cosine**2, sine**2, 2 * cosine * sine], axis=1).astype(np.float32)
    terms = [np.square(np.abs(straight)), np.square(np.abs(quarter)), (straight * quarter.conj()).real]
    found = np.sqrt(np.maximum(np.tensordot(factors, np.stack(terms), 1), 0))
    wanted = magnitude[:, mirrored].T
    if bass.by_roots:
        found, wanted = np.sqrt(found), np.sqrt(wanted)
    misses = np.square(found - wanted).sum(axis=1)
    starts = np.cumsum([0, *pieces[:-1]])
    best = np.add.reduceat(misses, starts, axis=1).argmin(axis=0)
    return np.repeat((best / (2 * bass.n_angles)).astype(np.float32), pieces)[:, np.newaxis]
