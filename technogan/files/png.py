"""Read and write spectrogram pictures as grey PNG files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, is_stream, open_atomically
from technogan.errors import SourceError
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, to_grey, to_image
from technogan.seeds.origin import KEY

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngImageFile

    from technogan.sound.loop import Loop

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The picture of the longest sequence of the largest format has as many pixels.
_MAX_PIXELS = 1024 * 512 * 512
_MAX_16_BIT = np.float32(65535)


@dataclass(frozen=True, slots=True)
class PngHeader:
    """The size of a picture in pixels, and the comment that it stores; "" for none."""

    width: int
    height: int
    comment: str


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
    header = read_png_header(path)
    n_bins, n_frames = spectrogram_format.n_bins, spectrogram_format.n_frames
    if header.height != n_bins or header.width == 0 or header.width % n_frames:
        raise SourceError(
            path,
            f"is {header.width} x {header.height} pixels; a picture of format {spectrogram_format.name} is {n_frames} "
            f"wide (or a whole number of times that) and {n_bins} high",
        )
    image = read_png(path)[0]
    return np.ascontiguousarray(image.reshape(n_bins, -1, n_frames).swapaxes(0, 1))


def is_png(path: Path) -> bool:
    """Return whether a file is PNG by its first bytes, regardless of its name. Raises SourceError."""
    if is_stream(path):
        raise SourceError(path, "is not a file")
    try:
        with path.open("rb") as file:
            return file.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def read_png_header(path: Path) -> PngHeader:
    """Read the size and the comment of a picture without its pixels. Raises SourceError as `read_png`."""
    with _open_png(path) as picture:
        return PngHeader(*picture.size, str(picture.info.get(KEY, "")))


def read_png(path: Path) -> tuple[FloatArray, str]:
    """Read a picture; colour is converted to grey, and transparent pixels are black.

    Returns:
        float32 (height, width), in [-1, 1], and the comment that the file stores, "" if it has none.

    Raises:
        SourceError: the file cannot be read as PNG, whatever its name, or is too large.
    """
    with _open_png(path) as picture:
        picture.load()
        comment = str(picture.info.get(KEY, ""))
        return _to_image(picture), comment


def _to_image(picture: PngImageFile) -> FloatArray:
    from PIL import Image

    if picture.mode.startswith("I"):
        return np.asarray(picture, np.float32) * (2 / _MAX_16_BIT) - np.float32(1)
    if "A" in picture.mode or "transparency" in picture.info:
        opaque = picture.convert("RGBA")
        return from_grey(
            np.asarray(Image.alpha_composite(Image.new("RGBA", opaque.size, "black"), opaque).convert("L"))
        )
    return from_grey(np.asarray(picture.convert("L")))


@contextlib.contextmanager
def _open_png(path: Path) -> Iterator[PngImageFile]:
    """Open a PNG of any name and of a sensible size. Raises SourceError, also for what goes wrong in the block."""
    # Not `Image.open`: it would read any format, some with the help of other programs.
    from PIL.PngImagePlugin import PngImageFile

    if not is_png(path):
        raise SourceError(path, "is not a picture in PNG format")
    try:
        with path.open("rb") as file, PngImageFile(file) as picture:
            width, height = picture.size
            if width * height > _MAX_PIXELS:
                raise SourceError(path, f"is {width} x {height} pixels: too large for a spectrogram picture")
            yield picture
    except SourceError:
        raise
    # Pillow raises errors of many types for damaged files.
    except Exception as error:
        reason = explain(error) if isinstance(error, OSError) and error.errno else f"is a damaged picture ({error})"
        raise SourceError(path, reason) from error
