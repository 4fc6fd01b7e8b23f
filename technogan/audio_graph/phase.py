"""Reconstruct samples from a magnitude in ONNX operators: the method "fast" of `technogan.phase.reconstruction`.

Phases are integrated along a maximum spanning forest and fitted to the bass in a transform of its own, followed by fast
Griffin-Lim over everything. Shapes are those of `technogan.audio_graph.transform`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from technogan.audio_graph.forest import Forest
from technogan.audio_graph.transform import FREQUENCY, BassGraph, InvertibleGraph, TransformGraph
from technogan.graphs.builder import Graph
from technogan.phase.reconstruction import BASS_SETTLING, Method, find_method
from technogan.transforms.base import TINY


def add_reconstruction(graph: Graph, magnitude: str, transform: TransformGraph) -> str:
    """Reconstruct samples in pieces of one hop, (n, n_frames, hop_length), from a magnitude (n, n_frames, n_bins)."""
    method = find_method("fast", transform.kind)
    turns = Forest(graph, magnitude, *transform.phase_steps(magnitude)).phase()
    bass = transform.bass()
    if bass is None:
        coefficients = _polar(graph, magnitude, turns, transform)
    else:
        lowest = _Lowest(graph, magnitude, bass)
        turns = graph.add("Add", turns, lowest.best_turn(turns))
        coefficients = _polar(graph, magnitude, turns, transform)
        if method.bass:
            coefficients = lowest.fit(coefficients, turns, method)
    wanted = transform.arrange(magnitude)
    signal = _reflect(graph, coefficients, wanted, transform, method.reflections, method.relaxation)
    return transform.to_pieces(_settle(graph, signal, wanted, transform, method.settling, method.momentum))


class _Lowest:
    """The lowest bins of a magnitude, whose phases are fitted in the bass transform."""

    def __init__(self, graph: Graph, magnitude: str, bass: BassGraph) -> None:
        self._graph = graph
        self._transform = bass.transform
        self._bass = bass.original
        # The highest bin is at the Nyquist frequency of the small transform, so it must be silent.
        lowest = graph.slice(magnitude, 0, bass.transform.n_bins - 1, FREQUENCY)
        self._magnitude = graph.add("Pad", lowest, graph.integers(0, 0, 0, 0, 0, 1))
        self._wanted = bass.transform.arrange(self._magnitude)

    def best_turn(self, turns: str) -> str:
        """Return the rotation of all phases, (n, 1, 1) in turns, that makes them most consistent."""
        graph, transform, n_angles = self._graph, self._transform, self._bass.n_angles
        coefficients = self._polar(turns)
        straight, quarter = (
            self._first(transform.forward(transform.project(x)), self._bass.n_mirrored)
            for x in (coefficients, _rotate_quarter(graph, coefficients, transform))
        )
        # The first axis is that of the angles.
        angles = (np.pi / n_angles * np.arange(n_angles)).reshape(-1, *[1] * transform.rank)
        turned = graph.add("Add", graph.times(straight, np.cos(angles)), graph.times(quarter, np.sin(angles)))
        size = graph.add("ReduceL2", turned, graph.integers(1 + transform.parts_axis), keepdims=1)
        wanted = self._first(self._wanted, self._bass.n_mirrored)
        if self._bass.by_roots:
            size, wanted = graph.add("Sqrt", size), graph.add("Sqrt", wanted)
        miss = graph.add("Sub", size, wanted)
        n_loops = graph.slice(graph.add("Shape", turns), 0, 1, 0)
        shape = graph.add("Concat", graph.integers(n_angles), n_loops, graph.integers(-1), axis=0)
        misses = graph.add("ReduceSumSquare", graph.add("Reshape", miss, shape), graph.integers(2), keepdims=0)
        best = graph.cast(graph.add("ArgMin", misses, axis=0, keepdims=0), TensorProto.FLOAT)
        return graph.reshape(graph.add("Mul", best, graph.number(0.5 / n_angles)), -1, 1, 1)

    def fit(self, coefficients: str, turns: str, method: Method) -> str:
        """Return coefficients of the whole transform with consistent phases in the lowest bins."""
        graph, transform, n_kept = self._graph, self._transform, self._bass.n_kept
        signal = _reflect(graph, self._polar(turns), self._wanted, transform, method.bass, method.relaxation)
        signal = _settle(graph, signal, self._wanted, transform, BASS_SETTLING, method.momentum)
        fitted = self._first(transform.forward(signal), n_kept)
        gain = _gain_to(graph, fitted, self._first(self._wanted, n_kept), transform)
        above = graph.slice(coefficients, n_kept, None, transform.bins_axis)
        return graph.add("Concat", graph.add("Mul", fitted, gain), above, axis=transform.bins_axis)

    def _polar(self, turns: str) -> str:
        lowest = self._graph.slice(turns, 0, self._transform.n_bins, FREQUENCY)
        return _polar(self._graph, self._magnitude, lowest, self._transform)

    def _first(self, coefficients: str, count: int) -> str:
        return self._graph.slice(coefficients, 0, count, self._transform.bins_axis)


def _polar(graph: Graph, magnitude: str, turns: str, transform: InvertibleGraph) -> str:
    """Return the coefficients of a magnitude and a phase in turns."""
    turns = transform.arrange_turns(turns)
    angle = graph.add("Mul", graph.add("Sub", turns, graph.add("Round", turns)), graph.number(2 * np.pi))
    parts = graph.add("Concat", graph.add("Cos", angle), graph.add("Sin", angle), axis=transform.parts_axis)
    return graph.add("Mul", parts, transform.arrange(magnitude))


def _rotate_quarter(graph: Graph, coefficients: str, transform: InvertibleGraph) -> str:
    """Multiply by i: advance all phases by a quarter turn."""
    axis = transform.parts_axis
    real, imaginary = graph.add_multi_output("Split", coefficients, count=2, axis=axis, num_outputs=2)
    return graph.add("Concat", graph.add("Neg", imaginary), real, axis=axis)


def _reflect(
    graph: Graph, coefficients: str, magnitude: str, transform: InvertibleGraph, count: int, relaxation: float
) -> str:
    """Apply `technogan.phase.projections.reflect`; the magnitude has the shape of coefficients with one part."""
    signal = transform.project(coefficients)
    if not count:
        return signal

    def advance(inner: Graph, signal: str, kept: str) -> tuple[str, str]:
        x = inner.add("Mul", transform.within(inner).forward(signal), inner.number(relaxation))
        x = inner.add("Add", x, kept)
        return x, _gain_to(inner, x, magnitude, transform)

    def iterate(inner: Graph, state: Sequence[str]) -> Sequence[str]:
        x, gain = advance(inner, *state)
        rest = inner.add("Add", inner.add("Mul", gain, inner.number(1 - 2 * relaxation)), inner.number(relaxation))
        gain = inner.add("Sub", inner.add("Add", gain, gain), inner.number(1))
        return transform.within(inner).project(inner.add("Mul", x, gain)), inner.add("Mul", x, rest)

    kept = graph.add("Mul", coefficients, graph.number(1 - relaxation))
    x, gain = advance(graph, *graph.repeat(count - 1, dict.fromkeys((signal, kept), TensorProto.FLOAT), iterate))
    return transform.project(graph.add("Mul", x, gain))


def _settle(graph: Graph, signal: str, magnitude: str, transform: InvertibleGraph, count: int, momentum: float) -> str:
    """Apply `technogan.phase.projections.settle`; the magnitude has the shape of coefficients with one part."""
    parts = [
        (part, graph.slice(magnitude, bins.start, bins.stop, part.bins_axis, bins.step))
        for bins, part in transform.parts()
    ]

    def iterate(inner: Graph, state: Sequence[str], count: int = len(parts)) -> Sequence[str]:
        signal, ahead = state
        for part, wanted in parts[:count]:
            x = part.within(inner).forward(ahead)
            x = inner.add("Mul", x, _gain_to(inner, x, wanted, part))
            following = part.within(inner).project(x)
            step = inner.add("Mul", inner.add("Sub", following, signal), inner.number(momentum))
            signal, ahead = following, inner.add("Add", following, step)
        return signal, ahead

    state = dict.fromkeys((signal, graph.add("Identity", signal)), TensorProto.FLOAT)
    rounds, rest = divmod(count, len(parts))
    return iterate(graph, graph.repeat(rounds, state, iterate), rest)[0]


def _gain_to(graph: Graph, x: str, magnitude: str, transform: InvertibleGraph) -> str:
    """Return the gain that gives x this magnitude; finite where x is zero."""
    size = graph.add("ReduceL2", x, graph.integers(transform.parts_axis), keepdims=1)
    return graph.add("Div", magnitude, graph.add("Max", size, graph.number(float(TINY))))
