"""Read the image of a loop from any sound file or spectrogram picture."""

from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SourceError
from technogan.files.png import is_png, read_images
from technogan.files.sound_reader import LengthLimit, open_sound
from technogan.formats import SpectrogramFormat
from technogan.image import to_image
from technogan.sound.loop import MAX_BPM, MIN_BPM
from technogan.sound.resampling import resample
from technogan.transforms import transform_of

_FEWEST_SAMPLES = 2
_LONGEST = LengthLimit(5, "cut one loop from it first")
# A 24-bit sound that is not silent has a bin above this.
_SILENT = 1e-6


def read_image(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Read the image of the one loop in a file.

    Args:
        path: a PNG of the format, or a sound file that is exactly one loop of the format's beats.
        spectrogram_format: the format of the image.

    Returns:
        float32 (n_bins, n_frames), in [-1, 1].

    Raises:
        SourceError: the file cannot be read, is silent or is not one loop.
    """
    if is_png(path):
        images = read_images(path, spectrogram_format)
        if len(images) > 1:
            raise SourceError(path, f"contains {len(images)} loops of format {spectrogram_format.name}, not one")
        if not (images > -1).any():
            raise SourceError(path, "is black: it contains no sound")
        image: FloatArray = images[0]
        return image
    image = normalised_image(_samples(path, spectrogram_format), spectrogram_format)
    if not (image > -1).any():
        raise SourceError(path, "is silent")
    return image


def normalised_image(samples: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Return the image of a loop, scaled so that its loudest bin is white: nothing clips, and little is lost.

    Args:
        samples: float32 (n_samples,), one loop of the format's length.
        spectrogram_format: the image's format.

    Returns:
        float32 (n_bins, n_frames), [-1, 1]; -1 everywhere if the loop is silent.
    """
    transform = transform_of(spectrogram_format)
    magnitude = transform.to_rows(np.abs(transform.forward(samples)))
    loudest = float(magnitude.max())
    gain = spectrogram_format.scale / loudest if loudest > _SILENT else 0.0
    return to_image(magnitude * np.float32(gain), spectrogram_format)[0]


def _samples(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Read a sound as one channel of the format's length: float32 (n_samples,)."""
    with open_sound(path, allow_truncated=True) as sound:
        _check_length(path, sound.n_frames, sound.sample_rate, spectrogram_format.beats)
        sound.limit = _LONGEST  # the header may state less than there is
        mono = sound.read(mono=True)
    if len(mono) < _FEWEST_SAMPLES:
        raise SourceError(path, "is truncated: its samples are missing")
    return resample(mono, spectrogram_format.n_samples)


def _check_length(path: Path, frames: int, rate: int, beats: int) -> None:
    if frames < _FEWEST_SAMPLES:
        raise SourceError(path, "is empty: it contains no samples")
    bpm = 60 * beats * rate / frames
    if not MIN_BPM <= bpm <= MAX_BPM:
        length = f"{beats} beat{'s' if beats > 1 else ''}"
        reason = f"is {frames / rate:.2f} s long, which is {bpm:.1f} BPM for a loop of {length}"
        raise SourceError(path, f"{reason}; cut one loop from it first")
