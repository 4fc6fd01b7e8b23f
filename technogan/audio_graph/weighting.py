"""BS.1770's weighting of a loop in ONNX operators: a recursive filter, a hop at a time, around the circle.

In state space: x[i + 1] = A x[i] + B u[i], y[i] = C x[i] + D u[i]. Over a hop of samples the outputs are one matrix
product of the inputs and the state before, and so is what the hop adds to the state after; what states add up to over
earlier hops is a short convolution, since the filter forgets.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from technogan.graphs.builder import Graph
from technogan.sound.level import Filter, k_filters

Matrix = npt.NDArray[np.float64]

_HOPS = 1
# Earlier hops count until so little of them is left: far below the loudness's own resolution.
_FORGOTTEN = 1e-6


class Weighting:
    """n_frames: hops of one loop; a sequence has a multiple."""

    def __init__(self, graph: Graph, sample_rate: float, hop_length: int, n_frames: int) -> None:
        self._graph = graph
        self._n_frames = n_frames
        a, b, c, d = _in_a_row(*(_state_space(each) for each in k_filters(sample_rate)))
        powers = [np.linalg.matrix_power(a, i) for i in range(hop_length + 1)]
        response = np.array([d, *((c @ power @ b).item() for power in powers[:-1])])
        delay = np.subtract.outer(np.arange(hop_length), np.arange(hop_length))
        self._direct = np.where(delay >= 0, response[np.abs(delay)], 0).T
        self._gathered = np.hstack([power @ b for power in powers[hop_length - 1 :: -1]]).T
        self._shown = np.vstack([c @ power for power in powers[:-1]]).T
        self._hop = powers[-1]

    def weighted(self, pieces: str) -> str:
        """Pieces of a hop, (n, frames, hop_length), in and out."""
        graph = self._graph
        state = self._states(graph.add("MatMul", pieces, graph.constant(self._gathered)))
        direct = graph.add("MatMul", pieces, graph.constant(self._direct))
        return graph.add("Add", direct, graph.add("MatMul", state, graph.constant(self._shown)))

    def _states(self, added: str) -> str:
        """The state before each hop, (n, frames, states), from what each hop adds to it."""
        graph = self._graph
        kernel = [np.eye(len(self._hop))]
        while np.abs(kernel[-1]).max() > _FORGOTTEN:
            kernel.append(kernel[-1] @ self._hop)
        copies = math.ceil(len(kernel) / self._n_frames)
        circle = graph.add("Concat", *[added] * copies, axis=_HOPS) if copies > 1 else added
        before = graph.slice(circle, -len(kernel), None, _HOPS)
        history = graph.add("Concat", before, graph.slice(added, 0, -1, _HOPS), axis=_HOPS)
        weights = graph.constant(np.stack(kernel[::-1], axis=-1))
        state = graph.add("Conv", graph.add("Transpose", history, perm=[0, 2, 1]), weights)
        return graph.add("Transpose", state, perm=[0, 2, 1])


def _state_space(filter_: Filter) -> tuple[Matrix, Matrix, Matrix, float]:
    """Controllable canonical form of a filter of second order: (2, 2), (2, 1), (1, 2) and a number."""
    (b0, b1, b2), (a0, a1, a2) = filter_
    d = b0 / a0
    a = np.array([[-a1 / a0, -a2 / a0], [1, 0]])
    c = np.array([[b1 / a0 - d * a1 / a0, b2 / a0 - d * a2 / a0]])
    return a, np.array([[1.0], [0.0]]), c, d


def _in_a_row(
    first: tuple[Matrix, Matrix, Matrix, float], second: tuple[Matrix, Matrix, Matrix, float]
) -> tuple[Matrix, Matrix, Matrix, float]:
    a1, b1, c1, d1 = first
    a2, b2, c2, d2 = second
    a = np.block([[a1, np.zeros((2, 2))], [b2 @ c1, a2]])
    return a, np.vstack([b1, b2 * d1]), np.hstack([d2 * c1, c2]), d1 * d2
