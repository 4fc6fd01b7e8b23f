"""From samples to the 8-bit images that a network learns, and what was lost on the way.

Longer audio is transformed as one circle and its image is cut into columns: a beat out of a bar then has no click at
its seams. Levels stay as they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey, to_image
from technogan.transforms import transform_of
from technogan.transforms.base import Transform

# An image whose loudest bin stays below this is silent: 58 dB below a full-scale tone.
_SILENT_MAGNITUDE = 0.16
# A share of clipped bins that is worth a word.
_MUCH_CLIPPED = 0.001
_SILENT_DB = -120.0


@dataclass(slots=True)
class Tally:
    """What is known of a set of images, added up.

    clipped, weak: sums over images of the shares of bins at white, and too weak for 8 bits. distorted: images with more
    than a thousandth of their bins clipped. level, lowest, highest: of the samples, dB RMS, level as a sum.
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
        """Take in what is known of other images."""
        for name in ("images", "silent", "distorted", "clipped", "weak", "level"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Inverse of `to_dict`. Raises TypeError where a name is unknown."""
        return cls(**values)

    def summary(self) -> dict[str, Any]:
        """For people: shares as means, levels rounded."""
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
    """The images of a loop that is one or several times as long as the format's.

    samples: float32 (k * n_samples,), finite. Returns uint8 (k, n_bins, n_frames) and what is known of them. Raises
    SpecMismatch for another length.
    """
    n_loops, rest = divmod(len(samples), spectrogram_format.n_samples)
    if n_loops == 0 or rest:
        raise SpecMismatch("samples", f"a multiple of {spectrogram_format.n_samples}", len(samples))
    transform = _transform(spectrogram_format, n_loops)
    magnitude = transform.to_rows(np.abs(transform.forward(samples)))
    images, tally = [], Tally()
    pieces = magnitude.reshape(n_loops, spectrogram_format.n_frames, spectrogram_format.n_bins)
    for piece, sound in zip(pieces, samples.reshape(n_loops, -1), strict=True):
        image, report = to_image(piece, spectrogram_format)
        images.append(to_grey(image))
        tally.add(_tally(sound, piece, report.clipped, report.weak))
    return np.stack(images), tally


def silent_grey(spectrogram_format: SpectrogramFormat) -> int:
    """An image with nothing brighter than this is silent."""
    return int(255 * (_SILENT_MAGNITUDE / spectrogram_format.scale) ** (1 / spectrogram_format.power))


def _tally(samples: FloatArray, magnitude: FloatArray, clipped: float, weak: float) -> Tally:
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    level = max(10 * float(np.log10(max(power, 1e-30))), _SILENT_DB)
    silent = int(float(magnitude.max()) < _SILENT_MAGNITUDE)
    return Tally(1, silent, int(clipped > _MUCH_CLIPPED), clipped, weak, level, level, level)


@lru_cache(maxsize=2)
def _transform(spectrogram_format: SpectrogramFormat, n_loops: int) -> Transform:
    return transform_of(spectrogram_format, n_loops)
