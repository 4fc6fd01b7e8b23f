"""From a loop to what is drawn of it: grey levels of its spectrogram, rows of its axis, outline of its wave."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

Levels = npt.NDArray[np.uint8]

RANGE_DB = 70.0
THUMBNAIL_FRAMES = 256
LOWEST_HZ = 40.0


def levels_of(magnitude: FloatArray) -> Levels:
    """A magnitude on a scale that eyes read: dB below the loudest bin, RANGE_DB of it.

    magnitude: float32 (n_frames, n_bins), linear. Returns uint8 (n_bins, n_frames), row 0 the lowest bin; 255 the
    loudest, all 0 for silence.
    """
    loudest = float(magnitude.max(initial=0.0))
    if loudest <= 0:
        return np.zeros(magnitude.shape[::-1], np.uint8)
    floor = np.float32(loudest * 10 ** (-RANGE_DB / 20))
    level = np.log(np.maximum(magnitude, floor) / floor)
    level *= np.float32(255 * 20 / np.log(10) / RANGE_DB)
    return np.ascontiguousarray(level.astype(np.uint8).T)


def thinned(magnitude: FloatArray) -> FloatArray:
    """At most THUMBNAIL_FRAMES frames, each the highest of those it stands for: no kick falls between them.

    float32 (n_frames, n_bins).
    """
    step = -(-len(magnitude) // THUMBNAIL_FRAMES)
    if step <= 1:
        return magnitude
    return np.asarray(np.maximum.reduceat(magnitude, np.arange(0, len(magnitude), step), axis=0), np.float32)


def level_db(level: float) -> float:
    """dB below the loudest, of a level 0..255."""
    return (level / 255 - 1) * RANGE_DB


def frequencies(n: int, nyquist: float, *, logarithmic: bool) -> FloatArray:
    """The frequency in Hz at each of `n` points up a screen's axis, from low to high. float32 (n,)."""
    place = (np.arange(n) + 0.5) / n
    if logarithmic:
        return np.asarray(LOWEST_HZ * (nyquist / LOWEST_HZ) ** place, np.float32)
    return np.asarray(nyquist * place, np.float32)


def place_of(frequency: float, nyquist: float, *, logarithmic: bool) -> float:
    """Where a frequency lies on the axis, 0 (low) to 1; the inverse of `frequencies`."""
    if logarithmic:
        return float(np.log(max(frequency, 1.0) / LOWEST_HZ) / np.log(nyquist / LOWEST_HZ))
    return frequency / nyquist


def on_axis(levels: Levels, n_rows: int, nyquist: float, *, logarithmic: bool) -> Levels:
    """Levels as a screen shows them: row 0 is the top, the highest frequency.

    Between two bins it takes from both.
    levels: uint8 (n_bins, n_frames). Returns uint8 (n_rows, n_frames).
    """
    centres = frequencies(n_rows, nyquist, logarithmic=logarithmic) / nyquist * len(levels) - 0.5
    return _between_rows(levels, centres[::-1])


def widened(levels: Levels, n_columns: int) -> Levels:
    """The same picture with another number of frames: uint8 (n_bins, n_frames) -> uint8 (n_bins, n_columns).

    Many times faster than a painter's smooth scaling of the coloured picture.
    """
    n_frames = levels.shape[1]
    centres = (np.arange(n_columns) + 0.5) * (n_frames / n_columns) - 0.5
    return np.ascontiguousarray(_between_rows(np.ascontiguousarray(levels.T), centres).T)


def _between_rows(levels: Levels, places: npt.NDArray[np.floating[Any]]) -> Levels:
    """Rows at places between rows: float (n,) -> uint8 (n, n_columns)."""
    within = np.clip(places, 0, len(levels) - 1)
    low = within.astype(np.intp)
    share = np.rint((within - low) * 256).astype(np.uint16)[:, np.newaxis]
    high = np.minimum(low + 1, len(levels) - 1)
    return np.asarray((levels[low] * (256 - share) + levels[high] * share) >> 8, np.uint8)


def outline(samples: FloatArray, n_columns: int) -> FloatArray:
    """Lowest and highest sample of each of `n_columns` equal parts. float32 (n_columns, 2)."""
    edges = np.linspace(0, len(samples), n_columns + 1).astype(np.intp)[:-1]
    return np.stack([np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)], axis=1)
