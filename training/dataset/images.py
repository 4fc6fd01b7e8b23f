"""Open the images of a dataset as one memory-mapped array."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from technogan.arrays import GreyArray
from technogan.atomic import explain, open_atomically
from technogan.errors import SourceError
from technogan.files.png import read_png, read_png_header
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey
from training.dataset.manifest import Manifest, read_manifest

ARRAY = "images.npy"

Damaged = Literal["refuse", "skip"]


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """The images of a dataset.

    Attributes:
        manifest: its manifest.
        array: uint8 (n, [stems,] n_bins, n_frames), memory-mapped and read-only.
        skipped: errors of the files that were left out, if the array was created just now.
    """

    manifest: Manifest
    array: GreyArray
    skipped: tuple[SourceError, ...] = ()


def open_images(folder: Path, *, cache: Path | None = None, damaged: Damaged = "refuse") -> Images:
    """Map the images of a dataset into memory; PNG files are collected in one array first.

    Args:
        folder: the dataset.
        cache: a folder for the array of the PNG files; the dataset if None.
        damaged: "skip" leaves out PNG files that are missing, unreadable or of another size.

    Raises:
        SourceError: the dataset or one of its files cannot be read.
        OutputError: the array cannot be written.
    """
    manifest = read_manifest(folder)
    if manifest.storage == "array":
        return Images(manifest, _map_array(folder / ARRAY, manifest.image_shape, manifest.images))
    home = folder if cache is None else cache
    paths = [folder / manifest.pictures / name for name in manifest.names()]
    path = home / f".images-{_fingerprint(paths)}.npy"
    skipped: list[SourceError] = []
    if not path.exists():
        for old in home.glob(".images-*.npy"):
            old.unlink(missing_ok=True)
        skipped = _write_array(paths, path, manifest, damaged)
    array = _map_array(path, manifest.image_shape, None)
    if len(array) == 0 or (damaged == "refuse" and len(array) < len(paths)):
        raise SourceError(folder, f"{len(paths) - len(array)} of {len(paths)} pictures cannot be read")
    return Images(manifest, array, tuple(skipped))


def read_picture(path: Path, spectrogram_format: SpectrogramFormat, stems: tuple[str, ...] = ()) -> GreyArray:
    """Read a PNG file of a dataset: uint8 (n_bins, n_frames). Raises SourceError, also for another size.

    The images of stems are one above another: (stems * n_bins, n_frames), the first stem in the lowest rows.
    """
    found = read_png_header(path)
    width, height = spectrogram_format.n_frames, spectrogram_format.n_bins * max(1, len(stems))
    if (found.width, found.height) != (width, height):
        raise SourceError(path, f"is {found.width} x {found.height} pixels, not {width} x {height}")
    return to_grey(read_png(path)[0])


def write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Write the header of an .npy file of uint8; written image by image, a full disk is an error instead of a crash."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _map_array(path: Path, image_shape: tuple[int, ...], images: int | None) -> GreyArray:
    try:
        array: GreyArray = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, EOFError) as error:
        raise SourceError(path, f"is damaged ({error})") from error
    wanted = (len(array) if images is None else images, *image_shape)
    if array.dtype != np.uint8 or array.shape != wanted:
        raise SourceError(path, f"contains {array.dtype} {array.shape}, not uint8 {wanted}")
    return array


def _fingerprint(paths: Sequence[Path]) -> str:
    """Return a name that changes with the size or time of any file."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        try:
            found = path.stat()
            digest.update(f"{path.name}/{found.st_size}/{found.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path.name}/missing\n".encode())
    return digest.hexdigest()


def _write_array(paths: Sequence[Path], target: Path, manifest: Manifest, damaged: Damaged) -> list[SourceError]:
    skipped = []
    size = manifest.image_shape
    with open_atomically(target) as file:
        write_header(file, (len(paths), *size))
        for path in paths:
            try:
                file.write(read_picture(path, manifest.format, manifest.stems).tobytes())
            except SourceError as error:
                if damaged == "refuse":
                    raise
                skipped.append(error)
        # The header has the same length for any first axis.
        file.seek(0)
        write_header(file, (len(paths) - len(skipped), *size))
    return skipped
