"""Integrate phases along a maximum spanning forest in ONNX operators, as `technogan.phase.integration` does.

The steps and their order are the same: every bin joins its strongest neighbour, then basins join over their strongest
passes (Borůvka 1926). The bins of all loops are numbered consecutively, (n, n_frames, n_bins) in C order; no edge
connects two loops. Phases are in turns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from technogan.graphs.builder import Graph
from technogan.phase.integration import LOWEST_PASS, TIE_BREAK
from technogan.transforms.base import TINY

_TIME, _FREQUENCY = 1, 2


class Forest:
    """Adds the integration of one magnitude, (n, n_frames, n_bins), to a graph."""

    def __init__(self, graph: Graph, magnitude: str, time_steps: str, frequency_steps: str) -> None:
        self._graph = graph
        self._size = graph.add("Size", magnitude)
        self._shape = graph.add("Shape", magnitude)
        self._magnitude = self._break_ties(magnitude)
        self._steps = time_steps, frequency_steps
        self._here = graph.add("Reshape", _range(graph, self._size), self._shape)

    def phase(self) -> str:
        """Return the phases, (n, n_frames, n_bins); each tree has phase 0 at its peak."""
        graph = self._graph
        parent, over = self._steepest_ascent()
        root, phase = _roots(graph, self._flat(parent), self._flat(over))
        is_peak = graph.cast(graph.add("Equal", root, _range(graph, self._size)), TensorProto.INT64)
        number = graph.add(
            "Sub", graph.add("CumSum", is_peak, graph.constant(np.array(0))), graph.constant(np.array(1))
        )
        basin = graph.gather(number, root)
        peaks = _indices(graph, graph.cast(is_peak, TensorProto.BOOL))
        first, second, steps, strength = self._passes(root)
        rise = graph.add("Add", steps, graph.gather(phase, first))
        rise = graph.add("Sub", rise, graph.gather(phase, second))
        ends = graph.gather(basin, first), graph.gather(basin, second)
        count = graph.add("Shape", peaks)
        tree, over = _join_basins(graph, *ends, rise, strength, count)
        heights = graph.gather(self._flat(self._magnitude), peaks)
        highest = _strongest(graph, [tree], heights, graph.fill(count, -1.0), graph.fill(count, -1))
        over = graph.add("Sub", over, graph.gather(over, graph.gather(highest, tree)))
        phase = graph.add("Add", phase, graph.gather(over, basin))
        return graph.add("Reshape", phase, self._shape)

    def _break_ties(self, magnitude: str) -> str:
        """Make equal bins differ by the level of their frames."""
        graph = self._graph
        frames = graph.add("ReduceMean", magnitude, graph.integers(_FREQUENCY), keepdims=1)
        highest = graph.add("ReduceMax", frames, graph.integers(_TIME), keepdims=1)
        share = graph.add("Div", frames, graph.add("Max", highest, graph.number(float(TINY))))
        gain = graph.add("Add", graph.add("Mul", share, graph.number(float(TIE_BREAK))), graph.number(1))
        return graph.add("Mul", magnitude, gain)

    def _steepest_ascent(self) -> tuple[str, str]:
        """Return each bin's strongest neighbour, or itself at a peak, and its phase relative to that neighbour."""
        graph, m = self._graph, self._magnitude
        later, earlier = graph.roll(m, -1, _TIME), graph.roll(m, 1, _TIME)
        around = graph.add("Pad", m, graph.integers(0, 0, 1, 0, 0, 1), graph.number(-1))
        above, below = graph.slice(around, 2, None, _FREQUENCY), graph.slice(around, 0, -2, _FREQUENCY)
        along_time, along_frequency = graph.add("Max", later, earlier), graph.add("Max", above, below)
        is_later, is_above = graph.add("GreaterOrEqual", later, earlier), graph.add("GreaterOrEqual", above, below)
        in_time = graph.add("GreaterOrEqual", along_time, along_frequency)
        is_peak = graph.add("GreaterOrEqual", m, graph.add("Max", along_time, along_frequency))
        ways = in_time, is_later, is_above, is_peak
        here, one = self._here, graph.constant(np.array(1))
        parent = self._choose(
            ways,
            (graph.roll(here, -1, _TIME), graph.roll(here, 1, _TIME)),
            (graph.add("Add", here, one), graph.add("Sub", here, one)),
            here,
        )
        time_steps, frequency_steps = self._steps
        lower = graph.slice(graph.add("Pad", frequency_steps, graph.integers(0, 0, 1, 0, 0, 0)), 0, -1, _FREQUENCY)
        over = self._choose(
            ways,
            (graph.add("Neg", time_steps), graph.roll(time_steps, 1, _TIME)),
            (graph.add("Neg", frequency_steps), lower),
            graph.number(0),
        )
        return parent, over

    def _choose(self, ways: Sequence[str], time: tuple[str, str], frequency: tuple[str, str], peak: str) -> str:
        in_time, is_later, is_above, is_peak = ways
        graph = self._graph
        chosen = graph.add("Where", is_later, *time)
        chosen = graph.add("Where", in_time, chosen, graph.add("Where", is_above, *frequency))
        return graph.add("Where", is_peak, peak, chosen)

    def _passes(self, root: str) -> tuple[str, str, str, str]:
        """Return the passes between basins: first bin, second bin, phase step, strength."""
        graph = self._graph
        basin = graph.add("Reshape", root, self._shape)
        enough = graph.gather(self._flat(self._magnitude), root)
        enough = graph.add("Mul", graph.add("Reshape", enough, self._shape), graph.number(LOWEST_PASS))
        axes = [self._passes_along(enough, basin, axis, self._steps[axis - _TIME]) for axis in (_TIME, _FREQUENCY)]
        first, second, steps, strength = (graph.add("Concat", *parts, axis=0) for parts in zip(*axes, strict=True))
        return first, second, steps, strength

    def _passes_along(self, enough: str, basin: str, axis: int, steps: str) -> tuple[str, ...]:
        """Return the passes along one axis, flat; see `_passes`."""
        crossing, strength = self._crossings(enough, basin, axis)
        first = _indices(self._graph, self._flat(crossing))
        arrays = self._here, self._next(self._here, axis), steps, strength
        return tuple(self._graph.gather(self._flat(array), first) for array in arrays)

    def _crossings(self, enough: str, basin: str, axis: int) -> tuple[str, str]:
        """Return the bins from which a step along `axis` crosses into another basin, and the strength of all passes."""
        graph, m = self._graph, self._magnitude
        following = self._next(m, axis)
        apart = graph.add("Not", graph.add("Equal", basin, self._next(basin, axis)))
        high = graph.add("Greater", graph.add("Min", m, following), graph.add("Min", enough, self._next(enough, axis)))
        crossing, strength = graph.add("And", apart, high), graph.add("Mul", m, following)
        return graph.add("And", crossing, self._is_locally_strongest(strength, basin, axis)), strength

    def _is_locally_strongest(self, strength: str, basin: str, axis: int) -> str:
        """Return where no adjacent crossing between the same two basins is stronger."""
        graph, across = self._graph, _TIME + _FREQUENCY - axis
        same = graph.add("Equal", basin, self._next(basin, across))
        same = graph.add("And", same, self._next(same, axis))
        stronger = graph.add("Greater", self._next(strength, across), strength)
        after = graph.add("And", same, stronger)
        before = self._previous(graph.add("And", same, graph.add("Not", stronger)), across)
        return graph.add("Not", graph.add("Or", after, before))

    def _next(self, x: str, axis: int) -> str:
        """Return each bin's later or upper neighbour; the highest bin has itself."""
        if axis == _TIME:
            return self._graph.roll(x, -1, axis)
        above, highest = self._graph.slice(x, 1, None, axis), self._graph.slice(x, -1, None, axis)
        return self._graph.add("Concat", above, highest, axis=axis)

    def _previous(self, flags: str, axis: int) -> str:
        """Return the flag of each bin's earlier or lower neighbour; the lowest bin has False."""
        graph = self._graph
        if axis == _TIME:
            return graph.roll(flags, 1, axis)
        lowest = graph.slice(flags, 0, 1, axis)
        never = graph.add("And", lowest, graph.add("Not", lowest))
        return graph.add("Concat", never, graph.slice(flags, 0, -1, axis), axis=axis)

    def _flat(self, x: str) -> str:
        return self._graph.reshape(x, -1)


