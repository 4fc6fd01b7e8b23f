"""The origin of a loop, stored in every WAV and PNG file so that opening the file restores its sliders."""

import json
from dataclasses import dataclass
from typing import Any, Self

from technogan.errors import SeedError
from technogan.seeds.seed import Seed, require_seeds

KEY = "TechnoGAN"


@dataclass(frozen=True, slots=True)
class Origin:
    """The model and seeds of a loop.

    Attributes:
        model: name of the model.
        seeds: one seed, or one for each step of a sequence.
        bpm: tempo of the loop.
        beats: length of the whole loop in beats.
    """

    model: str
    seeds: tuple[Seed, ...]
    bpm: float
    beats: int

    def to_json(self) -> str:
        """Return the origin as one line of JSON."""
        details = {
            "model": self.model,
            "bpm": self.bpm,
            "beats": self.beats,
            "seeds": [[_shorten(value) for value in seed.values] for seed in self.seeds],
        }
        return json.dumps({KEY: details})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the origin that `to_json` wrote. Raises SeedError if the text is something else."""
        try:
            details: dict[str, Any] = json.loads(text)[KEY]
            seeds = tuple(Seed(values) for values in details["seeds"])
            require_seeds(seeds)
            return cls(str(details["model"]), seeds, float(details["bpm"]), int(details["beats"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise SeedError(f"no seed in {text[:40]!r}") from error


def _shorten(value: float) -> float | int:
    # A thousandth of a slider step makes no audible difference, so that is the precision of fractional values.
    return int(value) if value == int(value) else round(value, 3)
