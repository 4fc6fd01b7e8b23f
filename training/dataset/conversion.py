"""Convert samples to the 8-bit images that a network learns from, and measure the loss.

A sound of several loops is transformed as one loop, and its image is cut into columns. A beat of a bar then has no
click at its ends. Levels stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey, to_image
from technogan.transforms import transform_of
from technogan.transforms.base import Transform

# The loudest bin of a silent image is below this, 58 dB below a full-scale tone.
_SILENT_MAGNITUDE = 0.16
# Images with a larger share of clipped bins count as distorted.
_MUCH_CLIPPED = 0.001
_SILENT_DB = -120.0


@dataclass(slots=True)
class Tally:
    """Statistics of a set of images.

    Attributes:
        images: number of images.
        silent, distorted: number of silent images, and of images with more than 0.1 % clipped bins.
        clipped, weak: sums over images of the shares of bins that are clipped, and too weak for 8 bits.
        level, lowest, highest: sum, minimum and maximum of the RMS level of the samples, dB.
    """

    images: int = 0
    silent: int = 0
    distorted: int = 0
    clipped: float = 0.0
    weak: float = 0.0
    level: float = 0.0
    lowest: float = 0.0
    highest: float = _SILENT_DB

    def add(self, other: Tally) -> None:
        """Add the statistics of other images."""
        for name in ("images", "silent", "distorted", "clipped", "weak", "level"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def summary(self) -> dict[str, Any]:
        """Return means and rounded levels for JSON."""
        n = max(self.images, 1)
        return {
            "silent_images": self.silent,
            "distorted_images": self.distorted,
            "clipped_share": round(self.clipped / n, 6),
            "weak_share": round(self.weak / n, 6),
            "level_db": {
                "mean": round(self.level / n, 2),
                "lowest": round(self.lowest, 2),
                "highest": round(self.highest, 2),
            },
        }


def images_of(samples: FloatArray, spectrogram_format: SpectrogramFormat) -> tuple[GreyArray, Tally]:
    """Convert a sound of k loops to images.

    Args:
        samples: float32 (k * n_samples,), finite.
        spectrogram_format: the format of the images.

    Returns:
        uint8 (k, n_bins, n_frames), and their statistics.

    Raises:
        SpecMismatch: the length is not a multiple of the format's.
    """
    images, tallies = _convert(samples, spectrogram_format)
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return images, total


def images_of_stems(stems: FloatArray, spectrogram_format: SpectrogramFormat) -> tuple[GreyArray, Tally]:
    """Convert the stems of a sound of k loops to images.

    Args:
        stems: float32 (stems, k * n_samples), finite; the sound is their sum.
        spectrogram_format: the format of the images.

    Returns:
        uint8 (k, stems, n_bins, n_frames), and the statistics of the sound; a loop is silent if all its stems are.

    Raises:
        SpecMismatch: the length is not a multiple of the format's.
    """
    images, tallies = zip(*(_convert(stem, spectrogram_format) for stem in stems), strict=True)
    total = Tally()
    for parts, sound in zip(zip(*tallies, strict=True), _split(stems.sum(axis=0), spectrogram_format), strict=True):
        level = _level_db(sound)
        clipped, weak = (float(np.mean([getattr(part, name) for part in parts])) for name in ("clipped", "weak"))
        silent, distorted = min(part.silent for part in parts), max(part.distorted for part in parts)
        total.add(Tally(1, silent, distorted, clipped, weak, level, level, level))
    return np.stack(images, axis=1), total


def silent_grey(spectrogram_format: SpectrogramFormat) -> int:
    """Return the highest grey level of silent images."""
    return int(255 * (_SILENT_MAGNITUDE / spectrogram_format.scale) ** (1 / spectrogram_format.power))


def _convert(samples: FloatArray, spectrogram_format: SpectrogramFormat) -> tuple[GreyArray, list[Tally]]:
    """Return the images, uint8 (k, n_bins, n_frames), and the statistics of each."""
    sounds = _split(samples, spectrogram_format)
    transform = _transform(spectrogram_format, len(sounds))
    magnitude = transform.to_rows(np.abs(transform.forward(samples)))
    images, tallies = [], []
    pieces = magnitude.reshape(len(sounds), spectrogram_format.n_frames, spectrogram_format.n_bins)
    for piece, sound in zip(pieces, sounds, strict=True):
        image, report = to_image(piece, spectrogram_format)
        images.append(to_grey(image))
        tallies.append(_measure(sound, piece, report.clipped, report.weak))
    return np.stack(images), tallies


def _split(samples: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Return the loops of a sound: float32 (k, n_samples)."""
    n_loops, rest = divmod(len(samples), spectrogram_format.n_samples)
    if n_loops == 0 or rest:
        raise SpecMismatch("samples", f"a multiple of {spectrogram_format.n_samples}", len(samples))
    return samples.reshape(n_loops, -1)


def _measure(samples: FloatArray, magnitude: FloatArray, clipped: float, weak: float) -> Tally:
    level = _level_db(samples)
    silent = int(float(magnitude.max()) < _SILENT_MAGNITUDE)
    return Tally(1, silent, int(clipped > _MUCH_CLIPPED), clipped, weak, level, level, level)


def _level_db(samples: FloatArray) -> float:
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return max(10 * float(np.log10(max(power, 1e-30))), _SILENT_DB)


@lru_cache(maxsize=2)
def _transform(spectrogram_format: SpectrogramFormat, n_loops: int) -> Transform:
    return transform_of(spectrogram_format, n_loops)
