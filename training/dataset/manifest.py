"""A dataset: a folder with `dataset.json` and 8-bit images of one format, as PNG files or as one array.

Stored as "png", the images lie in `images/`, one file each, row 0 the lowest bin. Stored as "array", they are
`images.npy`, uint8 (n, n_bins, n_frames). Training reads either as a memory-mapped array; for PNG files one is made at
first use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self, get_args

import numpy as np

from technogan import __version__
from technogan.atomic import explain, write_whole, written_whole
from technogan.errors import SourceError, SpecError
from technogan.image import read_png, to_grey
from technogan.network.spec import SpectrogramFormat
from training.dataset.conversion import GreyArray

SCHEMA = 1
MANIFEST = "dataset.json"
ARRAY = "images.npy"
PICTURES = "images"

Storage = Literal["png", "array"]
Damaged = Literal["refuse", "skip"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `dataset.json` says.

    images: how many. origin: where they are from (a corpus's version and seeds, or a folder of sounds). figures:
    levels, clipping, silence. sources: for PNG files, one mapping a sound, with its `path`, `sha256` and `images`.
    pictures: the folder with the PNG files; "." in a folder of pictures that was adopted as it was.
    """

    format: SpectrogramFormat
    storage: Storage
    images: int
    origin: Mapping[str, Any]
    figures: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    tool: str = f"TechnoGAN {__version__}"
    pictures: str = PICTURES

    def to_json(self) -> str:
        """Readable JSON; the inverse of `from_json`."""
        values = {
            "schema": SCHEMA,
            "tool": self.tool,
            "format": self.format.to_dict(),
            "storage": self.storage,
            "pictures": self.pictures,
            "images": self.images,
            "origin": dict(self.origin),
            "figures": dict(self.figures),
        }
        head = json.dumps(values, indent=1, ensure_ascii=False).removesuffix("\n}")
        # A line for each: ten thousand of them indented would be a file of a hundred thousand lines.
        lines = ",\n".join("  " + json.dumps(source, ensure_ascii=False) for source in self.sources)
        return f'{head},\n "sources": [\n{lines}\n ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises SpecError where it is no manifest of this schema."""
        try:
            values = json.loads(text)
            if values.pop("schema", None) != SCHEMA:
                raise SpecError(f"it is of another schema than {SCHEMA}")
            parts = {"format": SpectrogramFormat.from_dict(values["format"]), "sources": tuple(values["sources"])}
            manifest = cls(**values | parts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SpecError(f"it is no manifest ({error})") from error
        if manifest.storage not in get_args(Storage) or not isinstance(manifest.images, int):
            raise SpecError("its storage or its number of images makes no sense")
        if manifest.pictures not in (PICTURES, "."):
            raise SpecError(f"its pictures are in {manifest.pictures!r}, not in {PICTURES!r} or '.'")
        return manifest

    def save(self, folder: Path) -> None:
        """Write it into a folder. Raises OutputError."""
        write_whole(folder / MANIFEST, self.to_json().encode())

    def names(self) -> list[str]:
        """The PNG files, relative to `pictures`, in order; none for an array."""
        return [str(name) for source in self.sources for name in source["images"]]


def read_manifest(folder: Path) -> Manifest:
    """Raises SourceError for a folder that holds no dataset."""
    path = folder / MANIFEST
    try:
        return Manifest.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceError(folder, f"holds no dataset: there is no {MANIFEST}") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (SpecError, UnicodeDecodeError) as error:
        raise SourceError(path, str(error)) from error


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """A dataset's images, ready to be read in any order.

    array: uint8 (n, n_bins, n_frames), memory-mapped, read-only. skipped: what could not be read, told once: when the
    array was made.
    """

    manifest: Manifest
    array: GreyArray
    skipped: tuple[SourceError, ...] = ()


def open_images(folder: Path, *, cache: Path | None = None, damaged: Damaged = "refuse") -> Images:
    """Map a dataset's images into memory.

    cache: a folder for the array that is made of PNG files; the dataset's own if not given. damaged: whether a PNG file
    that is missing, unreadable or of another size is an error or left out. Raises SourceError, and OutputError for the
    cache.
    """
    manifest = read_manifest(folder)
    if manifest.storage == "array":
        return Images(manifest, _mapped(folder / ARRAY, manifest.format, manifest.images))
    home = folder if cache is None else cache
    paths = [folder / manifest.pictures / name for name in manifest.names()]
    path = home / f".images-{_state(paths)}.npy"
    skipped: list[SourceError] = []
    if not path.exists():
        for old in home.glob(".images-*.npy"):
            old.unlink(missing_ok=True)
        skipped = _gather(paths, path, manifest.format, damaged)
    array = _mapped(path, manifest.format, None)
    if len(array) == 0 or (damaged == "refuse" and len(array) < len(paths)):
        raise SourceError(folder, f"{len(paths) - len(array)} of {len(paths)} pictures cannot be read")
    return Images(manifest, array, tuple(skipped))


def read_picture(path: Path, spectrogram_format: SpectrogramFormat) -> GreyArray:
    """One PNG file of a dataset: uint8 (n_bins, n_frames). Raises SourceError for a damaged one or another size."""
    grey = to_grey(read_png(path)[0])
    wanted = (spectrogram_format.n_bins, spectrogram_format.n_frames)
    if grey.shape != wanted:
        raise SourceError(path, f"is {grey.shape[1]} x {grey.shape[0]} pixels, not {wanted[1]} x {wanted[0]}")
    return grey


def write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Begin an .npy file of uint8; its images follow as they are, so that a full disk is an error and not a crash."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _mapped(path: Path, spectrogram_format: SpectrogramFormat, images: int | None) -> GreyArray:
    try:
        array: GreyArray = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, EOFError) as error:
        raise SourceError(path, f"damaged ({error})") from error
    wanted = (len(array) if images is None else images, spectrogram_format.n_bins, spectrogram_format.n_frames)
    if array.dtype != np.uint8 or array.shape != wanted:
        raise SourceError(path, f"holds {array.dtype} {array.shape}, not uint8 {wanted}")
    return array


def _state(paths: Sequence[Path]) -> str:
    """A name for the files as they are now."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        try:
            found = path.stat()
            digest.update(f"{path.name}/{found.st_size}/{found.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path.name}/missing\n".encode())
    return digest.hexdigest()


def _gather(
    paths: Sequence[Path], target: Path, spectrogram_format: SpectrogramFormat, damaged: Damaged
) -> list[SourceError]:
    skipped = []
    size = (spectrogram_format.n_bins, spectrogram_format.n_frames)
    with written_whole(target) as file:
        write_header(file, (len(paths), *size))
        for path in paths:
            try:
                file.write(read_picture(path, spectrogram_format).tobytes())
            except SourceError as error:
                if damaged == "refuse":
                    raise
                skipped.append(error)
        # NumPy leaves room in a header for the first axis to change.
        file.seek(0)
        write_header(file, (len(paths) - len(skipped), *size))
    return skipped
