"""The circular STFT of `technogan.transforms.stft` as matrix products, for ONNX graphs.

Signals are samples in pieces of one hop, (n, n_frames, hop_length); coefficients are (n, n_frames, 2, n_bins), real and
imaginary parts. The n loops are independent circles of any number of frames. A matrix product of this size runs near
the peak of a processor and does not depend on a Fourier transform of the runtime.
"""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.audio_graph.transform import FREQUENCY, TIME, BassGraph, TransformGraph, floor_magnitude
from technogan.graphs.builder import Graph
from technogan.transforms.base import TransformKind
from technogan.transforms.stft import HANN_GAMMA, Stft, bass_size


class StftGraph(TransformGraph):
    """The lowest `n_bins` bins; higher bins are silent."""

    kind: TransformKind = "stft"
    rank, parts_axis, bins_axis = 4, 2, 3

    def __init__(self, graph: Graph, *, n_fft: int, hop_length: int, n_bins: int) -> None:
        self.n_bins = n_bins
        self._graph = graph
        self._n_fft = n_fft
        self._hop_length = hop_length
        self._pieces = n_fft // hop_length
        analysis, synthesis = _matrices(n_fft, hop_length, n_bins)
        self._analysis, self._synthesis = graph.constant(analysis), graph.constant(synthesis)

    def forward(self, samples: str) -> str:
        """Transform pieces to coefficients."""
        graph, half = self._graph, self._pieces // 2
        around = graph.pad_circular(samples, half, half - 1, TIME)
        # Frame t begins half a window before piece t.
        last = self._pieces - 1
        parts = [graph.slice(around, i, i - last if i < last else None, TIME) for i in range(self._pieces)]
        spectrum = graph.add("MatMul", graph.add("Concat", *parts, axis=FREQUENCY), self._analysis)
        return graph.reshape(spectrum, 0, 0, 2, self.n_bins)

    def project(self, coefficients: str) -> str:
        """Transform coefficients to pieces: the least-squares inverse, exact for consistent coefficients."""
        graph = self._graph
        frames = graph.add("MatMul", graph.reshape(coefficients, 0, 0, 2 * self.n_bins), self._synthesis)
        parts = graph.add_multi_output("Split", frames, count=self._pieces, axis=FREQUENCY, num_outputs=self._pieces)
        return graph.add("Sum", *(graph.roll(parts[i], i - self._pieces // 2, TIME) for i in range(self._pieces)))

    def arrange(self, values: str) -> str:
        """Give values (n, n_frames, n_bins) the shape of coefficients with one part."""
        return self._graph.add("Unsqueeze", values, self._graph.integers(self.parts_axis))

    def bass(self) -> BassGraph | None:
        """Return the lowest bins as a small transform, or None if there are too few."""
        small = bass_size(self._n_fft, self._hop_length)
        bass = Stft(self._pieces, n_fft=self._n_fft, hop_length=self._hop_length).bass()
        if small is None or bass is None:
            return None
        transform = StftGraph(self._graph, n_fft=small[0], hop_length=small[1], n_bins=bass.transform.n_bins)
        return BassGraph(transform, bass)

    def phase_steps(self, magnitude: str) -> tuple[str, str]:
        """Return phase increments over time and frequency, in turns; see `technogan.transforms.stft.Stft`."""
        level = self._graph.add("Log", floor_magnitude(self._graph, magnitude))
        return self._time_steps(level), self._frequency_steps(level)

    def _time_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        rise = graph.add("Sub", graph.slice(level, 2, None, FREQUENCY), graph.slice(level, 0, -2, FREQUENCY))
        slope = graph.add("Pad", rise, graph.integers(0, 0, 1, 0, 0, 1))
        both = graph.add("Add", slope, graph.roll(slope, -1, TIME))
        own = np.arange(self.n_bins) * self._hop_length / self._n_fft % 1
        return graph.plus(graph.add("Mul", both, graph.number(1 / (8 * np.pi * stretch))), own.astype(np.float32))

    def _frequency_steps(self, level: str) -> str:
        graph, stretch = self._graph, self._stretch
        # A delay is limited to one hop.
        steepest = 2 * np.pi * self._hop_length / self._n_fft / stretch
        rise = graph.add("Sub", graph.roll(level, -1, TIME), level)
        rise = graph.add("Clip", rise, graph.number(-steepest), graph.number(steepest))
        slope = graph.add("Add", rise, graph.roll(rise, 1, TIME))
        both = graph.add("Add", graph.slice(slope, 1, None, FREQUENCY), graph.slice(slope, 0, -1, FREQUENCY))
        steps = graph.add("Pad", both, graph.integers(0, 0, 0, 0, 0, 1))
        steps = graph.add("Mul", steps, graph.number(-stretch / (8 * np.pi)))
        return graph.add("Sub", steps, graph.number(0.5))

    @property
    def _stretch(self) -> float:
        return HANN_GAMMA * self._n_fft / self._hop_length


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
