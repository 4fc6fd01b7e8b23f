"""Phases along a maximum spanning forest, as `technogan.phase.integration` finds it, in ONNX operators.

The same steps in the same order: every bin joins its strongest neighbour, then basin after basin joins over its
strongest pass (Boruvka 1926). Bins of all loops are numbered through, (n, n_frames, n_bins) in C order; no edge leads
from one loop to another. Phases are in turns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from technogan.graphs.builder import Graph
from technogan.phase.integration import LOWEST_PASS, TIE_BREAK

_TIME, _FREQUENCY = 1, 2


class Forest:
    """Writes the integration of one magnitude, (n, n_frames, n_bins), into a graph."""

    def __init__(self, graph: Graph, magnitude: str, time_steps: str, frequency_steps: str) -> None:
        self._graph = graph
        self._size = graph.add("Size", magnitude)
        self._shape = graph.add("Shape", magnitude)
        self._magnitude = self._told_apart(magnitude)
        self._steps = time_steps, frequency_steps
        self._here = graph.add("Reshape", self._numbered(self._size), self._shape)

    def phase(self) -> str:
        """(n, n_frames, n_bins): each tree has phase 0 at its peak."""
        graph = self._graph
        parent, over = self._steepest_ascent()
        root, phase = _roots(graph, self._flat(parent), self._flat(over))
        numbers = self._numbered(self._size)
        is_peak = graph.cast(graph.add("Equal", root, numbers), TensorProto.INT64)
        number = graph.add(
            "Sub", graph.add("CumSum", is_peak, graph.constant(np.array(0))), graph.constant(np.array(1))
        )
        basin = graph.gathered(number, root)
        peaks = _where(graph, graph.cast(is_peak, TensorProto.BOOL))
        first, second, steps = self._passes(root)
        rise = graph.add("Add", steps, graph.gathered(phase, first))
        rise = graph.add("Sub", rise, graph.gathered(phase, second))
        ends = graph.gathered(basin, first), graph.gathered(basin, second)
        tree, over = self._joined(*ends, rise, graph.add("Shape", peaks))
        heights = graph.gathered(self._flat(self._magnitude), peaks)
        over = graph.add("Sub", over, graph.gathered(over, self._strongest(tree, heights)))
        phase = graph.add("Add", phase, graph.gathered(over, basin))
        return graph.add("Reshape", phase, self._shape)

    def _told_apart(self, magnitude: str) -> str:
        """Equal bins differ by how loud their frames are."""
        graph = self._graph
        frames = graph.add("ReduceMean", magnitude, graph.integers(_FREQUENCY), keepdims=1)
        highest = graph.add("ReduceMax", frames, graph.integers(_TIME), keepdims=1)
        share = graph.add("Div", frames, graph.add("Max", highest, graph.number(1e-20)))
        gain = graph.add("Add", graph.add("Mul", share, graph.number(float(TIE_BREAK))), graph.number(1))
        return graph.add("Mul", magnitude, gain)

    def _steepest_ascent(self) -> tuple[str, str]:
        """Each bin's strongest neighbour, itself at a peak, and its phase over that one."""
        graph, m = self._graph, self._magnitude
        later, earlier = graph.rolled(m, -1, _TIME), graph.rolled(m, 1, _TIME)
        around = graph.add("Pad", m, graph.integers(0, 0, 1, 0, 0, 1), graph.number(-1))
        above, below = graph.slice(around, 2, None, _FREQUENCY), graph.slice(around, 0, -2, _FREQUENCY)
        along_time, along_frequency = graph.add("Max", later, earlier), graph.add("Max", above, below)
        is_later, is_above = graph.add("GreaterOrEqual", later, earlier), graph.add("GreaterOrEqual", above, below)
        in_time = graph.add("GreaterOrEqual", along_time, along_frequency)
        is_peak = graph.add("GreaterOrEqual", m, graph.add("Max", along_time, along_frequency))
        ways = in_time, is_later, is_above, is_peak
        here, one = self._here, graph.constant(np.array(1))
        parent = self._chosen(
            ways,
            (graph.rolled(here, -1, _TIME), graph.rolled(here, 1, _TIME)),
            (graph.add("Add", here, one), graph.add("Sub", here, one)),
            here,
        )
        time_steps, frequency_steps = self._steps
        lower = graph.slice(graph.add("Pad", frequency_steps, graph.integers(0, 0, 1, 0, 0, 0)), 0, -1, _FREQUENCY)
        over = self._chosen(
            ways,
            (graph.add("Neg", time_steps), graph.rolled(time_steps, 1, _TIME)),
            (graph.add("Neg", frequency_steps), lower),
            graph.number(0),
        )
        return parent, over

    def _chosen(self, ways: Sequence[str], time: tuple[str, str], frequency: tuple[str, str], peak: str) -> str:
        in_time, is_later, is_above, is_peak = ways
        graph = self._graph
        chosen = graph.add("Where", is_later, *time)
        chosen = graph.add("Where", in_time, chosen, graph.add("Where", is_above, *frequency))
        return graph.add("Where", is_peak, peak, chosen)

    def _passes(self, root: str) -> tuple[str, str, str]:
        """Neighbouring bins of different basins that are worth crossing, by rising strength: first, second, step."""
        graph = self._graph
        basin = graph.add("Reshape", root, self._shape)
        enough = graph.gathered(self._flat(self._magnitude), root)
        enough = graph.add("Mul", graph.add("Reshape", enough, self._shape), graph.number(LOWEST_PASS))
        ways = [self._ways(enough, basin, axis, self._steps[axis - _TIME]) for axis in (_TIME, _FREQUENCY)]
        strength, *found = (graph.add("Concat", *parts, axis=0) for parts in zip(*ways, strict=True))
        # Equals stay in their own order.
        _, order = graph.several("TopK", strength, graph.add("Shape", strength), count=2, axis=0, largest=0)
        first, second, step = (graph.gathered(values, order) for values in found)
        return first, second, step

    def _ways(self, enough: str, basin: str, axis: int, steps: str) -> tuple[str, str, str, str]:
        """Of the passes along one axis, flat: how strong, from where, to where, and the phase step."""
        crossing, strength = self._crossings(enough, basin, axis)
        first = _where(self._graph, self._flat(crossing))
        arrays = strength, self._here, self._next(self._here, axis), steps
        strong, here, there, step = (self._graph.gathered(self._flat(array), first) for array in arrays)
        return strong, here, there, step

    def _crossings(self, enough: str, basin: str, axis: int) -> tuple[str, str]:
        """From which bins a step along `axis` crosses into another basin, and how strong the pass is."""
        graph, m = self._graph, self._magnitude
        following = self._next(m, axis)
        apart = graph.add("Not", graph.add("Equal", basin, self._next(basin, axis)))
        high = graph.add("Greater", graph.add("Min", m, following), graph.add("Min", enough, self._next(enough, axis)))
        crossing, strength = graph.add("And", apart, high), graph.add("Mul", m, following)
        return graph.add("And", crossing, self._strongest_beside(strength, basin, axis)), strength

    def _strongest_beside(self, strength: str, basin: str, axis: int) -> str:
        """Where no crossing beside it leads from the same basin to the same other and is stronger."""
        graph, beside = self._graph, _TIME + _FREQUENCY - axis
        same = graph.add("Equal", basin, self._next(basin, beside))
        same = graph.add("And", same, self._next(same, axis))
        stronger = graph.add("Greater", self._next(strength, beside), strength)
        after = graph.add("And", same, stronger)
        before = self._previous(graph.add("And", same, graph.add("Not", stronger)), beside)
        return graph.add("Not", graph.add("Or", after, before))

    def _next(self, x: str, axis: int) -> str:
        """Each bin's later or upper neighbour; the uppermost has itself."""
        if axis == _TIME:
            return self._graph.rolled(x, -1, axis)
        above, highest = self._graph.slice(x, 1, None, axis), self._graph.slice(x, -1, None, axis)
        return self._graph.add("Concat", above, highest, axis=axis)

    def _previous(self, flags: str, axis: int) -> str:
        """Each bin's earlier or lower neighbour's; the lowest has False."""
        graph = self._graph
        if axis == _TIME:
            return graph.rolled(flags, 1, axis)
        lowest = graph.slice(flags, 0, 1, axis)
        never = graph.add("And", lowest, graph.add("Not", lowest))
        return graph.add("Concat", never, graph.slice(flags, 0, -1, axis), axis=axis)

    def _joined(self, a: str, b: str, rise: str, count: str) -> tuple[str, str]:
        """Boruvka's rounds: for each basin the root of its tree, and its phase over that one.

        count: how many basins there are, (1,).
        """
        graph = self._graph
        basins = self._numbered(graph.add("Squeeze", count))
        still, none = graph.filled(count, 0.0), graph.filled(count, -1)

        def join(inner: Graph, state: Sequence[str]) -> tuple[str, Sequence[str]]:
            a, b, rise, root, phase = state
            parent, over = _roots(inner, *_strongest_passes(inner, a, b, rise, basins, none))
            phase = inner.add("Add", phase, inner.gathered(over, root))
            root = inner.gathered(parent, root)
            ends = inner.gathered(parent, a), inner.gathered(parent, b)
            apart = _where(inner, inner.add("Not", inner.add("Equal", *ends)))
            gained = inner.add("Sub", inner.gathered(over, a), inner.gathered(over, b))
            a, b, rise = (inner.gathered(x, apart) for x in (*ends, inner.add("Add", rise, gained)))
            return _any(inner, apart), (a, b, rise, root, phase)

        integer, real = TensorProto.INT64, TensorProto.FLOAT
        state = {a: integer, b: integer, rise: real, basins: integer, still: real}
        *_, root, phase = graph.loop(_any(graph, a), state, join)
        return root, phase

    def _strongest(self, tree: str, heights: str) -> str:
        """For each basin the one with the highest peak in its tree."""
        graph = self._graph
        count = graph.add("Shape", heights)
        _, rising = graph.several("TopK", heights, count, count=2, axis=0, largest=0)
        places, trees = self._numbered(graph.add("Size", heights)), graph.gathered(tree, rising)
        best = graph.add("ScatterElements", graph.filled(count, 0), trees, places, axis=0, reduction="max")
        return graph.gathered(rising, graph.gathered(best, tree))

    def _flat(self, x: str) -> str:
        return self._graph.reshape(x, -1)

    def _numbered(self, count: str) -> str:
        return _numbered(self._graph, count)


