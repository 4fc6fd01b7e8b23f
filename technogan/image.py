"""Conversion between images, magnitudes and 8-bit grey.

A network's image is (n_bins, n_frames) in [-1, 1]. The value of a pixel is (image + 1) / 2, in [0, 1], and equals
(magnitude / scale) ** (1 / power); a PNG file stores round(255 * value). Row 0 is the lowest bin in arrays and in PNG
files; only the screen shows it at the bottom.
"""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat

# 8-bit grey rounds a weaker bin to black.
_WEAKEST_VALUE = 0.5 / 255


@dataclass(frozen=True, slots=True)
class ImageReport:
    """The share of a magnitude that its image cannot represent.

    Attributes:
        clipped: share of bins, 0 to 1, that were clipped to white.
        weak: share of bins, 0 to 1, that are too weak for 8-bit grey.
    """

    clipped: float
    weak: float


def to_magnitude(image: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Return the linear magnitude of an image: float32 (n_bins, n_frames) -> (n_frames, n_bins), C order, >= 0.

    Raises SpecMismatch if the image has another shape than the format.
    """
    _check(image, (spectrogram_format.n_bins, spectrogram_format.n_frames))
    value = np.ascontiguousarray(image.T)
    value = np.clip(value * np.float32(0.5) + np.float32(0.5), 0, 1)
    return np.float32(spectrogram_format.scale) * _to_power(value, spectrogram_format.power)


def to_image(magnitude: FloatArray, spectrogram_format: SpectrogramFormat) -> tuple[FloatArray, ImageReport]:
    """Return the image of a linear magnitude and a report of what it lost; the inverse of `to_magnitude`.

    The magnitude is float32 (n_frames, n_bins), >= 0, and the image (n_bins, n_frames), [-1, 1]. Raises SpecMismatch if
    the magnitude has another shape than the format.
    """
    _check(magnitude, (spectrogram_format.n_frames, spectrogram_format.n_bins))
    value = (magnitude / np.float32(spectrogram_format.scale)) ** np.float32(1 / spectrogram_format.power)
    report = ImageReport(float(np.mean(value > 1)), float(np.mean(value < _WEAKEST_VALUE)))
    return np.ascontiguousarray(np.minimum(value, 1).T) * np.float32(2) - np.float32(1), report


def mix_magnitudes(magnitudes: FloatArray) -> FloatArray:
    """Return the approximate magnitude of a sound from those of its stems, whose phases are taken as independent.

    Float32 (stems, ...) -> (...), linear.
    """
    return np.asarray(np.sqrt(np.square(magnitudes).sum(axis=0)), np.float32)


def mix_images(images: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Do as `mix_magnitudes` for images: float32 (n, stems, n_bins, n_frames) -> (n, n_bins, n_frames), [-1, 1]."""
    value = np.clip(np.moveaxis(images, 1, 0) * np.float32(0.5) + np.float32(0.5), 0, 1)
    magnitude = mix_magnitudes(_to_power(value, spectrogram_format.power))
    value = np.minimum(magnitude ** np.float32(1 / spectrogram_format.power), np.float32(1))
    return np.asarray(value * np.float32(2) - np.float32(1), np.float32)


def to_grey(image: FloatArray) -> GreyArray:
    """Convert an image in [-1, 1] to 8-bit grey, clipping values outside the range."""
    grey = np.rint(image * np.float32(127.5) + np.float32(127.5))
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def from_grey(grey: GreyArray) -> FloatArray:
    """Convert 8-bit grey to an image in [-1, 1]."""
    return grey.astype(np.float32) / np.float32(127.5) - np.float32(1)


def _to_power(value: FloatArray, power: float) -> FloatArray:
    # Multiplication is ten times faster than a general power.
    if power == 2:
        return value * value
    if power == 3:
        return value * value * value
    return value ** np.float32(power)


def _check(array: FloatArray, wanted: tuple[int, int]) -> None:
    if array.shape != wanted:
        raise SpecMismatch("image", " x ".join(map(str, wanted)), " x ".join(map(str, array.shape)))