def _join_basins(graph: Graph, a: str, b: str, rise: str, strength: str, count: str) -> tuple[str, str]:
    """Run Borůvka's algorithm; return the root of each basin's tree and the basin's phase relative to it.

    a, b, rise, strength: the basins on both sides of each pass, the phase between them, and how strong it is. count:
    the number of basins, (1,).
    """
    basins = _range(graph, graph.add("Squeeze", count))
    still, weakest, none = graph.fill(count, 0.0), graph.fill(count, -1.0), graph.fill(count, -1)

    def join(inner: Graph, state: Sequence[str]) -> tuple[str, Sequence[str]]:
        a, b, rise, strength, root, phase = state
        best = _strongest(inner, [a, b], strength, weakest, none)
        parent, over = _roots(inner, *_neighbours(inner, a, b, rise, best, basins))
        phase = inner.add("Add", phase, inner.gather(over, root))
        root = inner.gather(parent, root)
        ends = inner.gather(parent, a), inner.gather(parent, b)
        apart = _indices(inner, inner.add("Not", inner.add("Equal", *ends)))
        gained = inner.add("Sub", inner.gather(over, a), inner.gather(over, b))
        passes = (*ends, inner.add("Add", rise, gained), strength)
        a, b, rise, strength = (inner.gather(x, apart) for x in passes)
        return _is_not_empty(inner, apart), (a, b, rise, strength, root, phase)

    integer, real = TensorProto.INT64, TensorProto.FLOAT
    state = {a: integer, b: integer, rise: real, strength: real, basins: integer, still: real}
    *_, root, phase = graph.loop(_is_not_empty(graph, a), state, join)
    return root, phase


