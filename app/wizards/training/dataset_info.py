"""A dataset as the training wizard sees it: its format, its size, and whether that is enough."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from technogan.atomic import explain
from technogan.errors import SourceError, SpecError
from technogan.formats import FORMATS, SpectrogramFormat, find_format
from technogan.records import read_json

MANIFEST = "dataset.json"

_MAX_BYTES = 64 << 20
# Images without which a run cannot be evaluated; images that a network does not memorise; images of the prototype.
_FEWEST, _FEW, _PROTOTYPE = 48, 1500, 5500
_PROTOTYPE_NETWORKS = {
    "beat-256": "prototype-128x256",
    "half-256": "prototype-256x256",
    "bar-256": "prototype-512x256",
    "half-cq": "prototype-256x256-cq",
}


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """The contents of `dataset.json`; `images` is their number."""

    folder: Path
    format: SpectrogramFormat
    images: int
    synthetic: bool

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of the networks for this format, the recommended one first."""
        name = self.format.name
        if name in FORMATS:
            name = find_format(name, rows=self.format.n_bins).name
        prototype = _PROTOTYPE_NETWORKS.get(name)
        return (name, prototype) if prototype else (name,)


@dataclass(frozen=True, slots=True)
class CountVerdict:
    """A verdict on the number of images in a dataset. text: a sentence for the user."""

    kind: Literal["good", "few", "too few"]
    text: str


def read_dataset(folder: Path) -> DatasetInfo:
    """Read a dataset's manifest. Raises SourceError if it or the images are missing or damaged."""
    path = folder / MANIFEST
    try:
        values = read_json(path, _MAX_BYTES)
        found = DatasetInfo(
            folder, SpectrogramFormat.from_dict(values["format"]), values["images"], "corpus" in values["origin"]
        )
    except FileNotFoundError as error:
        reason = f"the folder has no {MANIFEST}" if folder.is_dir() else "the folder no longer exists"
        raise SourceError(folder, reason) from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, SpecError) as error:
        raise SourceError(path, f"is not a valid dataset manifest ({error})") from error
    if not isinstance(found.images, int) or isinstance(found.images, bool) or found.images < 1:
        raise SourceError(path, "the dataset has no images")
    stored = folder / ("images.npy" if values.get("storage") == "array" else str(values.get("pictures", "images")))
    if not stored.exists():
        raise SourceError(stored, "is missing: the dataset's images have been moved or deleted")
    return found


def judge_count(images: int) -> CountVerdict:
    """Return whether a number of images is enough to train on."""
    if images < _FEWEST:
        return CountVerdict("too few", f"{images} images: too few. Training takes at least {_FEWEST}.")
    if images < _FEW:
        return CountVerdict("few", f"{images:,} images: few. The network will memorise them; add more music.")
    if images < _PROTOTYPE:
        return CountVerdict(
            "few", f"{images:,} images will do. The research prototype had about {_PROTOTYPE:,}; more is better."
        )
    return CountVerdict("good", f"{images:,} images: enough. The research prototype had about {_PROTOTYPE:,}.")