def _strongest_passes(graph: Graph, a: str, b: str, rise: str, basins: str, none: str) -> tuple[str, str]:
    """Each basin's neighbour over its strongest pass, and its phase over that one; one of each mutual pair is a
    root.
    """
    ranks = _numbered(graph, graph.add("Size", a))
    best = none
    for ends in (a, b):
        best = graph.add("ScatterElements", best, ends, ranks, axis=0, reduction="max")
    chosen = graph.add("Max", best, graph.constant(np.array(0)))
    joins = graph.add("Equal", best, chosen)
    from_a, from_b, gained = (graph.gathered(x, chosen) for x in (a, b, rise))
    is_a = graph.add("Equal", from_a, basins)
    other = graph.add("Where", joins, graph.add("Where", is_a, from_b, from_a), basins)
    over = graph.add("Where", is_a, graph.add("Neg", gained), gained)
    mutual = graph.add("Equal", graph.gathered(other, other), basins)
    is_root = graph.add("And", mutual, graph.add("LessOrEqual", basins, other))
    return graph.add("Where", is_root, basins, other), graph.add("Where", is_root, graph.number(0), over)


def _roots(graph: Graph, parent: str, phase: str) -> tuple[str, str]:
    """For every node the root of its tree, and its phase over that root: pointer jumping."""

    def jump(inner: Graph, state: Sequence[str]) -> tuple[str, Sequence[str]]:
        parent, phase = state
        further = inner.gathered(parent, parent)
        gained = inner.add("Add", phase, inner.gathered(phase, parent))
        moved = inner.cast(inner.add("Not", inner.add("Equal", further, parent)), TensorProto.INT32)
        going = inner.cast(inner.add("ReduceMax", moved, keepdims=0), TensorProto.BOOL)
        return going, (further, gained)

    true = graph.constant(np.array(True))
    root, over = graph.loop(true, {parent: TensorProto.INT64, phase: TensorProto.FLOAT}, jump)
    return root, over


def _numbered(graph: Graph, count: str) -> str:
    """0, 1, ... count - 1."""
    return graph.add("Range", graph.constant(np.array(0)), count, graph.constant(np.array(1)))


def _where(graph: Graph, flags: str) -> str:
    """The places of what is true among (size,)."""
    return graph.reshape(graph.add("NonZero", flags), -1)


def _any(graph: Graph, x: str) -> str:
    return graph.add("Greater", graph.add("Size", x), graph.constant(np.array(0)))
