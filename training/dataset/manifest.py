"""A dataset: a folder with `dataset.json` and 8-bit images of one format, as PNG files or as one array.

Stored as "png", the images lie in `images/`, one file each, row 0 the lowest bin. Stored as "array", they are
`images.npy`, uint8 (n, n_bins, n_frames). Training reads either as a memory-mapped array; for PNG files one is made at
first use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from technogan import __version__
from technogan.atomic import explain, write_whole
from technogan.errors import SourceError, SpecError
from technogan.formats import SpectrogramFormat

SCHEMA = 1
MANIFEST = "dataset.json"
PICTURES = "images"

Storage = Literal["png", "array"]


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
