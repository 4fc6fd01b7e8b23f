"""Spectrogram pictures as 8-bit grey PNG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, written_whole
from technogan.errors import SourceError
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, to_grey, to_image
from technogan.seeds.origin import KEY


def write_png(path: Path, image: FloatArray, *, comment: str = "") -> None:
    """Write an image as an 8-bit grey PNG that is n_frames wide, with a comment inside. Raises OutputError."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if comment:
        info.add_text(KEY, comment)
    with written_whole(path) as file:
        Image.fromarray(to_grey(image)).save(file, "png", pnginfo=info)


def write_magnitude(
    path: Path, magnitude: FloatArray, spectrogram_format: SpectrogramFormat, *, comment: str = ""
) -> None:
    """Write the picture of a loop or of several joined: float32 (k * n_frames, n_bins), linear. Raises OutputError."""
    loops = magnitude.reshape(-1, spectrogram_format.n_frames, spectrogram_format.n_bins)
    image = np.concatenate([to_image(loop, spectrogram_format)[0] for loop in loops], axis=1)
    write_png(path, image, comment=comment)


def read_frames(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Read a picture of a format, or of several loops side by side: float32 (k, n_bins, n_frames), [-1, 1].

    Raises SourceError for a file that is no picture or has another size.
    """
    image = read_png(path)[0]
    height, width = image.shape
    n_bins, n_frames = spectrogram_format.n_bins, spectrogram_format.n_frames
    if height != n_bins or width == 0 or width % n_frames:
        raise SourceError(
            path,
            f"is {width} x {height} pixels; a picture of format {spectrogram_format.name} is {n_frames} wide "
            f"(or a whole number of times that) and {n_bins} high",
        )
    return np.ascontiguousarray(image.reshape(n_bins, -1, n_frames).swapaxes(0, 1))


def read_png(path: Path) -> tuple[FloatArray, str]:
    """Read a spectrogram picture: float32 (height, width), [-1, 1], and its comment ("" where there is none).

    Colour is turned to grey. Raises SourceError for a file that cannot be read as a picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            comment = str(picture.info.get(KEY, ""))
            grey = np.asarray(picture.convert("L"))
    except UnidentifiedImageError as error:
        raise SourceError(path, "not a picture") from error
    except Image.DecompressionBombError as error:
        raise SourceError(path, "far too large for a spectrogram picture") from error
    except (OSError, SyntaxError, ValueError) as error:
        reason = explain(error) if isinstance(error, OSError) and error.errno else f"a damaged picture ({error})"
        raise SourceError(path, reason) from error
    return from_grey(grey), comment
