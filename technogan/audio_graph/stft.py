"""The circular STFT of `technogan.transforms.stft` as matrix products, for ONNX graphs.

Samples are in pieces of one hop, (n, n_frames, hop_length); magnitudes are (n, n_frames, n_bins); coefficients are
(n, n_frames, 2, n_bins), real and imaginary parts. The n loops are independent circles. A matrix product of this size
runs near the peak of a processor and does not depend on a Fourier transform of the runtime.
"""

from __future__ import annotations

import copy

import numpy as np

from technogan.arrays import FloatArray
from technogan.graphs.builder import Graph
from technogan.transforms.base import MAGNITUDE_FLOOR, TINY
from technogan.transforms.stft import HANN_GAMMA

_TIME, _FREQUENCY = 1, 2


class StftGraph:
    """The lowest `n_bins` bins of the transform; higher bins count as silent."""

    def __init__(self, graph: Graph, *, n_fft: int, hop_length: int, n_bins: int) -> None:
        self.n_bins = n_bins
        self._graph = graph
        self._n_fft = n_fft
        self._hop_length = hop_length
        self._pieces = n_fft // hop_length
        analysis, synthesis = _matrices(n_fft, hop_length, n_bins)
        self._analysis, self._synthesis = graph.constant(analysis), graph.constant(synthesis)

    def within(self, graph: Graph) -> StftGraph:
        """Return the same transform for the body of a loop."""
        inner = copy.copy(self)
        inner._graph = graph
        return inner

    def forward(self, samples: str) -> str:
        """Transform pieces to coefficients."""
        graph, half = self._graph, self._pieces // 2
        around = graph.pad_circular(samples, half, half - 1, _TIME)
        # Frame t begins half a window before piece t.
        last = self._pieces - 1
        parts = [graph.slice(around, i, i - last if i < last else None, _TIME) for i in range(self._pieces)]
        spectrum = graph.add("MatMul", graph.add("Concat", *parts, axis=_FREQUENCY), self._analysis)
        return graph.reshape(spectrum, 0, 0, 2, self.n_bins)

    def inverse(self, coefficients: str) -> str:
        """Transform coefficients to pieces: the least-squares inverse, exact for consistent coefficients."""
        graph = self._graph
        frames = graph.add("MatMul", graph.reshape(coefficients, 0, 0, 2 * self.n_bins), self._synthesis)
        parts = graph.add_multi_output("Split", frames, count=self._pieces, axis=_FREQUENCY, num_outputs=self._pieces)
        return graph.add("Sum", *(graph.roll(parts[i], i - self._pieces // 2, _TIME) for i in range(self._pieces)))

    def phase_steps(self, magnitude: str) -> tuple[str, str]:
        """Return phase increments over time and frequency, in turns; see `technogan.transforms.stft.Stft`."""
        level = self._graph.add("Log", floor_magnitude(self._graph, magnitude))
        return self._time_steps(level), self._frequency_steps(level)

    def _time_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        rise = graph.add("Sub", graph.slice(level, 2, None, _FREQUENCY), graph.slice(level, 0, -2, _FREQUENCY))
        slope = graph.add("Pad", rise, graph.integers(0, 0, 1, 0, 0, 1))
        both = graph.add("Add", slope, graph.roll(slope, -1, _TIME))
        own = np.arange(self.n_bins) * self._hop_length / self._n_fft % 1
        return graph.plus(graph.add("Mul", both, graph.number(1 / (8 * np.pi * stretch))), own.astype(np.float32))

    def _frequency_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        # A delay is limited to one hop.
        steepest = 2 * np.pi * self._hop_length / self._n_fft / stretch
        rise = graph.add("Sub", graph.roll(level, -1, _TIME), level)
        rise = graph.add("Clip", rise, graph.number(-steepest), graph.number(steepest))
        slope = graph.add("Add", rise, graph.roll(rise, 1, _TIME))
        both = graph.add("Add", graph.slice(slope, 1, None, _FREQUENCY), graph.slice(slope, 0, -1, _FREQUENCY))
        steps = graph.add("Pad", both, graph.integers(0, 0, 0, 0, 0, 1))
        steps = graph.add("Mul", steps, graph.number(-stretch / (8 * np.pi)))
        return graph.add("Sub", steps, graph.number(0.5))

    @property
    def _stretch(self) -> float:
        return HANN_GAMMA * self._n_fft / self._hop_length


def floor_magnitude(graph: Graph, magnitude: str) -> str:
    """Apply `technogan.transforms.base.floor_magnitude` to each loop."""
    highest = graph.add("ReduceMax", magnitude, graph.integers(_TIME, _FREQUENCY), keepdims=1)
    floor = graph.add("Mul", highest, graph.number(float(MAGNITUDE_FLOOR)))
    floor = graph.add("Add", floor, graph.number(float(TINY)))
    return graph.add("Max", magnitude, floor)


def _matrices(n_fft: int, hop_length: int, n_bins: int) -> tuple[FloatArray, FloatArray]:
    """Return the windowed transforms: float32 (n_fft, 2 * n_bins) from samples, (2 * n_bins, n_fft) to samples."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    overlap = np.sum(window**2) / hop_length
    # The products of whole numbers are reduced before they become angles, so they are exact for any size.
    angle = 2 * np.pi / n_fft * (np.outer(np.arange(n_fft), np.arange(n_bins)) % n_fft)
    both = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1)
    # Every bin except the first and the last also stands for its mirror image.
    share = np.where(np.arange(n_bins) % (n_fft // 2) == 0, 1, 2) / n_fft
    analysis = window[:, np.newaxis] * both
    synthesis = (both * np.tile(share, 2) * (window / overlap)[:, np.newaxis]).T
    return analysis.astype(np.float32), synthesis.astype(np.float32)
