"""The circular constant-Q transform of `technogan.transforms.constant_q` in ONNX operators, for n loops at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogan.audio_graph.bands import BandGraph
from technogan.audio_graph.transform import FREQUENCY, TIME, BassGraph, InvertibleGraph, TransformGraph, floor_magnitude
from technogan.formats import ConstantQSettings, SpectrogramFormat
from technogan.graphs.builder import Graph
from technogan.transforms.base import TransformKind
from technogan.transforms.constant_q import ConstantQ
from technogan.transforms.constant_q_layout import BandLayout, layout_of
from technogan.transforms.constant_q_steps import StepWeights


class ConstantQGraph(BandGraph, TransformGraph):
    """The transform of a format. n_sequences: the number of sequences, a tensor (1,); None for single loops."""

    kind: TransformKind = "constant-q"

    def __init__(
        self, graph: Graph, size: SpectrogramFormat, settings: ConstantQSettings, n_sequences: str | None
    ) -> None:
        self._layout = layout_of(size.n_bins, size.hop_length, settings)
        super().__init__(graph, size.n_frames, size.hop_length, self._layout, n_sequences)
        self._weights = StepWeights.of(self._layout, size.hop_length)
        self._n_rows = size.n_bins
        self._settings = settings

    def parts(self) -> Sequence[tuple[slice, InvertibleGraph]]:
        """Return even and odd bands, or the whole transform; see `BandTransform.parts`."""
        parts = [bands for bands, _ in self._original().parts]
        return [(bands, self.select(bands)) for bands in parts] if len(parts) > 1 else super().parts()

    def _original(self) -> ConstantQ:
        return ConstantQ(self._n_frames, self._n_rows, hop_length=self._hop_length, settings=self._settings)

    def phase_steps(self, magnitude: str) -> tuple[str, str]:
        """Return phase increments over time and frequency, in turns; see `ConstantQ.phase_steps`."""
        graph, weights = self._graph, self._weights
        magnitude = floor_magnitude(graph, magnitude)
        advance = self._half_advance(graph.add("Log", magnitude))
        time_steps = graph.plus(graph.add("Add", advance, graph.roll(advance, -1, TIME)), weights.own_advance)
        delay = self._delay(magnitude)
        # The highest bin has none above it; its gap is 0.
        above = graph.add("Pad", graph.slice(delay, 1, None, FREQUENCY), graph.integers(0, 0, 0, 0, 0, 1))
        return time_steps, graph.times(graph.add("Add", delay, above), weights.half_gaps)

    def bass(self) -> BassGraph:
        """Return the bands below half the frame rate, with one sample per frame."""
        hop_length = self._hop_length
        bass = self._original().bass()
        lowest = np.arange(bass.transform.n_bins)
        layout = BandLayout(
            self._layout.centres[lowest] * hop_length, self._layout.reaches[lowest] * hop_length, lowest
        )
        transform = BandGraph(self._graph, self._n_frames, 1, layout, self._n_sequences)
        return BassGraph(transform, bass)

    def from_rows(self, rows: str) -> str:
        """Interpolate the bins between rows, (n, n_frames, n_rows)."""
        if self.n_bins == self._n_rows:
            return rows
        # Each frame of this loop has one row.
        loop = ConstantQ(self._n_rows, self._n_rows, hop_length=self._hop_length, settings=self._settings)
        matrix = loop.from_rows(np.eye(self._n_rows, dtype=np.float32))
        return self._graph.add("MatMul", rows, self._graph.constant(matrix))

    def _half_advance(self, level: str) -> str:
        """Return half of the phase advance per frame relative to the band's own frequency, in turns."""
        graph, weights = self._graph, self._weights
        lowest, highest = graph.constant(-weights.steepest), graph.constant(weights.steepest)
        slopes = []
        for neighbours, factors in ((weights.above, weights.rise), (weights.below, weights.fall)):
            runs = [graph.slice(level, others.start, others.stop, FREQUENCY) for _, others in neighbours]
            difference = graph.add("Sub", graph.add("Concat", *runs, axis=FREQUENCY), level)
            slopes.append(graph.times(graph.add("Min", graph.add("Max", difference, lowest), highest), factors))
        return graph.add("Add", *slopes)

    def _delay(self, magnitude: str) -> str:
        """Return how many frames before the frame's centre the energy is."""
        graph = self._graph
        difference = graph.add("Sub", graph.roll(magnitude, 1, TIME), graph.roll(magnitude, -1, TIME))
        sinh = graph.times(graph.add("Div", difference, magnitude), self._weights.sinh_scale)
        # ONNX Runtime's Asinh is not vectorised.
        size = graph.add("Abs", sinh)
        root = graph.add("Sqrt", graph.add("Add", graph.add("Mul", size, size), graph.number(1)))
        delay = graph.add("Mul", graph.add("Log", graph.add("Add", size, root)), graph.add("Sign", sinh))
        return graph.add("Div", delay, graph.constant(self._weights.curvature))
