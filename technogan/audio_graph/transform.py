"""The interface of a circular time-frequency transform in ONNX operators, for n loops at once.

Magnitudes and phases are (n, n_frames, n_bins). Coefficients have an axis for real and imaginary parts and an axis for
bins; the transform chooses the order of their axes. Signals are what a transform iterates on, linear in the samples.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from technogan.graphs.builder import Graph
from technogan.transforms.base import MAGNITUDE_FLOOR, TINY, Bass, TransformKind

TIME, FREQUENCY = 1, 2


class InvertibleGraph(Protocol):
    """A transform with an inverse; see `technogan.transforms.base.InvertibleTransform`."""

    n_bins: int
    rank: int  # of coefficients
    parts_axis: int
    bins_axis: int
    _graph: Graph

    def within(self, graph: Graph) -> Self:
        """Return the same transform for the body of a loop."""
        inner = copy.copy(self)
        inner._graph = graph
        return inner

    def parts(self) -> Sequence[tuple[slice, InvertibleGraph]]:
        """Return transforms of some of the bins each; see `technogan.transforms.base.InvertibleTransform.parts`."""
        return ((slice(None), self),)

    def forward(self, signal: str) -> str:
        """Transform a signal to coefficients."""

    def project(self, coefficients: str) -> str:
        """Return the signal closest to coefficients in the least-squares sense."""

    def arrange(self, values: str) -> str:
        """Give values (n, n_frames, n_bins) the shape of coefficients with one part."""

    def arrange_turns(self, turns: str) -> str:
        """Do as `arrange` with phases, in turns, so that they become those of coefficients."""
        return self.arrange(turns)


@dataclass(frozen=True, slots=True)
class BassGraph:
    """The lowest bins as a small transform; with the metadata of the original, `technogan.transforms.base.Bass`."""

    transform: InvertibleGraph
    original: Bass


class TransformGraph(InvertibleGraph, Protocol):
    """A transform whose phases can be estimated; see `technogan.transforms.base.Transform`."""

    kind: TransformKind

    def phase_steps(self, magnitude: str) -> tuple[str, str]:
        """Return phase increments over time and frequency, in turns."""

    def bass(self) -> BassGraph | None:
        """Return the lowest bins as a small transform, or None if there are too few."""

    def from_rows(self, rows: str) -> str:
        """Restore the magnitude of all bins from that of the image's rows, (n, n_frames, n_rows)."""
        return rows

    def to_pieces(self, signal: str) -> str:
        """Return the samples of a signal in pieces of one hop, (n, n_frames, hop_length)."""
        return signal


def floor_magnitude(graph: Graph, magnitude: str) -> str:
    """Apply `technogan.transforms.base.floor_magnitude` to each loop."""
    highest = graph.add("ReduceMax", magnitude, graph.integers(TIME, FREQUENCY), keepdims=1)
    floor = graph.add("Mul", highest, graph.number(float(MAGNITUDE_FLOOR)))
    floor = graph.add("Add", floor, graph.number(float(TINY)))
    return graph.add("Max", magnitude, floor)
