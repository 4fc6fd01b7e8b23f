"""What a generator dreams of the same seeds at every checkpoint: a picture and a sound to follow by eye and ear."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.atomic import written_whole
from technogan.engine import loop_of_images
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents

PREVIEWS = "previews"

_SIDE = 4
_HEARD = 4
_BPM = 128.0
_GAP = 2


def preview_latents(latent_size: int) -> FloatArray:
    """Those of the seeds of the integers 0 to 15: float32 (16, latent_size)."""
    return latents([Seed.from_integer(number, latent_size) for number in range(_SIDE**2)], SLIDER_SCALE)


def save_preview(
    folder: Path, number: int, images: FloatArray, spectrogram_format: SpectrogramFormat
) -> tuple[Path, Path]:
    """Write what the seeds became, float32 (16, n_bins, n_frames): a grid of all, high frequencies up, and a sound of
    the first four, one after another. Raises OutputError.
    """
    picture, sound = (folder / PREVIEWS / f"{number:09d}{suffix}" for suffix in (".png", ".wav"))
    _save_grid(picture, to_grey(images))
    loop_of_images(images[:_HEARD], spectrogram_format, bpm=_BPM).save(sound)
    return picture, sound


def _save_grid(path: Path, grey: GreyArray) -> None:
    from PIL import Image

    n, n_bins, n_frames = grey.shape
    height, width = n_bins + _GAP, n_frames + _GAP
    grid = np.zeros((_SIDE * height - _GAP, _SIDE * width - _GAP), np.uint8)
    for i in range(n):
        top, left = i // _SIDE * height, i % _SIDE * width
        grid[top : top + n_bins, left : left + n_frames] = grey[i, ::-1]
    with written_whole(path) as file:
        Image.fromarray(grid).save(file, "png")
