"""Phase from magnitude: integrate estimated phase increments along the strongest paths of a spectrogram.

Phase gradient integration (Prusa, Balazs, Sondergaard 2017) spreads the phase from strong bins to their weaker
neighbours with a heap, one bin at a time. The paths it takes form a maximum spanning forest of the grid of bins, and
such a forest can be found with whole-array operations (Boruvka 1926; the parallel form with pointer jumping): every
bin joins its strongest neighbour, which cuts the picture into basins around its peaks; then every basin joins the
neighbour it shares its strongest pass with, until nothing is left to join. All phases are in turns.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

IndexArray = npt.NDArray[np.intp]
AnyArray = npt.NDArray[Any]
T = TypeVar("T", bound=np.generic)

# Where two basins meet below this share of the lower one's peak, their phases have nothing to do with each other.
LOWEST_PASS = 0.3
TIE_BREAK = np.float32(1e-2)


def integrate(magnitude: FloatArray, time_steps: FloatArray, frequency_steps: FloatArray) -> FloatArray:
    """Phases whose differences follow the given steps wherever the magnitude is strong.

    All float32 (n_frames, n_bins), circular in time; steps as `Transform.phase_steps` gives them. Returns phases in
    turns; each tree of the forest has phase 0 at its peak.
    """
    steps = np.concatenate([time_steps.ravel(), frequency_steps.ravel()])
    # Pictures have few levels. Equals are told apart by how loud their frames are, not by where they lie: a turned
    # picture has to give a turned loop.
    frames = magnitude.mean(axis=1, keepdims=True)
    magnitude = magnitude * (1 + TIE_BREAK * frames / max(frames.max(), np.float32(1e-20)))
    root, phase = _jump_to_roots(*_steepest_ascent(magnitude, steps))

    first, second, edge = _passes(magnitude, root)
    peaks = np.flatnonzero(root == np.arange(root.size))
    number = np.empty(root.size, np.intp)
    number[peaks] = np.arange(peaks.size)
    basin = _gather(number, root)
    # The phase of the second basin's peak over the first's, as each pass sees it.
    rise = _gather(steps, edge) + _gather(phase, first) - _gather(phase, second)
    tree, over = _join_basins(_gather(basin, first), _gather(basin, second), rise, peaks.size)
    over -= _gather(over, _strongest(tree, _gather(magnitude.ravel(), peaks)))
    phase += _gather(over, basin)
    return phase.reshape(magnitude.shape)


def _steepest_ascent(magnitude: FloatArray, steps: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Each bin's strongest neighbour (itself where none is stronger), and its phase over that neighbour."""
    n_frames, n_bins = magnitude.shape
    size = magnitude.size
    padded = np.full((n_frames + 2, n_bins + 2), -1, np.float32)
    padded[1:-1, 1:-1] = magnitude
    padded[0, 1:-1] = magnitude[-1]
    padded[-1, 1:-1] = magnitude[0]
    later, earlier = padded[2:, 1:-1], padded[:-2, 1:-1]
    above, below = padded[1:-1, 2:], padded[1:-1, :-2]
    along_time, along_frequency = np.maximum(later, earlier), np.maximum(above, below)
    in_time = (along_time >= along_frequency).view(np.uint8)
    # 0 below, 1 above, 2 earlier, 3 later, 4 itself
    way = 2 * in_time + (in_time & (later >= earlier)) + ((1 - in_time) & (above >= below))
    np.copyto(way, 4, where=magnitude >= np.maximum(along_time, along_frequency, out=along_time))
    way = way.ravel().astype(np.intp)

    here = np.arange(size)
    parent = here + _gather(np.array([-1, 1, -n_bins, n_bins, 0]), way)
    parent[:n_bins] %= size
    parent[-n_bins:] %= size
    edge = here + _gather(np.array([size - 1, size, -n_bins, 0, 0]), way)
    edge[:n_bins][way[:n_bins] == 2] += size
    return parent, _gather(steps, edge) * _gather(np.array([1, -1, 1, -1, 0], np.float32), way)


def _jump_to_roots(parent: IndexArray, phase: FloatArray) -> tuple[IndexArray, FloatArray]:
    """For every node the root of its tree, and its phase over that root."""
    # At first nearly all nodes move, and whole arrays are faster; then fewer and fewer do.
    for _ in range(2):
        phase = phase + _gather(phase, parent)
        parent = _gather(parent, parent)
    moving = np.flatnonzero(_gather(parent, parent) != parent)
    while moving.size:
        over = _gather(parent, moving)
        further, gained = _gather(parent, over), _gather(phase, over)
        phase[moving] += gained
        parent[moving] = further
        moving = moving[_gather(parent, further) != further]
    return parent, phase


