"""Find images that are almost equal, like slices of a repetitive track."""

import numpy as np

from technogan.arrays import FloatArray, GreyArray

# Rows and columns of a sketch, or as many as the image has if that is fewer.
_ROWS, _COLUMNS = 16, 32
# RMS difference of two sketches, in grey levels. Different bars of the corpus differ by at least 6.
_NEAR = 2.0
_BLOCK = 2048


def make_sketch(image: GreyArray) -> FloatArray:
    """Reduce an image to the means of a few hundred blocks: uint8 (n_bins, n_frames) -> float32 (n,)."""
    rows, columns = (min(most, size) for most, size in zip((_ROWS, _COLUMNS), image.shape, strict=True))
    high = np.add.reduceat(image, np.arange(rows) * image.shape[0] // rows, axis=0, dtype=np.float32)
    both = np.add.reduceat(high, np.arange(columns) * image.shape[1] // columns, axis=1)
    return np.asarray(both.ravel() * np.float32(rows * columns / image.size))


def find_near_duplicates(sketches: FloatArray) -> list[tuple[int, int]]:
    """Return pairs of an image and the nearest earlier one, if their sketches are almost equal.

    The time is quadratic in the number of sketches, float32 (n_images, n): a second for ten thousand.
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
