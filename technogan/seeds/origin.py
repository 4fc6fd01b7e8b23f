"""Where a file came from: facts that every WAV and PNG carries, so that a file dropped back restores its sliders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

from technogan.errors import SeedError
from technogan.seeds.seed import Seed

KEY = "TechnoGAN"


@dataclass(frozen=True, slots=True)
class Origin:
    """model: its name. seeds: one, or one for each step of a sequence. bpm, beats: of the whole loop."""

    model: str
    seeds: tuple[Seed, ...]
    bpm: float
    beats: int

    def to_json(self) -> str:
        """One line of JSON."""
        facts = {
            "model": self.model,
            "bpm": self.bpm,
            "beats": self.beats,
            "seeds": [[_short(value) for value in seed.values] for seed in self.seeds],
        }
        return json.dumps({KEY: facts})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`. Raises SeedError where the text is none of ours."""
        try:
            facts: dict[str, Any] = json.loads(text)[KEY]
            seeds = tuple(Seed.of(values) for values in facts["seeds"])
            return cls(str(facts["model"]), seeds, float(facts["bpm"]), int(facts["beats"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SeedError(f"no seed in {text[:40]!r}") from error


def _short(value: float) -> float | int:
    # Whole slider values as whole numbers; others to a thousandth of a slider step, which no network can tell apart.
    return int(value) if value == int(value) else round(value, 3)
