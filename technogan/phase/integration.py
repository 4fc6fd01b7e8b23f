"""Phase from magnitude: integrate estimated phase differences along the strongest paths of a spectrogram.

Phase gradient heap integration (Průša, Balazs, Søndergaard 2017) spreads the phase from strong bins to their weaker
neighbours, one bin at a time. Its paths form a maximum spanning forest of the grid of bins. Borůvka's algorithm (1926),
in its parallel form with pointer jumping, finds such a forest with whole-array operations. First every bin joins its
strongest neighbour, which divides the spectrogram into basins around its peaks. Then every basin joins the neighbour
beyond its strongest pass, until no basins are left to join. All phases are in turns.
"""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.transforms.base import TINY

IndexArray = npt.NDArray[np.intp]
WordArray = npt.NDArray[np.uint64]
AnyArray = npt.NDArray[Any]
T = TypeVar("T", bound=np.generic)

# If two basins meet below this share of the lower peak, their phases are independent.
LOWEST_PASS = 0.3
TIE_BREAK = np.float32(1e-2)


def integrate(magnitude: FloatArray, time_steps: FloatArray, frequency_steps: FloatArray) -> FloatArray:
    """Return phases whose differences follow the given steps wherever the magnitude is strong.

    All arrays are float32 (n_frames, n_bins) and circular in time.

    Args:
        magnitude: linear, >= 0.
        time_steps: differences between frames, in turns, as `Transform.phase_steps` returns them.
        frequency_steps: differences between bins, in turns.

    Returns:
        Phases in turns. Each tree of the forest has the phase 0 at its peak.
    """
    steps = np.concatenate([time_steps.ravel(), frequency_steps.ravel()])
    # 8-bit images have few levels. Ties are broken by the loudness of the frame, not by position, so that a rotated
    # image gives a rotated loop.
    frames = magnitude.mean(axis=1, keepdims=True)
    magnitude = magnitude * (1 + TIE_BREAK * frames / max(frames.max(), TINY))
    root, phase = _jump_to_roots(*_steepest_ascent(magnitude, steps))

    first, second, edge, strength = _find_passes(magnitude, root)
    peaks = np.flatnonzero(root == np.arange(root.size))
    number = np.empty(root.size, np.intp)
    number[peaks] = np.arange(peaks.size)
    basin = _gather(number, root)
    # The phase of the second basin's peak relative to the first's, along each pass.
    rise = _gather(steps, edge) + _gather(phase, first) - _gather(phase, second)
    tree, over = _join_basins(_gather(basin, first), _gather(basin, second), rise, strength, peaks.size)
    over -= _gather(over, _find_strongest(tree, _gather(magnitude.ravel(), peaks)))
    phase += _gather(over, basin)
    return phase.reshape(magnitude.shape)


