"""Reconstruct samples from a magnitude in ONNX operators: the method "fast" of `technogan.phase.reconstruction`.

Phases are integrated along a maximum spanning forest and the bass is fitted in a transform of its own, followed by fast
Griffin-Lim over everything. Shapes are those of `technogan.audio_graph.stft`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from technogan.audio_graph.forest import Forest
from technogan.audio_graph.stft import StftGraph
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.graphs.builder import Graph
from technogan.phase.projections import MOMENTUM
from technogan.phase.reconstruction import ANGLES, BASS_SETTLING, METHODS
from technogan.transforms.base import TINY
from technogan.transforms.stft import BASS_MARGIN, bass_size

_TIME, _PARTS, _FREQUENCY = 1, 2, 3
_METHOD = METHODS["fast"]


def add_reconstruction(graph: Graph, magnitude: str, stft: StftGraph, bass: StftGraph | None) -> str:
    """Reconstruct samples in pieces of one hop, (n, n_frames, hop_length), from a magnitude (n, n_frames, n_bins)."""
    phase = Forest(graph, magnitude, *stft.phase_steps(magnitude)).phase()
    coefficients = _polar(graph, magnitude, phase)
    if bass is not None:
        coefficients = _fit_bass(graph, coefficients, magnitude, bass)
    return _settle(graph, stft.inverse(coefficients), _add_parts_axis(graph, magnitude), stft, _METHOD.settling)


def make_transforms(
    graph: Graph, spectrogram_format: SpectrogramFormat, settings: StftSettings
) -> tuple[StftGraph, StftGraph | None]:
    """Return the transform of a format, without the silent Nyquist bin, and that of its bass if it has one."""
    hop_length = spectrogram_format.hop_length
    stft = StftGraph(graph, n_fft=settings.n_fft, hop_length=hop_length, n_bins=spectrogram_format.n_bins)
    small = bass_size(settings.n_fft, hop_length)
    return stft, small and StftGraph(graph, n_fft=small[0], hop_length=small[1], n_bins=small[0] // 2 + 1)


def _polar(graph: Graph, magnitude: str, turns: str) -> str:
    """Return the coefficients of a magnitude and a phase in turns."""
    angle = graph.add("Mul", graph.add("Sub", turns, graph.add("Round", turns)), graph.number(2 * np.pi))
    both = (_add_parts_axis(graph, graph.add(part, angle)) for part in ("Cos", "Sin"))
    return graph.add("Mul", graph.add("Concat", *both, axis=_PARTS), _add_parts_axis(graph, magnitude))


def _fit_bass(graph: Graph, coefficients: str, magnitude: str, bass: StftGraph) -> str:
    """Make the phases of the lowest bins consistent."""
    kept = bass.n_bins - BASS_MARGIN
    # The highest bin is the Nyquist bin of the small transform, which must be silent.
    wanted = graph.slice(magnitude, 0, bass.n_bins - 1, _PARTS)
    wanted = _add_parts_axis(graph, graph.add("Pad", wanted, graph.integers(0, 0, 0, 0, 0, 1)))
    lowest = graph.slice(coefficients, 0, bass.n_bins, _FREQUENCY)
    cosine, sine = _best_rotation(graph, lowest, wanted, bass)
    coefficients = _rotate(graph, coefficients, cosine, sine)
    samples = _reflect(graph, graph.slice(coefficients, 0, bass.n_bins, _FREQUENCY), wanted, bass)
    fitted = bass.forward(_settle(graph, samples, wanted, bass, BASS_SETTLING))
    fitted = graph.slice(fitted, 0, kept, _FREQUENCY)
    gain = _gain_to(graph, fitted, graph.slice(_add_parts_axis(graph, magnitude), 0, kept, _FREQUENCY))
    above = graph.slice(coefficients, kept, None, _FREQUENCY)
    return graph.add("Concat", graph.add("Mul", fitted, gain), above, axis=_FREQUENCY)


def _best_rotation(graph: Graph, coefficients: str, magnitude: str, bass: StftGraph) -> tuple[str, str]:
    """Return cosine and sine, (n, 1, 1, 1), of the rotation of all phases that makes them most consistent."""
    straight = bass.forward(bass.inverse(coefficients))
    quarter = bass.forward(bass.inverse(_rotate_quarter(graph, coefficients)))
    angles = np.pi / ANGLES * np.arange(ANGLES)
    cosines, sines = graph.constant(np.cos(angles)), graph.constant(np.sin(angles))
    # The first axis is that of the angles: (angles, n, frames, 2, bins).
    ways = [
        graph.add("Mul", graph.add("Unsqueeze", x, graph.integers(0)), graph.reshape(factors, ANGLES, 1, 1, 1, 1))
        for x, factors in ((straight, cosines), (quarter, sines))
    ]
    size = graph.add("ReduceL2", graph.add("Add", *ways), graph.integers(1 + _PARTS), keepdims=1)
    miss = graph.add("Sub", size, graph.add("Unsqueeze", magnitude, graph.integers(0)))
    misses = graph.add("ReduceSumSquare", miss, graph.integers(2, 3, 4), keepdims=0)
    best = graph.add("ArgMin", misses, axis=0, keepdims=0)
    cosine, sine = (graph.reshape(graph.add("Gather", factors, best), -1, 1, 1, 1) for factors in (cosines, sines))
    return cosine, sine


def _rotate(graph: Graph, coefficients: str, cosine: str, sine: str) -> str:
    rotated = graph.add("Mul", _rotate_quarter(graph, coefficients), sine)
    return graph.add("Add", graph.add("Mul", coefficients, cosine), rotated)


def _rotate_quarter(graph: Graph, coefficients: str) -> str:
    """Multiply by i: advance all phases by a quarter turn."""
    real, imaginary = graph.add_multi_output("Split", coefficients, count=2, axis=_PARTS, num_outputs=2)
    return graph.add("Concat", graph.add("Neg", imaginary), real, axis=_PARTS)


def _reflect(graph: Graph, coefficients: str, magnitude: str, stft: StftGraph) -> str:
    """Apply `technogan.phase.projections.reflect`; the magnitude is (n, frames, 1, bins)."""
    relaxation = _METHOD.relaxation

    def advance(inner: Graph, samples: str, kept: str) -> tuple[str, str]:
        x = inner.add("Mul", stft.within(inner).forward(samples), inner.number(relaxation))
        x = inner.add("Add", x, kept)
        return x, _gain_to(inner, x, magnitude)

    def iterate(inner: Graph, state: Sequence[str]) -> Sequence[str]:
        x, gain = advance(inner, *state)
        rest = inner.add("Add", inner.add("Mul", gain, inner.number(1 - 2 * relaxation)), inner.number(relaxation))
        gain = inner.add("Sub", inner.add("Add", gain, gain), inner.number(1))
        return stft.within(inner).inverse(inner.add("Mul", x, gain)), inner.add("Mul", x, rest)

    kept = graph.add("Mul", coefficients, graph.number(1 - relaxation))
    state = dict.fromkeys((stft.inverse(coefficients), kept), TensorProto.FLOAT)
    x, gain = advance(graph, *graph.repeat(_METHOD.bass - 1, state, iterate))
    return stft.inverse(graph.add("Mul", x, gain))


def _settle(graph: Graph, samples: str, magnitude: str, stft: StftGraph, count: int) -> str:
    """Apply `technogan.phase.projections.settle`; the magnitude is (n, frames, 1, bins)."""

    def iterate(inner: Graph, state: Sequence[str]) -> Sequence[str]:
        samples, ahead = state
        x = stft.within(inner).forward(ahead)
        following = stft.within(inner).inverse(inner.add("Mul", x, _gain_to(inner, x, magnitude)))
        step = inner.add("Mul", inner.add("Sub", following, samples), inner.number(float(MOMENTUM)))
        return following, inner.add("Add", following, step)

    state = {samples: TensorProto.FLOAT, graph.add("Identity", samples): TensorProto.FLOAT}
    return graph.repeat(count, state, iterate)[0]


def _gain_to(graph: Graph, x: str, magnitude: str) -> str:
    """Return the gain that gives x this magnitude; finite where x is zero."""
    size = graph.add("ReduceL2", x, graph.integers(_PARTS), keepdims=1)
    return graph.add("Div", magnitude, graph.add("Max", size, graph.number(float(TINY))))


def _add_parts_axis(graph: Graph, x: str) -> str:
    """Reshape (n, frames, bins) to (n, frames, 1, bins), the axes of coefficients."""
    return graph.add("Unsqueeze", x, graph.integers(_PARTS))
