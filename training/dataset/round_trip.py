"""Convert a sound to an image and back, to hear what the format keeps of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import GreyArray
from technogan.file_names import unique_name
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, to_magnitude
from technogan.phase.reconstruction import reconstruct, spectral_convergence
from technogan.sound.wav import read_comment, write_wav
from technogan.transforms import transform_of
from training.dataset.conversion import images_of
from training.dataset.sounds import read_loops
from training.drawing import BACKGROUND, FONT_SIZE, draw_text, save_picture
from training.sound_files import hash_path
from training.tracks.slicing import short_name

_BPM = 128.0
_ORIGINAL = "-original.wav"


@dataclass(frozen=True, slots=True)
class Audition:
    """The files of a round trip and the accuracy of its reconstruction.

    Attributes:
        picture, original, reconstruction: the files.
        convergence: spectral convergence of the reconstruction to the image, dB; lower is better.
        from_original: the same to the original, dB, which includes the loss of 8 bits.
        figures: statistics of the image, as in a manifest.
    """

    picture: Path
    original: Path
    reconstruction: Path
    convergence: float
    from_original: float
    figures: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "picture": str(self.picture),
            "original": str(self.original),
            "reconstruction": str(self.reconstruction),
            "convergence_db": round(self.convergence, 2),
            "from_original_db": round(self.from_original, 2),
        } | self.figures


def audition_sound(
    path: Path, spectrogram_format: SpectrogramFormat, folder: Path, *, beats: int | None = None, bpm: float = _BPM
) -> Audition:
    """Convert a sound to images and back; write both sounds, and one PNG with both images.

    The files of an earlier audition of the same sound are replaced.

    Args:
        path: the sound.
        spectrogram_format: format of the images.
        folder: the folder to write to.
        beats: length of the sound; one loop of the format if None.
        bpm: tempo of the written sounds.

    Raises:
        SourceError: the sound cannot be read.
        OutputError: a file cannot be written.
    """
    samples = read_loops(path, spectrogram_format, beats)
    images, tally = images_of(samples, spectrogram_format)
    transform = transform_of(spectrogram_format, len(images))
    magnitude = np.concatenate([to_magnitude(from_grey(image), spectrogram_format) for image in images])
    sound = reconstruct(transform.from_rows(magnitude), transform)
    again, _ = images_of(sound, spectrogram_format)
    comment = f"TechnoGAN audition of {hash_path(path)}"
    stem = _free_stem(folder, f"{short_name(path)}-{spectrogram_format.name}", comment)
    written = Audition(
        folder / f"{stem}.png",
        folder / f"{stem}{_ORIGINAL}",
        folder / f"{stem}-reconstruction.wav",
        spectral_convergence(sound, magnitude, transform),
        spectral_convergence(sound, transform.to_rows(np.abs(transform.forward(samples))), transform),
        tally.summary(),
    )
    _draw(written, images, again)
    rate, all_beats = round(spectrogram_format.sample_rate(bpm)), spectrogram_format.beats * len(images)
    for target, loop in ((written.original, samples), (written.reconstruction, sound)):
        write_wav(target, loop, rate, bpm=bpm, beats=all_beats, comment=comment)
    return written


def _free_stem(folder: Path, stem: str, comment: str) -> str:
    """Return `stem`, with a number if the files of another sound are there."""

    def is_taken(each: str) -> bool:
        original = folder / f"{each}{_ORIGINAL}"
        if original.exists():
            return read_comment(original) != comment
        return any((folder / f"{each}{end}").exists() for end in (".png", "-reconstruction.wav"))

    return unique_name(stem, is_taken)


def _draw(written: Audition, images: GreyArray, again: GreyArray) -> None:
    titles = ["image of the original", f"image of the reconstruction: {written.convergence:.1f} dB"]
    _draw_images(written.picture, [np.concatenate(list(each), axis=1) for each in (images, again)], titles)


def _draw_images(path: Path, images: list[GreyArray], titles: list[str]) -> None:
    """Write images one above the other, low frequencies at the bottom, as one PNG."""
    from PIL import Image, ImageDraw

    height, width = images[0].shape
    title_height = FONT_SIZE + 12
    picture = Image.new("RGB", (width, len(images) * (height + title_height)), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    for i, (image, title) in enumerate(zip(images, titles, strict=True)):
        top = i * (height + title_height)
        draw_text(draw, (6, top + title_height / 2), title, "lm")
        picture.paste(Image.fromarray(image[::-1]), (0, top + title_height))
    save_picture(path, picture)
