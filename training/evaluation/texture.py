"""Texture features: statistics of three layers of convolutions with fixed random weights, circular in time.

Every layer halves rows and frames.
"""

from functools import lru_cache

import numpy as np

from technogan.arrays import FloatArray

# Channels out, channels in, height and width of the kernels.
_KERNELS = ((16, 1, 4, 4), (32, 16, 3, 3), (64, 32, 3, 3))
_KERNEL_SEED = 7
_GREY_MEAN, _GREY_GAIN = 0.15, 6.0
_QUARTERS = 4


def texture_features(values: FloatArray) -> FloatArray:
    """Return mean and standard deviation of every channel of every layer in each quarter of the rows.

    values: float32 (n, n_bins, n_frames), [0, 1]. Returns float32 (n, 896).
    """
    layer = ((values - np.float32(_GREY_MEAN)) * np.float32(_GREY_GAIN))[..., np.newaxis]
    features = []
    for kernel, size in _kernels():
        layer = np.maximum(_convolve(layer, kernel, size), 0)
        features.append(_statistics(layer))
    return np.concatenate(features, axis=1)


@lru_cache(maxsize=1)
def _kernels() -> list[tuple[FloatArray, int]]:
    """For each layer, the kernel, float32 (height * width * channels in, channels out), and its side.

    The weights are drawn by the Box-Muller transform from the bits of PCG64: NumPy guarantees that these bits never
    change, but makes no such promise for normal draws.
    """
    bits = np.random.PCG64(_KERNEL_SEED)
    kernels = []
    for n_out, n_in, height, width in _KERNELS:
        n_inputs = n_in * height * width
        uniform = ((bits.random_raw(2 * n_out * n_inputs) >> np.uint64(11)) + 0.5) / 2.0**53
        radius, turn = np.sqrt(-2 * np.log(uniform[::2])), uniform[1::2]
        normal = radius * np.cos(2 * np.pi * turn)
        kernels.append(((normal / np.sqrt(n_inputs)).reshape(n_inputs, n_out).astype(np.float32), height))
    return kernels


def _convolve(layer: FloatArray, kernel: FloatArray, size: int) -> FloatArray:
    """Convolve with stride 2, zero-padded in rows and circular in frames: (n, rows, frames, channels)."""
    padded = np.pad(layer, ((0, 0), (1, 1), (0, 0), (0, 0)))
    padded = np.pad(padded, ((0, 0), (0, 0), (1, 1), (0, 0)), mode="wrap")
    patches = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::2, ::2]
    n, rows, frames, channels = patches.shape[:4]
    # Height, width, channels: the order of the kernel's rows, and closest to the memory layout of a layer.
    flat = patches.transpose(0, 1, 2, 4, 5, 3).reshape(n * rows * frames, size * size * channels)
    return np.asarray(flat @ kernel).reshape(n, rows, frames, -1)


def _statistics(layer: FloatArray) -> FloatArray:
    """Mean and deviation of every channel in each quarter of the rows: float32 (n, 2 * quarters * channels)."""
    n, rows, _, channels = layer.shape
    quarter = max(1, rows // _QUARTERS)
    areas = layer[:, : quarter * _QUARTERS].reshape(n, -1, quarter * layer.shape[2], channels)
    mean, mean_square = areas.mean(axis=2), np.square(areas).mean(axis=2)
    deviation = np.sqrt(np.maximum(mean_square - np.square(mean), 0))
    return np.concatenate([mean.reshape(n, -1), deviation.reshape(n, -1)], axis=1)
