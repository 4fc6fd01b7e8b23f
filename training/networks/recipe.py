"""How a network is trained: the facts that belong to it as much as its channels do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from technogan.errors import SpecError

Loss = Literal["relativistic", "standard"]

_LARGEST_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Recipe:
    """Losses, optimiser and what images go through on their way.

    loss: "relativistic" compares real with generated images in pairs, "standard" judges each by itself. penalty: weight
    of the squared gradient at real images, with the relativistic loss at generated ones too, applied every
    `penalty_every` steps; 0 for none. learning_rate, beta_1, beta_2: of Adam, for both networks. batch: images a step.
    averaged_images: half-life of the generator's moving average, in images; 0 for none. turned_beats: images are
    begun at a random multiple of so many beats; 0 for as they are.
    """

    loss: Loss = "relativistic"
    penalty: float = 0.5
    penalty_every: int = 8
    learning_rate: float = 3e-4
    beta_1: float = 0.0
    beta_2: float = 0.99
    batch: int = 16
    averaged_images: int = 6000
    turned_beats: int = 0

    def __post_init__(self) -> None:
        _require(self.penalty >= 0 and math.isfinite(self.penalty), f"penalty must be 0 or more, not {self.penalty}")
        _require(self.penalty_every > 0, f"penalty_every must be 1 step or more, not {self.penalty_every}")
        _require(0 < self.learning_rate <= 1, f"learning_rate must lie between 0 and 1, not {self.learning_rate}")
        for name in ("beta_1", "beta_2"):
            value = getattr(self, name)
            _require(0 <= value < 1, f"{name} must be at least 0 and less than 1, not {value}")
        _require(2 <= self.batch <= _LARGEST_BATCH, f"batch must lie between 2 and {_LARGEST_BATCH}, not {self.batch}")
        _require(self.averaged_images >= 0, f"averaged_images must be 0 or more, not {self.averaged_images}")
        _require(self.turned_beats >= 0, f"turned_beats must be 0 or more, not {self.turned_beats}")

    def decay(self, images: int) -> float:
        """What the moving average keeps of itself at a step, after so many images: shorter memory at first."""
        if not self.averaged_images:
            return 0.0
        half_life = min(self.averaged_images, max(1.0, images / 5))
        return float(0.5 ** (self.batch / half_life))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SpecError(message)
