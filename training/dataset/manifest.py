"""The manifest of a dataset: a folder with `dataset.json` and 8-bit images of one format.

With "png" storage, each image is a file in `images/`. With "array" storage, `images.npy` contains all of them as uint8
(n, n_bins, n_frames), or (n, stems, n_bins, n_frames). Row 0 is the lowest bin. Training reads both as a memory-mapped
array, which it creates from PNG files at first use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast

from technogan import __version__
from technogan.atomic import explain, write_atomically
from technogan.errors import SourceError, SpecError
from technogan.file_names import is_inside
from technogan.formats import SpectrogramFormat, image_shape, require_stems
from technogan.records import migrate, parse_json, read_file, read_record, require

SCHEMA = 1
MANIFEST = "dataset.json"
PICTURES = "images"

Storage = Literal["png", "array"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of `dataset.json`.

    Attributes:
        format: format of the images.
        storage: "png" or "array".
        images: number of images.
        origin: their source: version and seeds of a corpus, or a folder of sounds.
        figures: statistics of levels, clipping and silence.
        sources: for PNG files, one mapping per sound with its `path`, `sha256` and `images`.
        tool: the program that wrote it.
        pictures: the folder of the PNG files; "." for an adopted folder.
        stems: names of the parts of each loop; see `ModelSpec`.
    """

    format: SpectrogramFormat
    storage: Storage
    images: int
    origin: Mapping[str, Any]
    figures: Mapping[str, Any]
    sources: tuple[Mapping[str, Any], ...] = ()
    tool: str = f"TechnoGAN {__version__}"
    pictures: str = PICTURES
    stems: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape of one element of the array: (n_bins, n_frames), or (stems, n_bins, n_frames)."""
        return image_shape(self.format, self.stems)

    def to_json(self) -> str:
        """Return readable JSON; `from_json` reads it."""
        values = {
            "schema": SCHEMA,
            "tool": self.tool,
            "format": self.format.to_dict(),
            **({"stems": list(self.stems)} if self.stems else {}),
            "storage": self.storage,
            "pictures": self.pictures,
            "images": self.images,
            "origin": dict(self.origin),
            "figures": dict(self.figures),
        }
        head = json.dumps(values, indent=1, ensure_ascii=False).removesuffix("\n}")
        # One line per source keeps the file of a large dataset readable.
        lines = ",\n".join("  " + json.dumps(source, ensure_ascii=False) for source in self.sources)
        return f'{head},\n "sources": [\n{lines}\n ]\n}}\n'

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a manifest. Raises SpecError for invalid JSON, another schema, or missing or wrong values."""
        values = migrate(parse_json(text), SCHEMA, key="schema")
        manifest = read_record(cls, values, {SpectrogramFormat: _read_format})
        for source in manifest.sources:
            require_inside(source.get("images"))
        require(manifest.images >= 0, f"images must be 0 or more, not {manifest.images}")
        require_stems(manifest.stems)
        pictures = manifest.pictures
        require(pictures in (PICTURES, "."), f"pictures must be {PICTURES!r} or '.', not {pictures!r}")
        return manifest

    def save(self, folder: Path) -> None:
        """Write the manifest into a folder. Raises OutputError."""
        write_atomically(folder / MANIFEST, to_utf8(self.to_json()))

    def names(self) -> list[str]:
        """Return the PNG files in order, relative to `pictures`; none for an array."""
        return [str(name) for source in self.sources for name in source["images"]]


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a dataset. Raises SourceError."""
    path = folder / MANIFEST
    try:
        return Manifest.from_json(read_file(path))
    except FileNotFoundError as error:
        raise SourceError(folder, f"contains no dataset: {MANIFEST} is missing") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except SpecError as error:
        raise SourceError(path, str(error)) from error


def require_inside(names: object) -> None:
    """Raise SpecError unless `names` is a list of file names that stay in the folder of the pictures."""
    require(isinstance(names, (list, tuple)), f"images of a source must be a list, not {names!r:.60}")
    for name in cast(list[object], names):
        require(isinstance(name, str) and is_inside(name), f"{name!r:.60} is not a file in the folder of the pictures")


def to_utf8(text: str) -> bytes:
    """Encode JSON. File names that are not UTF-8 contain halves of surrogate pairs, which become escapes."""
    return text.encode(errors="backslashreplace")


def _read_format(value: Any) -> SpectrogramFormat:
    require(isinstance(value, Mapping), f"format must be a table, not {value!r}")
    return SpectrogramFormat.from_dict(value)
