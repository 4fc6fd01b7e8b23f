"""Read and write spectrogram pictures as 8-bit grey PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically
from technogan.errors import SourceError
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, to_grey, to_image
from technogan.seeds.origin import KEY

if TYPE_CHECKING:
    from technogan.sound.loop import Loop


def write_png(path: Path, image: FloatArray, *, comment: str = "") -> None:
    """Write an image as an 8-bit grey PNG, n_frames wide, that stores a comment. Raises OutputError."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if comment:
        info.add_text(KEY, comment)
    with open_atomically(path) as file:
        Image.fromarray(to_grey(image)).save(file, "png", pnginfo=info)


def write_magnitude(
    path: Path, magnitude: FloatArray, spectrogram_format: SpectrogramFormat, *, comment: str = ""
) -> None:
    """Write the picture of one or more joined loops: float32 (k * n_frames, n_bins), linear. Raises OutputError."""
    loops = magnitude.reshape(-1, spectrogram_format.n_frames, spectrogram_format.n_bins)
    image = np.concatenate([to_image(loop, spectrogram_format)[0] for loop in loops], axis=1)
    write_png(path, image, comment=comment)


def write_picture(path: str | Path, loop: Loop, spectrogram_format: SpectrogramFormat) -> None:
    """Write the spectrogram of a loop as an 8-bit grey PNG that stores the loop's origin, row 0 at the top.

    Args:
        path: the file to write or replace; missing parent folders are created.
        loop: a loop of the format, or a sequence of them.
        spectrogram_format: the format of the loop's model, `engine.spec.format`.

    Raises:
        OutputError: the file cannot be written.
    """
    comment = loop.origin.to_json() if loop.origin else ""
    write_magnitude(Path(path), loop.magnitude, spectrogram_format, comment=comment)


def read_images(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Read a picture of one loop, or of several side by side.

    Returns:
        float32 (k, n_bins, n_frames), in [-1, 1].

    Raises:
        SourceError: the file is not a picture, or its size does not fit the format.
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
    """Read a picture; colour is converted to grey.

    Returns:
        float32 (height, width), in [-1, 1], and the comment that the file stores, "" if it has none.

    Raises:
        SourceError: the file cannot be read as a picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            comment = str(picture.info.get(KEY, ""))
            grey = np.asarray(picture.convert("L"))
    except UnidentifiedImageError as error:
        raise SourceError(path, "not a picture") from error
    except Image.DecompressionBombError as error:
        raise SourceError(path, "too large for a spectrogram picture") from error
    except (OSError, SyntaxError, ValueError) as error:
        reason = explain(error) if isinstance(error, OSError) and error.errno else f"a damaged picture ({error})"
        raise SourceError(path, reason) from error
    return from_grey(grey), comment
