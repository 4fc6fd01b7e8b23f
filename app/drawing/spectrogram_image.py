"""Turn a loop into what a widget draws: grey levels of the spectrogram, rows of its axis, peaks of the waveform."""

from typing import Any

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

Levels = npt.NDArray[np.uint8]

RANGE_DB = 70.0
THUMBNAIL_FRAMES = 256
LOWEST_HZ = 40.0


def compute_levels(magnitude: FloatArray) -> Levels:
    """Convert a magnitude to grey levels on a decibel scale, RANGE_DB wide and ending at the loudest bin.

    Args:
        magnitude: float32 (n_frames, n_bins), linear.

    Returns:
        uint8 (n_bins, n_frames), row 0 is the lowest bin; 255 is the loudest, silence is all 0.
    """
    loudest = float(magnitude.max(initial=0.0))
    if loudest <= 0:
        return np.zeros(magnitude.shape[::-1], np.uint8)
    floor = np.float32(loudest * 10 ** (-RANGE_DB / 20))
    level = np.log(np.maximum(magnitude, floor) / floor)
    level *= np.float32(255 * 20 / np.log(10) / RANGE_DB)
    return np.ascontiguousarray(level.astype(np.uint8).T)


def reduce_frames(magnitude: FloatArray) -> FloatArray:
    """Reduce a magnitude, float32 (n_frames, n_bins), to at most THUMBNAIL_FRAMES frames.

    Each frame is the maximum of those it replaces, so that no kick is lost.
    """
    step = -(-len(magnitude) // THUMBNAIL_FRAMES)
    if step <= 1:
        return magnitude
    return np.asarray(np.maximum.reduceat(magnitude, np.arange(0, len(magnitude), step), axis=0), np.float32)


def level_to_db(level: float) -> float:
    """Return a level, 0..255, in dB relative to the loudest."""
    return (level / 255 - 1) * RANGE_DB


def compute_axis_frequencies(n: int, nyquist: float, *, logarithmic: bool) -> FloatArray:
    """Return the frequency in Hz at each of `n` points of a vertical axis, from low to high. float32 (n,)."""
    position = (np.arange(n) + 0.5) / n
    if logarithmic:
        return np.asarray(LOWEST_HZ * (nyquist / LOWEST_HZ) ** position, np.float32)
    return np.asarray(nyquist * position, np.float32)


def find_axis_position(frequency: float, nyquist: float, *, logarithmic: bool) -> float:
    """Return the position of a frequency on the axis, 0 (low) to 1; the inverse of `compute_axis_frequencies`."""
    if logarithmic:
        return float(np.log(max(frequency, 1.0) / LOWEST_HZ) / np.log(nyquist / LOWEST_HZ))
    return frequency / nyquist


def map_to_rows(
    levels: Levels, n_rows: int, nyquist: float, *, logarithmic: bool, rows: FloatArray | None = None
) -> Levels:
    """Map bins to the rows of a screen, interpolating between neighbouring bins.

    Args:
        levels: uint8 (n_bins, n_frames), row 0 is the lowest bin.
        n_rows: height of the result.
        nyquist: the frequency in Hz at the top.
        logarithmic: use a logarithmic axis instead of a linear one.
        rows: frequencies of the bins as shares of `nyquist`, see `Loop.rows`; evenly spaced if None.

    Returns:
        uint8 (n_rows, n_frames), row 0 is the highest frequency.
    """
    shares = compute_axis_frequencies(n_rows, nyquist, logarithmic=logarithmic)[::-1] / nyquist
    if rows is None:
        return _interpolate_rows(levels, shares * len(levels) - 0.5)
    return _interpolate_rows(levels, np.interp(shares, rows, np.arange(len(rows))))


def map_to_columns(levels: Levels, n_columns: int) -> Levels:
    """Resample frames to the columns of a screen: uint8 (n_bins, n_frames) -> uint8 (n_bins, n_columns).

    This is many times faster than smooth scaling of the coloured image by QPainter.
    """
    n_frames = levels.shape[1]
    centres = (np.arange(n_columns) + 0.5) * (n_frames / n_columns) - 0.5
    return np.ascontiguousarray(_interpolate_rows(np.ascontiguousarray(levels.T), centres).T)


def _interpolate_rows(levels: Levels, positions: npt.NDArray[np.floating[Any]]) -> Levels:
    """Interpolate rows at fractional positions: float (n,) -> uint8 (n, n_columns)."""
    within = np.clip(positions, 0, len(levels) - 1)
    low = within.astype(np.intp)
    weight = np.rint((within - low) * 256).astype(np.uint16)[:, np.newaxis]
    high = np.minimum(low + 1, len(levels) - 1)
    return np.asarray((levels[low] * (256 - weight) + levels[high] * weight) >> 8, np.uint8)


def find_peaks(samples: FloatArray, n_columns: int) -> FloatArray:
    """Find the lowest and highest sample of each of `n_columns` equal parts. float32 (n_columns, 2)."""
    edges = np.linspace(0, len(samples), n_columns + 1).astype(np.intp)[:-1]
    return np.stack([np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)], axis=1)
