"""From magnitude to samples in ONNX operators: the engine's method "fast", step by step (`technogan.phase.reconstruction`).

Phases along a maximum spanning forest, the bass fitted in a transform of its own, then fast Griffin-Lim over
everything. Shapes as in `audio_graph_stft`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from technogan.audio_graph.forest import Forest
from technogan.audio_graph.stft import StftGraph
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.graphs.builder import Graph
from technogan.phase.projections import MOMENTUM, RELAXATION
from technogan.phase.reconstruction import ANGLES, BASS_MARGIN, BASS_SETTLING, METHODS
from technogan.transforms.stft import bass_of

_TIME, _PARTS, _FREQUENCY = 1, 2, 3
_METHOD = METHODS["fast"]
_TINY = 1e-20


def samples_of(graph: Graph, magnitude: str, stft: StftGraph, bass: StftGraph | None) -> str:
    """Magnitude (n, n_frames, n_bins) -> pieces of a hop (n, n_frames, hop_length)."""
    phase = Forest(graph, magnitude, *stft.phase_steps(magnitude)).phase()
    coefficients = _polar(graph, magnitude, phase)
    if bass is not None:
        coefficients = _with_bass(graph, coefficients, magnitude, bass)
    return _settled(graph, stft.inverse(coefficients), _standing(graph, magnitude), stft, _METHOD.settling)


def transforms_of(
    graph: Graph, spectrogram_format: SpectrogramFormat, settings: StftSettings
) -> tuple[StftGraph, StftGraph | None]:
    """The transform of a format, without the silent bin at Nyquist, and that of its bass where there is one."""
    hop_length = spectrogram_format.hop_length
    stft = StftGraph(graph, n_fft=settings.n_fft, hop_length=hop_length, n_bins=spectrogram_format.n_bins)
    small = bass_of(settings.n_fft, hop_length)
    return stft, small and StftGraph(graph, n_fft=small[0], hop_length=small[1], n_bins=small[0] // 2 + 1)


def _polar(graph: Graph, magnitude: str, turns: str) -> str:
    """Coefficients of this magnitude and phase."""
    angle = graph.add("Mul", graph.add("Sub", turns, graph.add("Round", turns)), graph.number(2 * np.pi))
    both = (_standing(graph, graph.add(part, angle)) for part in ("Cos", "Sin"))
    return graph.add("Mul", graph.add("Concat", *both, axis=_PARTS), _standing(graph, magnitude))


def _with_bass(graph: Graph, coefficients: str, magnitude: str, bass: StftGraph) -> str:
    """Coefficients whose phases fit together in the lowest bins."""
    kept = bass.n_bins - BASS_MARGIN
    # The uppermost bin is the small transform's own Nyquist bin: it has to be silent.
    wanted = graph.slice(magnitude, 0, bass.n_bins - 1, _PARTS)
    wanted = _standing(graph, graph.add("Pad", wanted, graph.integers(0, 0, 0, 0, 0, 1)))
    lowest = graph.slice(coefficients, 0, bass.n_bins, _FREQUENCY)
    cosine, sine = _best_turn(graph, lowest, wanted, bass)
    coefficients = _turned(graph, coefficients, cosine, sine)
    samples = _reflected(graph, graph.slice(coefficients, 0, bass.n_bins, _FREQUENCY), wanted, bass)
    fitted = bass.forward(_settled(graph, samples, wanted, bass, BASS_SETTLING))
    fitted = graph.slice(fitted, 0, kept, _FREQUENCY)
    gain = _gain_to(graph, fitted, graph.slice(_standing(graph, magnitude), 0, kept, _FREQUENCY))
    above = graph.slice(coefficients, kept, None, _FREQUENCY)
    return graph.add("Concat", graph.add("Mul", fitted, gain), above, axis=_FREQUENCY)


def _best_turn(graph: Graph, coefficients: str, magnitude: str, bass: StftGraph) -> tuple[str, str]:
    """Cosine and sine, (n, 1, 1, 1), of the angle to turn all phases by under which they fit together best."""
    straight = bass.forward(bass.inverse(coefficients))
    quarter = bass.forward(bass.inverse(_quarter(graph, coefficients)))
    angles = np.pi / ANGLES * np.arange(ANGLES)
    cosines, sines = graph.constant(np.cos(angles)), graph.constant(np.sin(angles))
    # Angles come first: (angles, n, frames, 2, bins).
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


def _turned(graph: Graph, coefficients: str, cosine: str, sine: str) -> str:
    turned = graph.add("Mul", _quarter(graph, coefficients), sine)
    return graph.add("Add", graph.add("Mul", coefficients, cosine), turned)


def _quarter(graph: Graph, coefficients: str) -> str:
    """All phases a quarter turn on: times i."""
    real, imaginary = graph.several("Split", coefficients, count=2, axis=_PARTS, num_outputs=2)
    return graph.add("Concat", graph.add("Neg", imaginary), real, axis=_PARTS)


def _reflected(graph: Graph, coefficients: str, magnitude: str, stft: StftGraph) -> str:
    """Relaxed averaged alternating reflections, as `technogan.phase.projections.reflect`; magnitude (n, frames, 1, bins)."""
    relaxation = float(RELAXATION)

    def advanced(inner: Graph, samples: str, kept: str) -> tuple[str, str]:
        x = inner.add("Mul", stft.within(inner).forward(samples), inner.number(relaxation))
        x = inner.add("Add", x, kept)
        return x, _gain_to(inner, x, magnitude)

    def turn(inner: Graph, state: Sequence[str]) -> Sequence[str]:
        x, gain = advanced(inner, *state)
        rest = inner.add("Add", inner.add("Mul", gain, inner.number(1 - 2 * relaxation)), inner.number(relaxation))
        gain = inner.add("Sub", inner.add("Add", gain, gain), inner.number(1))
        return stft.within(inner).inverse(inner.add("Mul", x, gain)), inner.add("Mul", x, rest)

    kept = graph.add("Mul", coefficients, graph.number(1 - relaxation))
    state = dict.fromkeys((stft.inverse(coefficients), kept), TensorProto.FLOAT)
    x, gain = advanced(graph, *graph.repeat(_METHOD.bass - 1, state, turn))
    return stft.inverse(graph.add("Mul", x, gain))


def _settled(graph: Graph, samples: str, magnitude: str, stft: StftGraph, count: int) -> str:
    """Fast Griffin-Lim, as `technogan.phase.projections.settle`; magnitude (n, frames, 1, bins)."""

    def turn(inner: Graph, state: Sequence[str]) -> Sequence[str]:
        samples, ahead = state
        x = stft.within(inner).forward(ahead)
        following = stft.within(inner).inverse(inner.add("Mul", x, _gain_to(inner, x, magnitude)))
        step = inner.add("Mul", inner.add("Sub", following, samples), inner.number(float(MOMENTUM)))
        return following, inner.add("Add", following, step)

    state = {samples: TensorProto.FLOAT, graph.add("Identity", samples): TensorProto.FLOAT}
    return graph.repeat(count, state, turn)[0]


def _gain_to(graph: Graph, x: str, magnitude: str) -> str:
    """What to multiply x by so that it has this magnitude; finite where x is zero."""
    size = graph.add("ReduceL2", x, graph.integers(_PARTS), keepdims=1)
    return graph.add("Div", magnitude, graph.add("Max", size, graph.number(_TINY)))


def _standing(graph: Graph, x: str) -> str:
    """(n, frames, bins) -> (n, frames, 1, bins), to meet coefficients."""
    return graph.add("Unsqueeze", x, graph.integers(_PARTS))
