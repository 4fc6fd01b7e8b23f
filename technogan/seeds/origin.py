"""The origin of a loop, stored in every WAV and PNG file so that opening the file restores its sliders."""

import json
import math
from dataclasses import dataclass
from typing import Any, Self

from technogan.errors import SeedError
from technogan.seeds.seed import Seed, require_seeds

KEY = "TechnoGAN"

# Files without a version belong to the first version of a model.
_FIRST_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Origin:
    """The model and seeds of a loop.

    Attributes:
        model: name of the model.
        seeds: one seed, or one for each step of a sequence.
        bpm: tempo of the loop.
        beats: length of the whole loop in beats.
        version: version of the model. The same seed sounds different with another model or version.
    """

    model: str
    seeds: tuple[Seed, ...]
    bpm: float
    beats: int
    version: str = _FIRST_VERSION

    def to_json(self) -> str:
        """Return the origin as one line of JSON."""
        details = {
            "model": self.model,
            **({} if self.version == _FIRST_VERSION else {"version": self.version}),
            "bpm": self.bpm,
            "beats": self.beats,
            "seeds": [[_shorten(value) for value in seed.values] for seed in self.seeds],
        }
        return json.dumps({KEY: details})

    def describe_difference(self, model: str, version: str) -> str:
        """Return a sentence for the user if seeds of this origin sound different with a model, otherwise ""."""
        if (self.model, self.version) == (model, version):
            return ""
        made, used = (f"{name} (version {number})" for name, number in ((self.model, self.version), (model, version)))
        return f"the seed belongs to the model {made}; with {used} it gives another loop"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the origin that `to_json` wrote. Raises SeedError if the text is something else."""
        try:
            details: dict[str, Any] = json.loads(text)[KEY]
            seeds = tuple(Seed(values) for values in details["seeds"])
            require_seeds(seeds)
            version = str(details.get("version", _FIRST_VERSION))
            bpm, beats = float(details["bpm"]), int(details["beats"])
            if not (math.isfinite(bpm) and bpm > 0 and beats > 0):
                raise ValueError("a loop has a tempo and a length")
            return cls(str(details["model"]), seeds, bpm, beats, version)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise SeedError(f"no seed in {text[:40]!r}") from error


def _shorten(value: float) -> float | int:
    # A thousandth of a slider step makes no audible difference, so that is the precision of fractional values.
    return int(value) if value == int(value) else round(value, 3)
