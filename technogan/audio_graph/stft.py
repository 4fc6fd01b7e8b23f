"""The circular STFT of `technogan.transforms.stft` as matrix products, for ONNX graphs.

Samples are pieces of a hop, (n, n_frames, hop_length); magnitudes are (n, n_frames, n_bins); coefficients are (n,
n_frames, 2, n_bins), real parts and imaginary parts. n loops are worked on at once, each a circle of its own. A matrix
product of this size runs near a processor's peak, and needs no Fourier transform of the runtime.
"""

from __future__ import annotations

import copy

import numpy as np

from technogan.arrays import FloatArray
from technogan.graphs.builder import Graph
from technogan.transforms.stft import HANN_GAMMA

_TIME, _FREQUENCY = 1, 2
_FLOOR, _LOWEST_FLOOR = 1e-10, 1e-20


class StftGraph:
    """The lowest `n_bins` bins of the transform; those above count as silent."""

    def __init__(self, graph: Graph, *, n_fft: int, hop_length: int, n_bins: int) -> None:
        self.n_bins = n_bins
        self._graph = graph
        self._n_fft = n_fft
        self._hop_length = hop_length
        self._pieces = n_fft // hop_length
        analysis, synthesis = _matrices(n_fft, hop_length, n_bins)
        self._analysis, self._synthesis = graph.constant(analysis), graph.constant(synthesis)

    def within(self, graph: Graph) -> StftGraph:
        """The same transform in the body of a loop."""
        inner = copy.copy(self)
        inner._graph = graph
        return inner

    def forward(self, samples: str) -> str:
        """Pieces -> coefficients."""
        graph, half = self._graph, self._pieces // 2
        around = graph.wrapped(samples, half, half - 1, _TIME)
        # Frame t begins half a window before piece t.
        last = self._pieces - 1
        parts = [graph.slice(around, i, i - last if i < last else None, _TIME) for i in range(self._pieces)]
        spectrum = graph.add("MatMul", graph.add("Concat", *parts, axis=_FREQUENCY), self._analysis)
        return graph.reshape(spectrum, 0, 0, 2, self.n_bins)

    def inverse(self, coefficients: str) -> str:
        """Coefficients -> pieces: least-squares, exact for a true transform."""
        graph = self._graph
        frames = graph.add("MatMul", graph.reshape(coefficients, 0, 0, 2 * self.n_bins), self._synthesis)
        parts = graph.several("Split", frames, count=self._pieces, axis=_FREQUENCY, num_outputs=self._pieces)
        return graph.add("Sum", *(graph.rolled(parts[i], i - self._pieces // 2, _TIME) for i in range(self._pieces)))

    def phase_steps(self, magnitude: str) -> tuple[str, str]:
        """Phase increments over time and over frequency, in turns; see `technogan.transforms.stft.Stft.phase_steps`."""
        level = self._graph.add("Log", floored(self._graph, magnitude))
        return self._time_steps(level), self._frequency_steps(level)

    def _time_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        rise = graph.add("Sub", graph.slice(level, 2, None, _FREQUENCY), graph.slice(level, 0, -2, _FREQUENCY))
        slope = graph.add("Pad", rise, graph.integers(0, 0, 1, 0, 0, 1))
        both = graph.add("Add", slope, graph.rolled(slope, -1, _TIME))
        own = np.arange(self.n_bins) * self._hop_length / self._n_fft % 1
        return graph.plus(graph.add("Mul", both, graph.number(1 / (8 * np.pi * stretch))), own.astype(np.float32))

    def _frequency_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        # No longer delay than a hop counts.
        steepest = 2 * np.pi * self._hop_length / self._n_fft / stretch
        rise = graph.add("Sub", graph.rolled(level, -1, _TIME), level)
        rise = graph.add("Clip", rise, graph.number(-steepest), graph.number(steepest))
        slope = graph.add("Add", rise, graph.rolled(rise, 1, _TIME))
        both = graph.add("Add", graph.slice(slope, 1, None, _FREQUENCY), graph.slice(slope, 0, -1, _FREQUENCY))
        steps = graph.add("Pad", both, graph.integers(0, 0, 0, 0, 0, 1))
        steps = graph.add("Mul", steps, graph.number(-stretch / (8 * np.pi)))
        return graph.add("Sub", steps, graph.number(0.5))

    @property
    def _stretch(self) -> float:
        return HANN_GAMMA * self._n_fft / self._hop_length


def floored(graph: Graph, magnitude: str) -> str:
    """A magnitude with a finite logarithm: as `technogan.transforms.base.floored`, for each loop."""
    highest = graph.add("ReduceMax", magnitude, graph.integers(_TIME, _FREQUENCY), keepdims=1)
    floor = graph.add("Add", graph.add("Mul", highest, graph.number(_FLOOR)), graph.number(_LOWEST_FLOOR))
    return graph.add("Max", magnitude, floor)


def _matrices(n_fft: int, hop_length: int, n_bins: int) -> tuple[FloatArray, FloatArray]:
    """Windows and transforms in one: float32 (n_fft, 2 * n_bins) from samples, (2 * n_bins, n_fft) to samples."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    overlap = np.sum(window**2) / hop_length
    # Products of whole numbers, reduced before they become angles: exact in any size.
    angle = 2 * np.pi / n_fft * (np.outer(np.arange(n_fft), np.arange(n_bins)) % n_fft)
    both = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1)
    # Every bin but the first and the last stands for its mirror image too.
    share = np.where(np.arange(n_bins) % (n_fft // 2) == 0, 1, 2) / n_fft
    analysis = window[:, np.newaxis] * both
    synthesis = (both * np.tile(share, 2) * (window / overlap)[:, np.newaxis]).T
    return analysis.astype(np.float32), synthesis.astype(np.float32)
