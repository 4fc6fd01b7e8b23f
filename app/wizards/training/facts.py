"""What can be said of a dataset and of a training before it begins: from the dataset's own file, and from a trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.wizards.common.wording import duration, size
from technogan.atomic import explain
from technogan.errors import SourceError, SpecError
from technogan.formats import SpectrogramFormat

MANIFEST = "dataset.json"

_MB = 1e6
_MOST_BYTES = 64 << 20
# Fewer cannot be judged; few are learned by heart; the prototype had so many.
_FEWEST, _FEW, _PROTOTYPE = 48, 1500, 5500
# What runs on the synthetic corpus had come to after so many images, by eye and ear (docs/training.md).
_MILESTONES = (
    (10_000, "noise on the grid, first kicks"),
    (33_000, "hats and harmonies"),
    (55_000, "patterns that repeat, kicks on the beat"),
    (160_000, "as good as the model that comes with TechnoGAN was at first"),
)
_NETWORKS = {"beat": "prototype-128x256", "half": "prototype-256x256", "bar": "prototype-512x256"}
_NETWORKS["half-cq"] = "prototype-256x256-cq"


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What `dataset.json` says. images: how many."""

    folder: Path
    format: SpectrogramFormat
    images: int
    synthetic: bool

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks for this format, the recommended one first."""
        old = _NETWORKS.get(self.format.name)
        return (self.format.name, old) if old else (self.format.name,)


@dataclass(frozen=True, slots=True)
class Verdict:
    """good, few, or too few to train on; in words."""

    kind: str
    text: str


def read_dataset(folder: Path) -> DatasetFacts:
    """Raises SourceError where there is no dataset, or its images are not where they should be."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(_MOST_BYTES))
        found = DatasetFacts(
            folder, SpectrogramFormat.from_dict(values["format"]), values["images"], "corpus" in values["origin"]
        )
    except FileNotFoundError as error:
        reason = f"holds no dataset: there is no {MANIFEST}" if folder.is_dir() else "is not there (any more)"
        raise SourceError(folder, reason) from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, SpecError) as error:
        raise SourceError(path, f"is no dataset's file ({error})") from error
    if not isinstance(found.images, int) or isinstance(found.images, bool) or found.images < 1:
        raise SourceError(path, "says that there are no images")
    stored = folder / ("images.npy" if values.get("storage") == "array" else str(values.get("pictures", "images")))
    if not stored.exists():
        raise SourceError(stored, "is missing: the dataset's images have been moved or deleted")
    return found


def judge_count(images: int) -> Verdict:
    """Whether so many images are enough."""
    if images < _FEWEST:
        return Verdict("too few", f"{images} images are too few to train on: {_FEWEST} at the very least.")
    if images < _FEW:
        return Verdict("few", f"{images:,} images are few: the network will learn them by heart. Add more music.")
    if images < _PROTOTYPE:
        return Verdict(
            "few", f"{images:,} images will do; the earlier prototype had about {_PROTOTYPE:,}. More is better."
        )
    return Verdict("good", f"{images:,} images are enough; the earlier prototype had about {_PROTOTYPE:,}.")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a trial measured; sizes in MB."""

    images_per_second: float
    begin_seconds: float
    memory_mb: float
    device: str
    device_mb: float
    checkpoint_mb: float
    kept_mb: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Cost:
        """Raises SpecError where the trial's result makes no sense."""
        try:
            numbers = {name: float(values[name]) for name in cls.__slots__ if name != "device"}
            if not numbers["images_per_second"] > 0:
                raise ValueError("no images a second")
            return cls(device=str(values["device"]), **numbers)
        except (KeyError, TypeError, ValueError) as error:
            raise SpecError(f"the trial's result makes no sense ({error})") from error


def expectations(cost: Cost) -> list[tuple[str, str]]:
    """When what can be expected: pairs of a time and what runs on other music had come to by then."""
    return [(duration(images / cost.images_per_second), text) for images, text in _MILESTONES]


def needs(cost: Cost, checkpoints: int) -> str:
    """Memory and disk in one sentence. checkpoints: how many there will be."""
    memory = f"{size(cost.memory_mb * _MB)} of memory"
    if cost.device:
        memory += f" and {size(cost.device_mb * _MB)} of the card's"
    disk = cost.checkpoint_mb + cost.kept_mb * max(1, checkpoints)
    return f"It takes {memory}, and about {size(disk * _MB)} on disk."
