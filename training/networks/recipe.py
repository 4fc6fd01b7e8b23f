"""The training settings that belong to a network."""

import math
from dataclasses import dataclass
from typing import Literal

from technogan.records import require

Loss = Literal["relativistic", "standard"]

_MAX_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Recipe:
    """Loss, optimiser, batch size and augmentation.

    Attributes:
        loss: "relativistic" compares real and generated images in pairs; "standard" judges each image by itself.
        penalty: weight of the R1 gradient penalty, and of R2 with the relativistic loss; 0 for none.
        penalty_every: steps between two penalties.
        learning_rate: of Adam, for both networks.
        beta_1: of Adam.
        beta_2: of Adam.
        batch: images per step.
        averaged_images: half-life of the generator's exponential moving average (EMA), in images; 0 for no averaging.
        turned_beats: augmentation: each image is rolled by a random multiple of this many beats; 0 for none.
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
        require(self.penalty >= 0 and math.isfinite(self.penalty), f"penalty must be 0 or more, not {self.penalty}")
        require(self.penalty_every > 0, f"penalty_every must be 1 step or more, not {self.penalty_every}")
        require(0 < self.learning_rate <= 1, f"learning_rate must be between 0 and 1, not {self.learning_rate}")
        for name in ("beta_1", "beta_2"):
            value = getattr(self, name)
            require(0 <= value < 1, f"{name} must be at least 0 and less than 1, not {value}")
        require(2 <= self.batch <= _MAX_BATCH, f"batch must be between 2 and {_MAX_BATCH}, not {self.batch}")
        require(self.averaged_images >= 0, f"averaged_images must be 0 or more, not {self.averaged_images}")
        require(self.turned_beats >= 0, f"turned_beats must be 0 or more, not {self.turned_beats}")

    def ema_decay(self, images: int) -> float:
        """Return the weight that the moving average gives its old value in a step, after this many images.

        The half-life is shorter at first: a fifth of the images so far.
        """
        if not self.averaged_images:
            return 0.0
        half_life = min(self.averaged_images, max(1.0, images / 5))
        return float(0.5 ** (self.batch / half_life))
