"""The time, memory and disk space that a training run takes, as `technogan train --trial` measures them."""

from dataclasses import dataclass

from app.wizards.common.wording import approximate_duration, format_size
from technogan.records import require_positive

_MB = 1e6
# What runs on the synthetic corpus achieved after this many images, judged by eye and ear (docs/training.md).
_MILESTONES = (
    (10_000, "noise on the grid, first kicks"),
    (33_000, "hats and harmonies"),
    (55_000, "patterns that repeat, kicks on the beat"),
    (160_000, "as good as the first version of the included model"),
)


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """The result of `technogan train --trial`.

    Attributes:
        images_per_second: training speed.
        begin_seconds: time until the end of the first step.
        memory_mb: peak memory of the process.
        device: name of the graphics card; "" for the processor.
        device_mb: peak memory of the graphics card.
        checkpoint_mb: disk space of the two checkpoints of a run.
        kept_mb: disk space that every checkpoint adds permanently.
    """

    images_per_second: float
    begin_seconds: float
    memory_mb: float
    device: str
    device_mb: float
    checkpoint_mb: float
    kept_mb: float

    def __post_init__(self) -> None:
        require_positive("images_per_second", self.images_per_second)


def expected_results(cost: TrainingCost) -> list[tuple[str, str]]:
    """Return pairs of a training time and what runs on other music achieved after as many images."""
    return [(approximate_duration(images / cost.images_per_second), text) for images, text in _MILESTONES]


def describe_needs(cost: TrainingCost, checkpoints: int) -> str:
    """Return the memory and the disk space of a run with this many checkpoints, in one sentence."""
    memory = f"{format_size(cost.memory_mb * _MB)} of memory"
    if cost.device:
        memory += f" and {format_size(cost.device_mb * _MB)} of graphics memory"
    disk = cost.checkpoint_mb + cost.kept_mb * max(1, checkpoints)
    return f"A run takes {memory}, and about {format_size(disk * _MB)} on disk."
