"""Images and magnitudes: value = (magnitude / scale) ** (1 / power), and the PNG files that hold them.

Row 0 is the lowest bin, in arrays and in PNG files alike; only a screen shows it upside up. A network's image is
(n_bins, n_frames) in [-1, 1]; a picture's value is (image + 1) / 2, in [0, 1]; a PNG holds round(255 * value).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat

# Below half a grey step a bin is lost in an 8-bit picture.
_WEAKEST_GREY = 0.5 / 255


@dataclass(frozen=True, slots=True)
class ImageReport:
    """What an image could not hold: shares of its bins, 0..1, that were clipped at white, or are too weak for 8-bit
    grey.
    """

    clipped: float
    weak: float


def to_magnitude(image: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """A network's image -> linear magnitude.

    image: float32 (n_bins, n_frames), [-1, 1]. Returns float32 (n_frames, n_bins), C order, >= 0.
    """
    _check(image, (spectrogram_format.n_bins, spectrogram_format.n_frames))
    value = np.ascontiguousarray(image.T)
    value = np.clip(value * np.float32(0.5) + np.float32(0.5), 0, 1)
    return np.float32(spectrogram_format.scale) * _to_power(value, spectrogram_format.power)


def to_image(magnitude: FloatArray, spectrogram_format: SpectrogramFormat) -> tuple[FloatArray, ImageReport]:
    """Linear magnitude -> an image as networks learn it; the inverse of `to_magnitude` where nothing clips.

    magnitude: float32 (n_frames, n_bins), >= 0. Returns float32 (n_bins, n_frames), [-1, 1], and what was lost.
    """
    _check(magnitude, (spectrogram_format.n_frames, spectrogram_format.n_bins))
    value = (magnitude / np.float32(spectrogram_format.scale)) ** np.float32(1 / spectrogram_format.power)
    report = ImageReport(float(np.mean(value > 1)), float(np.mean(value < _WEAKEST_GREY)))
    return np.ascontiguousarray(np.minimum(value, 1).T) * np.float32(2) - np.float32(1), report


def to_grey(image: FloatArray) -> npt.NDArray[np.uint8]:
    """An image in [-1, 1] -> 8-bit grey, clipped, never wrapped."""
    grey = np.rint(image * np.float32(127.5) + np.float32(127.5))
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def from_grey(grey: npt.NDArray[np.uint8]) -> FloatArray:
    """8-bit grey -> an image in [-1, 1]."""
    return grey.astype(np.float32) / np.float32(127.5) - np.float32(1)


def _to_power(value: FloatArray, power: float) -> FloatArray:
    # Multiplying is ten times faster than a general power.
    if power == 2:
        return value * value
    if power == 3:
        return value * value * value
    return value ** np.float32(power)


def _check(array: FloatArray, wanted: tuple[int, int]) -> None:
    if array.shape != wanted:
        raise SpecMismatch("image", " x ".join(map(str, wanted)), " x ".join(map(str, array.shape)))
