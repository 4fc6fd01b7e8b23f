"""The K-weighting of BS.1770 in ONNX operators: a recursive filter around the circle, one hop of samples at a time.

In state space: x[i + 1] = A x[i] + B u[i], y[i] = C x[i] + D u[i]. The outputs of a hop are a matrix product of its
inputs and the state before it, and so is the hop's contribution to the state after it. The state before a hop sums the
decaying contributions of earlier hops, which is a short convolution.
"""

import math

import numpy as np
import numpy.typing as npt

from technogan.graphs.builder import Graph
from technogan.sound.level import Filter, k_filters

Matrix = npt.NDArray[np.float64]

_HOPS = 1
# A contribution that has decayed to this factor is neglected: far below the resolution of the loudness.
_NEGLIGIBLE = 1e-6


def add_weighting(graph: Graph, pieces: str, sample_rate: float, *, hop_length: int, n_frames: int) -> str:
    """Filter samples in pieces of one hop, (n, frames, hop_length), where `frames` is a multiple of `n_frames`."""
    a, b, c, d = _cascade(*(_state_space(each) for each in k_filters(sample_rate)))
    powers = [np.linalg.matrix_power(a, i) for i in range(hop_length + 1)]
    response = np.array([d, *((c @ power @ b).item() for power in powers[:-1])])
    delay = np.subtract.outer(np.arange(hop_length), np.arange(hop_length))
    to_state = np.hstack([power @ b for power in powers[hop_length - 1 :: -1]]).T
    from_state = np.vstack([c @ power for power in powers[:-1]]).T
    state = _states(graph, graph.add("MatMul", pieces, graph.constant(to_state)), powers[-1], n_frames)
    direct = graph.add("MatMul", pieces, graph.constant(np.where(delay >= 0, response[np.abs(delay)], 0).T))
    return graph.add("Add", direct, graph.add("MatMul", state, graph.constant(from_state)))


def _states(graph: Graph, added: str, hop: Matrix, n_frames: int) -> str:
    """Return the state before each hop, (n, frames, states). added: contribution of each hop. hop: decay in a hop."""
    kernel = [np.eye(len(hop))]
    while np.abs(kernel[-1]).max() > _NEGLIGIBLE:
        kernel.append(kernel[-1] @ hop)
    copies = math.ceil(len(kernel) / n_frames)
    circle = graph.add("Concat", *[added] * copies, axis=_HOPS) if copies > 1 else added
    before = graph.slice(circle, -len(kernel), None, _HOPS)
    history = graph.add("Concat", before, graph.slice(added, 0, -1, _HOPS), axis=_HOPS)
    weights = graph.constant(np.stack(kernel[::-1], axis=-1))
    state = graph.add("Conv", graph.add("Transpose", history, perm=[0, 2, 1]), weights)
    return graph.add("Transpose", state, perm=[0, 2, 1])


def _state_space(filter_: Filter) -> tuple[Matrix, Matrix, Matrix, float]:
    """Return the controllable canonical form of a second-order filter: (2, 2), (2, 1), (1, 2) and a number."""
    (b0, b1, b2), (a0, a1, a2) = filter_
    d = b0 / a0
    a = np.array([[-a1 / a0, -a2 / a0], [1, 0]])
    c = np.array([[b1 / a0 - d * a1 / a0, b2 / a0 - d * a2 / a0]])
    return a, np.array([[1.0], [0.0]]), c, d


def _cascade(
    first: tuple[Matrix, Matrix, Matrix, float], second: tuple[Matrix, Matrix, Matrix, float]
) -> tuple[Matrix, Matrix, Matrix, float]:
    a1, b1, c1, d1 = first
    a2, b2, c2, d2 = second
    a = np.block([[a1, np.zeros((2, 2))], [b2 @ c1, a2]])
    return a, np.vstack([b1, b2 * d1]), np.hstack([d2 * c1, c2]), d1 * d2
