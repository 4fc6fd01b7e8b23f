"""The metadata of a model: the size of its images, and what they mean as sound.

A `SpectrogramFormat` defines how an image maps to samples; a `ModelSpec` adds what belongs to one trained network. Both
are frozen, validated on creation, and stored as JSON inside the model file. No other part of the project holds an image
size, a power or a rate.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from technogan.errors import SpecError
from technogan.formats import SpectrogramFormat, read_format
from technogan.records import migrate, parse_json, read_record, require, require_positive
from technogan.seeds.seed import LATENT_SIZE, SLIDER_MAX, SLIDER_MIN, SLIDER_SCALE

T = TypeVar("T")

SCHEMA = 1


def dump_metadata(record: Any) -> str:
    """Return a dataclass that has a `format` as one JSON object; the inverse of `load_metadata`."""
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return json.dumps({"schema": SCHEMA} | values | {"format": record.format.to_dict()}, sort_keys=True)


def load_metadata(cls: type[T], text: str, owner: str) -> T:
    """Build a dataclass from the JSON of `dump_metadata`. Raises SpecError, which names the `owner` of the metadata."""
    try:
        values = migrate(parse_json(text), SCHEMA, key="schema")
        return read_record(cls, values, {SpectrogramFormat: read_format})
    except SpecError as error:
        raise SpecError(f"the {owner}'s metadata cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Everything a player needs to know of a model; stored in the metadata of the ONNX file.

    latent = slider * slider_scale: with 3 / 128 the sliders span three standard deviations. bpm: the tempo the model
    was trained at, the default for its loops. training: one line of text about how the model was made.
    """

    name: str
    format: SpectrogramFormat
    version: str = "1"
    latent_size: int = LATENT_SIZE
    slider_min: int = SLIDER_MIN
    slider_max: int = SLIDER_MAX
    slider_scale: float = SLIDER_SCALE
    bpm: float = 128.0
    licence: str = "unknown"
    training: str = ""

    def __post_init__(self) -> None:
        # Looser than `file_names.is_safe_name`: existing models may have names such as ".mine" or "mine.".
        valid = bool(self.name) and self.name.isprintable() and not set(self.name) & set('/\\:*?"<>|')
        require(valid, f"{self.name!r} cannot be the name of a model")
        require(
            isinstance(self.latent_size, int) and 0 < self.latent_size <= 4096,
            f"latent_size must be a whole number from 1 to 4096, not {self.latent_size!r}",
        )
        require(
            self.slider_min < self.slider_max,
            f"slider_min must be below slider_max, but they are {self.slider_min} and {self.slider_max}",
        )
        require_positive("slider_scale", self.slider_scale)
        require_positive("bpm", self.bpm)

    def to_json(self) -> str:
        """Return the spec as one JSON object; the inverse of `from_json`."""
        return dump_metadata(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a spec. Raises SpecError if it is not valid JSON, of a newer schema, incomplete or contradictory."""
        return load_metadata(cls, text, "model")