def _steepest_ascent(magnitude: FloatArray, steps: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Return each bin's strongest neighbour (itself if none is stronger), and its phase relative to that one."""
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
    """Return the root of every node's tree, and the node's phase relative to the root."""
    # At first nearly all nodes move, and whole arrays are faster.
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


def _find_passes(magnitude: FloatArray, root: IndexArray) -> tuple[IndexArray, IndexArray, IndexArray, FloatArray]:
    """Find the passes between basins: neighbouring bins of different basins.

    Returns the first bins, the second bins, the indices of the steps between them in the concatenated steps, and the
    strengths of the passes.
    """
    n_bins, size = magnitude.shape[1], magnitude.size
    basin = root.reshape(magnitude.shape)
    enough = _gather(magnitude.ravel(), basin) * np.float32(LOWEST_PASS)
    in_time, strength_in_time = _find_crossings(magnitude, enough, basin, axis=0)
    in_frequency, strength_in_frequency = _find_crossings(magnitude, enough, basin, axis=1)
    second = np.concatenate([in_time + n_bins, in_frequency + 1])
    second[second >= size] -= size
    edge = np.concatenate([in_time, in_frequency + size])
    strength = np.concatenate([strength_in_time, strength_in_frequency])
    return np.concatenate([in_time, in_frequency]), second, edge, strength


def _rank(strength: FloatArray) -> WordArray:
    """Return words that are in order of strength, which is float32, >= 0, and where it is equal, of the index.

    Non-negative floats are in order of their bits. The index is the lower half of a word.
    """
    words = strength.view(np.uint32).astype(np.uint64) << np.uint64(32)
    words |= np.arange(strength.size, dtype=np.uint64)
    return words


def _index(words: WordArray) -> IndexArray:
    return (words & np.uint64(0xFFFFFFFF)).astype(np.intp)


def _find_crossings(
    magnitude: FloatArray, enough: FloatArray, basin: IndexArray, *, axis: int
) -> tuple[IndexArray, FloatArray]:
    """Return the bins from which one step along `axis` leads into another basin, and the strengths of these passes.

    The strength is the product of the two bins; their minimum would be equal for all passes at one weak bin.
    """
    following = _next(magnitude, axis)
    crossing = basin != _next(basin, axis)
    crossing &= np.minimum(magnitude, following) > np.minimum(enough, _next(enough, axis))
    strength = magnitude * following
    # Two basins usually touch along a whole border: of adjacent crossings between the same two, keep the stronger.
    same = basin == _next(basin, 1 - axis)
    same &= _next(same, axis)
    stronger = _next(strength, 1 - axis) > strength
    crossing &= ~(same & stronger)
    crossing &= ~_previous(same & ~stronger, 1 - axis)
    first = np.flatnonzero(crossing)
    return first, _gather(strength.ravel(), first)


def _next(array: AnyArray, axis: int) -> AnyArray:
    """Return each element's later (axis 0, circular) or upper (axis 1) neighbour; the uppermost has itself."""
    if axis == 0:
        return np.concatenate([array[1:], array[:1]])
    return np.concatenate([array[:, 1:], array[:, -1:]], axis=1)


def _previous(flags: AnyArray, axis: int) -> AnyArray:
    """Return each element's earlier (axis 0, circular) or lower (axis 1) neighbour; the lowest has False."""
    if axis == 0:
        return np.concatenate([flags[-1:], flags[:-1]])
    return np.concatenate([np.zeros_like(flags[:, :1]), flags[:, :-1]], axis=1)


def _join_basins(
    a: IndexArray, b: IndexArray, rise: FloatArray, strength: FloatArray, count: int
) -> tuple[IndexArray, FloatArray]:
    """Join `count` basins to trees with Borůvka's algorithm.

    Passes lead from a to b; rise is the phase of b relative to a. Returns the basin at the root of each basin's tree,
    and the basin's phase relative to that one, float32 (count,).
    """
    phase = np.zeros(count, np.float32)
    root = np.arange(count)
    while a.size:
        parent, over = _jump_to_roots(*_find_strongest_passes(a, b, rise, strength, count))
        phase += _gather(over, root)
        root = _gather(parent, root)
        # Drop passes within one tree; the others now connect roots.
        new_a, new_b = _gather(parent, a), _gather(parent, b)
        apart = np.flatnonzero(new_a != new_b)
        rise = _gather(rise, apart) + _gather(over, _gather(a, apart)) - _gather(over, _gather(b, apart))
        a, b, strength = _gather(new_a, apart), _gather(new_b, apart), _gather(strength, apart)
    return root, phase


def _find_strongest(tree: IndexArray, levels: FloatArray) -> IndexArray:
    """Return the basin with the highest peak of each basin's tree."""
    strongest = np.zeros(levels.size, np.uint64)
    np.maximum.at(strongest, tree, _rank(levels))
    return _index(_gather(strongest, tree))


def _find_strongest_passes(
    a: IndexArray, b: IndexArray, rise: FloatArray, strength: FloatArray, count: int
) -> tuple[IndexArray, FloatArray]:
    """Return each basin's neighbour beyond its strongest pass, and the basin's phase relative to that neighbour.

    Of two basins that choose each other, one becomes a root.
    """
    ranks, best = _rank(strength), np.zeros(count, np.uint64)
    np.maximum.at(best, a, ranks)
    np.maximum.at(best, b, ranks)
    is_joining = np.zeros(count, bool)
    is_joining[a] = is_joining[b] = True
    joining = np.flatnonzero(is_joining)
    chosen = _index(_gather(best, joining))
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
    """Return values[index] without the check that indices are in range, which would take as long again."""
    return values.take(index, mode="clip")
