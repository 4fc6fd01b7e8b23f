"""Previews of a run: at every checkpoint, a picture and a sound file generated from the same seeds."""

from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.atomic import open_atomically
from technogan.engine import loop_of_images
from technogan.formats import SpectrogramFormat
from technogan.image import mix_images, to_grey
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents

PREVIEWS = "previews"

_GRID_SIDE = 4
_LOOPS = 4
_BPM = 128.0
_GAP_PIXELS = 2


def preview_latents(latent_size: int) -> FloatArray:
    """Return the latents of the seeds of the integers 0 to 15: float32 (16, latent_size)."""
    return latents([Seed.from_integer(number, latent_size) for number in range(_GRID_SIDE**2)], SLIDER_SCALE)


def save_preview(
    folder: Path,
    number: int,
    images: FloatArray,
    spectrogram_format: SpectrogramFormat,
    stems: tuple[str, ...] = (),
) -> tuple[Path, Path]:
    """Write a grid of all images as PNG and the first four loops, one after another, as WAV.

    number: images seen so far, which names the files. images: float32 (16, [stems,] n_bins, n_frames), of
    `preview_latents`.
    Returns the paths of the picture and of the sound. Raises OutputError.
    """
    picture, sound = (folder / PREVIEWS / f"{number:09d}{suffix}" for suffix in (".png", ".wav"))
    _save_grid(picture, to_grey(mix_images(images, spectrogram_format) if stems else images))
    loop_of_images(images[:_LOOPS], spectrogram_format, stems=stems, bpm=_BPM).save(sound)
    return picture, sound


def _save_grid(path: Path, grey: GreyArray) -> None:
    from PIL import Image

    framed = np.pad(grey[:, ::-1], ((0, 0), (0, _GAP_PIXELS), (0, _GAP_PIXELS)))
    rows = framed.reshape(_GRID_SIDE, _GRID_SIDE, *framed.shape[1:]).transpose(0, 2, 1, 3)
    grid = rows.reshape(_GRID_SIDE * framed.shape[1], -1)[:-_GAP_PIXELS, :-_GAP_PIXELS]
    with open_atomically(path) as file:
        Image.fromarray(grid).save(file, "png")
