"""The facts of a model: which picture it dreams, and what that picture means as sound.

A `SpectrogramFormat` says how an image maps to samples; a `ModelSpec` adds what belongs to one trained network. Both
are frozen, checked when made, and travel as JSON inside the model file. Nothing else in the project knows an image
size, a power or a rate.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Self

from technogan.errors import SpecError
from technogan.formats import SpectrogramFormat, read_format
from technogan.records import migrate, parse_json, read_record, require, require_positive
from technogan.seeds.seed import LATENT_SIZE, SLIDER_MAX, SLIDER_MIN, SLIDER_SCALE

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Everything a player needs to know of a model; rides in the ONNX file's metadata.

    latent = slider * slider_scale: with 3 / 128 the sliders span three standard deviations. bpm: the tempo the model
    was trained at, used when nobody asks for another. training: one line for people, how it was made.
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
        require(
            bool(self.name) and self.name.isprintable() and not set(self.name) & set('/\\:*?"<>|\0'),
            f"{self.name!r} cannot name a model",
        )
        require(
            isinstance(self.latent_size, int) and 0 < self.latent_size <= 4096, f"latent_size is {self.latent_size!r}"
        )
        require(self.slider_min < self.slider_max, f"sliders cannot run from {self.slider_min} to {self.slider_max}")
        require_positive("slider_scale", self.slider_scale)
        require_positive("bpm", self.bpm)

    def to_json(self) -> str:
        """One JSON object; the inverse of `from_json`."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return json.dumps({"schema": SCHEMA} | values | {"format": self.format.to_dict()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a spec. Raises SpecError if it is not valid JSON, of a newer schema, incomplete or impossible."""
        try:
            values = migrate(parse_json(text), SCHEMA, key="schema")
            return read_record(cls, values, {SpectrogramFormat: read_format})
        except SpecError as error:
            raise SpecError(f"the model's metadata cannot be used: {error}") from error
