"""A loop's picture out of a file that anyone may have made: a sound, or a spectrogram picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import SourceError
from technogan.files.png import read_frames
from technogan.files.sound_reader import open_sound
from technogan.formats import SpectrogramFormat
from technogan.image import to_image
from technogan.sound.loop import MAX_BPM, MIN_BPM
from technogan.sound.resampling import resample
from technogan.transforms import transform_of

# Bytes that a file must begin with to be a PNG, whatever it is called.
_PNG = b"\x89PNG\r\n\x1a\n"
_FEWEST_SAMPLES = 2
# No bin of a 24-bit sound that is not silent stays below this.
_SILENT = 1e-6


def read_image(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """The image of a loop in a file: float32 (n_bins, n_frames), [-1, 1].

    A PNG is a picture of the format; anything else is a sound, all of it one loop of the format's beats. Raises
    SourceError for a file that cannot be read, is silent, or cannot be one such loop.
    """
    if _is_png(path):
        images = read_frames(path, spectrogram_format)
        if len(images) > 1:
            raise SourceError(path, f"holds {len(images)} loops of format {spectrogram_format.name}; one is wanted")
        if not (images > -1).any():
            raise SourceError(path, "is black: there is no sound in it")
        image: FloatArray = images[0]
        return image
    return _as_loud_as_fits(_samples(path, spectrogram_format), spectrogram_format, path)


def _is_png(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PNG)) == _PNG
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def _samples(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """One channel at the format's own length: float32 (n_samples,)."""
    with open_sound(path, allow_truncated=True) as sound:
        _check_length(path, sound.n_frames, sound.sample_rate, spectrogram_format.beats)
        mono = sound.read(mono=True)
    if len(mono) < _FEWEST_SAMPLES:
        raise SourceError(path, "is truncated: its samples are missing")
    return resample(mono, spectrogram_format.n_samples)


def _check_length(path: Path, frames: int, rate: int, beats: int) -> None:
    if frames < _FEWEST_SAMPLES:
        raise SourceError(path, "is empty: it holds no samples")
    bpm = 60 * beats * rate / frames
    if not MIN_BPM <= bpm <= MAX_BPM:
        wanted = f"{beats} beat{'s' if beats > 1 else ''}"
        reason = f"is {frames / rate:.2f} s long; as one loop of {wanted} that would be {bpm:.1f} BPM"
        raise SourceError(path, f"{reason}; cut one loop out of it first")


def _as_loud_as_fits(samples: FloatArray, spectrogram_format: SpectrogramFormat, path: Path) -> FloatArray:
    """The image, its loudest bin white: nothing clips, and little is lost in the dark."""
    transform = transform_of(spectrogram_format)
    magnitude = transform.to_rows(np.abs(transform.forward(samples)))
    loudest = float(magnitude.max())
    if not loudest > _SILENT:
        raise SourceError(path, "is silent")
    image, _ = to_image(magnitude * np.float32(spectrogram_format.scale / loudest), spectrogram_format)
    return image