def _passes(magnitude: FloatArray, root: IndexArray) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Neighbouring bins of different basins that are worth crossing, by rising strength.

    Returns the first bin, the second, and the index of the step between them in time steps followed by frequency steps.
    """
    n_bins, size = magnitude.shape[1], magnitude.size
    basin = root.reshape(magnitude.shape)
    enough = _gather(magnitude.ravel(), basin) * np.float32(LOWEST_PASS)
    in_time, strength_in_time = _crossings(magnitude, enough, basin, axis=0)
    in_frequency, strength_in_frequency = _crossings(magnitude, enough, basin, axis=1)
    edge = np.concatenate([in_time, in_frequency + size])
    edge = _by_strength(edge, np.concatenate([strength_in_time, strength_in_frequency]))
    over_time = edge < size
    first = np.where(over_time, edge, edge - size)
    second = first + np.where(over_time, n_bins, 1)
    second[second >= size] -= size
    return first, second, edge


def _by_strength(index: IndexArray, strength: FloatArray) -> IndexArray:
    """Indices in the order of rising strength, float32 >= 0; equals in their own order.

    Floats that are not negative sort like their bits, so both fit into one word and no second array has to follow.
    """
    words = strength.view(np.uint32).astype(np.uint64) << np.uint64(32)
    words |= index.astype(np.uint64)
    words.sort()
    return (words & np.uint64(0xFFFFFFFF)).astype(np.intp)


def _crossings(
    magnitude: FloatArray, enough: FloatArray, basin: IndexArray, *, axis: int
) -> tuple[IndexArray, FloatArray]:
    """The bins from which one step along `axis` crosses into another basin, and how strong the pass is.

    Strength is the product of the two bins: their minimum would be the same for all passes at one weak bin.
    """
    following = _next(magnitude, axis)
    crossing = basin != _next(basin, axis)
    crossing &= np.minimum(magnitude, following) > np.minimum(enough, _next(enough, axis))
    strength = magnitude * following
    # Two basins usually touch along a whole border: of crossings side by side between the same two the stronger is
    # enough.
    same = basin == _next(basin, 1 - axis)
    same &= _next(same, axis)
    stronger = _next(strength, 1 - axis) > strength
    crossing &= ~(same & stronger)
    crossing &= ~_previous(same & ~stronger, 1 - axis)
    first = np.flatnonzero(crossing)
    return first, _gather(strength.ravel(), first)


def _next(array: AnyArray, axis: int) -> AnyArray:
    """Each element's later (axis 0, circular) or upper (axis 1) neighbour; the uppermost has itself."""
    if axis == 0:
        return np.concatenate([array[1:], array[:1]])
    return np.concatenate([array[:, 1:], array[:, -1:]], axis=1)


def _previous(flags: AnyArray, axis: int) -> AnyArray:
    """Each element's earlier (axis 0, circular) or lower (axis 1) neighbour; the lowest has False."""
    if axis == 0:
        return np.concatenate([flags[-1:], flags[:-1]])
    return np.concatenate([np.zeros_like(flags[:, :1]), flags[:, :-1]], axis=1)


def _join_basins(a: IndexArray, b: IndexArray, rise: FloatArray, count: int) -> tuple[IndexArray, FloatArray]:
    """Boruvka's rounds over the passes between `count` basins, sorted by rising strength; rise = phase of b over a.

    Returns for each basin the basin at the root of its tree, and its phase over that one, float32 (count,).
    """
    phase = np.zeros(count, np.float32)
    root = np.arange(count)
    while a.size:
        parent, over = _jump_to_roots(*_strongest_passes(a, b, rise, count))
        phase += _gather(over, root)
        root = _gather(parent, root)
        # Passes within one tree fall away; the others now lie between roots.
        new_a, new_b = _gather(parent, a), _gather(parent, b)
        apart = np.flatnonzero(new_a != new_b)
        rise = _gather(rise, apart) + _gather(over, _gather(a, apart)) - _gather(over, _gather(b, apart))
        a, b = _gather(new_a, apart), _gather(new_b, apart)
    return root, phase


def _strongest(tree: IndexArray, levels: FloatArray) -> IndexArray:
    """For each basin the one with the highest peak in its tree."""
    rising = _by_strength(np.arange(levels.size), levels)
    strongest = np.empty_like(tree)
    strongest[_gather(tree, rising)] = rising  # of repeated indices the last assignment stays
    return _gather(strongest, tree)


def _strongest_passes(a: IndexArray, b: IndexArray, rise: FloatArray, count: int) -> tuple[IndexArray, FloatArray]:
    """Each basin's neighbour over its strongest pass, and its phase over that neighbour; one of each mutual pair is a
    root.
    """
    # Of repeated indices the last assignment stays, which is the strongest pass.
    best, from_b = np.full(count, -1), np.full(count, -1)
    rank = np.arange(a.size)
    best[a] = rank
    from_b[b] = rank
    np.maximum(best, from_b, out=best)
    joining = np.flatnonzero(best >= 0)
    chosen = _gather(best, joining)
    is_a = _gather(a, chosen) == joining
    other = np.where(is_a, _gather(b, chosen), _gather(a, chosen))
    parent = np.arange(count)
    parent[joining] = other
    over = np.zeros(count, np.float32)
    over[joining] = np.where(is_a, -_gather(rise, chosen), _gather(rise, chosen))
    roots = joining[(_gather(parent, other) == joining) & (joining < other)]
    parent[roots] = roots
    over[roots] = 0
    return parent, over


def _gather(values: npt.NDArray[T], index: IndexArray) -> npt.NDArray[T]:
    """values[index] for indices that are known to be in range; checking each would take as long again."""
    return values.take(index, mode="clip")