def _strongest(graph: Graph, groups: Sequence[str], strength: str, weakest: str, none: str) -> str:
    """Return the index of the strongest member of each group, of equal ones the last, or -1 for an empty group.

    groups: tensors with a group for every member. weakest, none: tensors of -1 for every group. ONNX Runtime takes ten
    times as long to sort the members.
    """
    for group in groups:
        weakest = graph.add("ScatterElements", weakest, group, strength, axis=0, reduction="max")
    index, best = _range(graph, graph.add("Size", strength)), none
    for group in groups:
        is_strongest = graph.add("Equal", strength, graph.gather(weakest, group))
        candidate = graph.add("Where", is_strongest, index, graph.constant(np.array(-1)))
        best = graph.add("ScatterElements", best, group, candidate, axis=0, reduction="max")
    return best


def _neighbours(graph: Graph, a: str, b: str, rise: str, best: str, basins: str) -> tuple[str, str]:
    """Return each basin's neighbour over its strongest pass, and its phase relative to it.

    One basin of each mutual pair becomes a root.
    """
    chosen = graph.add("Max", best, graph.constant(np.array(0)))
    joins = graph.add("Equal", best, chosen)
    from_a, from_b, gained = (graph.gather(x, chosen) for x in (a, b, rise))
    is_a = graph.add("Equal", from_a, basins)
    other = graph.add("Where", joins, graph.add("Where", is_a, from_b, from_a), basins)
    over = graph.add("Where", is_a, graph.add("Neg", gained), gained)
    mutual = graph.add("Equal", graph.gather(other, other), basins)
    is_root = graph.add("And", mutual, graph.add("LessOrEqual", basins, other))
    return graph.add("Where", is_root, basins, other), graph.add("Where", is_root, graph.number(0), over)


def _roots(graph: Graph, parent: str, phase: str) -> tuple[str, str]:
    """Return for every node the root of its tree and the phase relative to it, by pointer jumping."""

    def jump(inner: Graph, state: Sequence[str]) -> tuple[str, Sequence[str]]:
        parent, phase = state
        further = inner.gather(parent, parent)
        gained = inner.add("Add", phase, inner.gather(phase, parent))
        moved = inner.cast(inner.add("Not", inner.add("Equal", further, parent)), TensorProto.INT32)
        going = inner.cast(inner.add("ReduceMax", moved, keepdims=0), TensorProto.BOOL)
        return going, (further, gained)

    true = graph.constant(np.array(True))
    root, over = graph.loop(true, {parent: TensorProto.INT64, phase: TensorProto.FLOAT}, jump)
    return root, over


def _range(graph: Graph, count: str) -> str:
    """Return 0, 1, ... count - 1."""
    return graph.add("Range", graph.constant(np.array(0)), count, graph.constant(np.array(1)))


def _indices(graph: Graph, flags: str) -> str:
    """Return the indices of the true values among (size,)."""
    return graph.reshape(graph.add("NonZero", flags), -1)


def _is_not_empty(graph: Graph, x: str) -> str:
    return graph.add("Greater", graph.add("Size", x), graph.constant(np.array(0)))
