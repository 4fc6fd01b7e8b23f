"""The metadata of a model: the size of its images, and what they mean as sound.

A `SpectrogramFormat` defines how an image maps to samples; a `ModelSpec` adds what belongs to one trained network. Both
are frozen, validated on creation, and stored as JSON inside the model file. No other part of the project holds an image
size, a power or a rate.
"""

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from technogan.errors import SpecError
from technogan.formats import SpectrogramFormat, image_shape, read_format, require_stems
from technogan.records import migrate, parse_json, read_record, require, require_line, require_range
from technogan.seeds.seed import LATENT_SIZE, SLIDER_MAX, SLIDER_MIN, SLIDER_SCALE

T = TypeVar("T")

SCHEMA = 1
MAX_LATENT_SIZE = 4096

# Far beyond any useful model; see `technogan.formats`.
_LIMITS = {
    "slider_min": (-(1 << 15), 1 << 15),
    "slider_max": (-(1 << 15), 1 << 15),
    "slider_scale": (1e-9, 1e3),
    "bpm": (1.0, 1e4),
}
_LONGEST_DIRECTION = 1.1


def dump_metadata(record: Any) -> str:
    """Return a dataclass that has a `format` as one JSON object; the inverse of `load_metadata`."""
    values = dataclasses.asdict(record) | {"format": record.format.to_dict()}
    # Earlier versions refuse these keys.
    values = {key: value for key, value in values.items() if value or key not in ("stems", "directions")}
    return json.dumps({"schema": SCHEMA} | values, sort_keys=True)


def load_metadata(cls: type[T], text: str, owner: str) -> T:
    """Build a dataclass from the JSON of `dump_metadata`. Raises SpecError, which names the `owner` of the metadata."""
    try:
        values = migrate(parse_json(text), SCHEMA, key="schema")
        return read_record(cls, values, {SpectrogramFormat: read_format})
    except SpecError as error:
        raise SpecError(f"the {owner}'s metadata cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction in latent space with a name for its effect, such as "brighter"; vector: of length 1."""

    name: str
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Everything a player needs to know of a model; stored in the metadata of the ONNX file.

    Attributes:
        slider_scale: latent = slider * slider_scale; with 3 / 128 the sliders span three standard deviations.
        bpm: the tempo the model was trained at, the default for its loops.
        training: one line of text about how the model was made.
        stems: the names of the parts of a loop, each with an image of its own. Their samples add up to the loop's.
            Empty if one image is the whole loop.
        directions: moves in latent space that each change one property of the sound.
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
    stems: tuple[str, ...] = ()
    directions: tuple[Direction, ...] = ()

    def __post_init__(self) -> None:
        require_model_name(self.name)
        require(
            isinstance(self.latent_size, int) and 0 < self.latent_size <= MAX_LATENT_SIZE,
            f"latent_size must be a whole number from 1 to {MAX_LATENT_SIZE}, not {self.latent_size!r}",
        )
        for name, limits in _LIMITS.items():
            require_range(name, getattr(self, name), *limits)
        require(
            self.slider_min < self.slider_max,
            f"slider_min must be below slider_max, but they are {self.slider_min} and {self.slider_max}",
        )
        for name in ("version", "licence", "training"):
            require_line(name, getattr(self, name))
        require_stems(self.stems)
        for direction in self.directions:
            require_line("the name of a direction", direction.name)
            fits = len(direction.vector) == self.latent_size and math.hypot(*direction.vector) <= _LONGEST_DIRECTION
            require(fits, f"the direction {direction.name!r} must have {self.latent_size} numbers, and a length of 1")

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape of the images of one seed: (n_bins, n_frames), or (stems, n_bins, n_frames)."""
        return image_shape(self.format, self.stems)

    def to_json(self) -> str:
        """Return the spec as one JSON object; the inverse of `from_json`."""
        return dump_metadata(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a spec. Raises SpecError if it is not valid JSON, of a newer schema, incomplete or contradictory."""
        return load_metadata(cls, text, "model")


def require_model_name(name: str) -> None:
    """Raise SpecError unless a model can have this name."""
    # Looser than `file_names.is_safe_name`: existing models may have names such as ".mine" or "mine.".
    valid = bool(name) and name.isprintable() and not set(name) & set('/\\:*?"<>|')
    require(valid, f"{name[:60]!r} cannot be the name of a model")
