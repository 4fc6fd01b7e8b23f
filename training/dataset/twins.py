"""Finding images that are almost the same, as slices of a track that repeats itself are."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray, GreyArray

# A sketch has so many rows and columns, or as many as the image.
_ROWS, _COLUMNS = 16, 32
# Root mean square difference of two sketches, in grey levels; different bars of the corpus differ by six and more.
_NEAR = 2.0
_BLOCK = 2048


def sketch(image: GreyArray) -> FloatArray:
    """An image in a few hundred means of blocks: uint8 (n_bins, n_frames) -> float32 (n,)."""
    rows, columns = (min(most, size) for most, size in zip((_ROWS, _COLUMNS), image.shape, strict=True))
    high = np.add.reduceat(image, np.arange(rows) * image.shape[0] // rows, axis=0, dtype=np.float32)
    both = np.add.reduceat(high, np.arange(columns) * image.shape[1] // columns, axis=1)
    return np.asarray(both.ravel() * np.float32(rows * columns / image.size))


def twins(sketches: FloatArray) -> list[tuple[int, int]]:
    """Pairs of an image and the earlier one that is nearest to it, where the two are almost the same.

    sketches: float32 (n_images, n). Time grows with the square of n_images: a second for ten thousand.
    """
    size = sketches.shape[1]
    squares = np.square(sketches).sum(axis=1)
    pairs = []
    for first in range(0, len(sketches), _BLOCK):
        block = slice(first, min(first + _BLOCK, len(sketches)))
        apart = squares[block, np.newaxis] + squares[np.newaxis, : block.stop]
        apart -= 2 * (sketches[block] @ sketches[: block.stop].T)
        apart[np.triu_indices(len(apart), first, apart.shape[1])] = np.inf
        nearest = np.argmin(apart, axis=1)
        near = apart[np.arange(len(apart)), nearest] < _NEAR**2 * size
        pairs += [(first + int(i), int(nearest[i])) for i in np.flatnonzero(near)]
    return pairs
