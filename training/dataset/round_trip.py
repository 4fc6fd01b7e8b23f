"""One sound there and back: what a network would be shown of it, and what could be heard of that again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, to_magnitude
from technogan.phase.reconstruction import reconstruct
from technogan.sound.wav import write_wav
from technogan.transforms import transform_of
from technogan.transforms.base import Transform
from training.dataset.conversion import images_of
from training.dataset.sounds import read_loops
from training.tracks.drift_picture import draw_images

_BPM = 128.0


@dataclass(frozen=True, slots=True)
class Audition:
    """What was written, and how close it comes.

    convergence: dB, of the reconstruction's magnitude to the image's, the lower the better. from_original: the same to
    the original's magnitude, so with what 8 bits lost. figures: of the image, as in a manifest.
    """

    picture: Path
    original: Path
    reconstruction: Path
    convergence: float
    from_original: float
    figures: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "picture": str(self.picture),
            "original": str(self.original),
            "reconstruction": str(self.reconstruction),
            "convergence_db": round(self.convergence, 2),
            "from_original_db": round(self.from_original, 2),
        } | self.figures


def audition(
    path: Path, spectrogram_format: SpectrogramFormat, folder: Path, *, beats: int | None = None, bpm: float = _BPM
) -> Audition:
    """Convert a sound to images of a format and back, and write both sounds and both pictures, one above the other.

    beats: how many it holds; one loop of the format if that is not known. bpm: the tempo that the sounds play at.
    Raises SourceError, OutputError.
    """
    samples = read_loops(path, spectrogram_format, beats)
    images, tally = images_of(samples, spectrogram_format)
    transform = transform_of(spectrogram_format, len(images))
    magnitude = np.concatenate([to_magnitude(from_grey(image), spectrogram_format) for image in images])
    sound = reconstruct(transform.from_rows(magnitude), transform)
    again, _ = images_of(sound, spectrogram_format)
    written = Audition(
        folder / f"{path.stem}-{spectrogram_format.name}.png",
        folder / f"{path.stem}-{spectrogram_format.name}-original.wav",
        folder / f"{path.stem}-{spectrogram_format.name}-reconstruction.wav",
        _convergence(sound, magnitude, transform),
        _convergence(sound, transform.to_rows(np.abs(transform.forward(samples))), transform),
        tally.summary(),
    )
    _draw(written, images, again)
    rate, all_beats = round(spectrogram_format.sample_rate(bpm)), spectrogram_format.beats * len(images)
    for target, loop in ((written.original, samples), (written.reconstruction, sound)):
        write_wav(target, loop, rate, bpm=bpm, beats=all_beats)
    return written


def _draw(written: Audition, images: GreyArray, again: GreyArray) -> None:
    titles = ["the image of the original", f"of the reconstruction: {written.convergence:.1f} dB"]
    draw_images(written.picture, [np.concatenate(list(each), axis=1) for each in (images, again)], titles)


def _convergence(sound: FloatArray, rows: FloatArray, transform: Transform) -> float:
    """Spectral convergence: 20 log10(| |STFT(sound)| - M | / |M|); 0 dB for silence."""
    size = float(np.linalg.norm(rows))
    if size == 0:
        return 0.0
    apart = float(np.linalg.norm(transform.to_rows(np.abs(transform.forward(sound))) - rows))
    return 20 * float(np.log10(max(apart / size, 1e-12)))
