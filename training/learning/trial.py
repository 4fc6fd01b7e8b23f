"""What a training would cost on this machine: a few of its steps, measured, and nothing kept of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogan.errors import SpecMismatch
from training.dataset.images import open_images
from training.learning.batches import Batches
from training.learning.exhaustion import explained_memory
from training.learning.run import TrainConfig
from training.learning.start import make_gan, prepare_keras, some_images

if TYPE_CHECKING:
    from training.learning.gan import Gan

_SECONDS = 10.0
# Steps of either kind before the clock runs: frameworks compile them first.
_WARM = 1
_FEWEST = 2

Heard = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured.

    images_per_second: of whole rounds of steps. begin_seconds: until the first step was done. memory_mb: of the process
    at its highest. device: the accelerator's name, "" for none; device_mb: of its memory at its highest.
    checkpoint_mb: what a run keeps in checkpoints, two of them. kept_mb: what each checkpoint adds for good.
    """

    images_per_second: float
    begin_seconds: float
    memory_mb: float
    device: str
    device_mb: float
    checkpoint_mb: float
    kept_mb: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def line(self) -> str:
        """For people."""
        where = f"{self.device} ({self.device_mb:.0f} MB)" if self.device else "the processor"
        return (
            f"{self.images_per_second:.1f} images a second on {where}, {self.memory_mb:.0f} MB of memory, "
            f"{self.checkpoint_mb:.0f} MB on disk and {self.kept_mb:.0f} MB more with every checkpoint"
        )


def try_out(config: TrainConfig, heard: Heard = lambda _: None, *, seconds: float = _SECONDS) -> Cost:
    """Train for some seconds with these choices, from random weights, and forget it.

    heard: is told how much is done, 0..1; what it raises ends the trial. Raises as training does, and OutOfMemory.
    """
    images = open_images(Path(config.dataset), damaged=config.damaged)
    if images.manifest.format != config.network.format:
        raise SpecMismatch("the dataset's format", config.network.format.name, images.manifest.format.name)
    began = time.perf_counter()
    prepare_keras(config)
    batch = config.network.recipe.batch
    with explained_memory(batch):
        gan = make_gan(config)
        gan.learn_rows(some_images(images.array))
        batches = Batches(images.array, config.network, random_seed=config.random_seed)
        _step(gan, batches, 0)
        begin_seconds = time.perf_counter() - began
        rate = _rate(gan, batches, heard, seconds)
        checkpoint = sum(array.nbytes for array in gan.arrays().values())
        kept = sum(array.nbytes for array in gan.average.weights().values()) / 2
    device, device_mb = _accelerator(config.backend)
    return Cost(rate, begin_seconds, _peak_mb(), device, device_mb, 2 * checkpoint / 1e6, kept / 1e6)


def _rate(gan: Gan, batches: Batches, heard: Heard, seconds: float) -> float:
    """Images a second, as many steps being penalised as in a run."""
    recipe = gan.definition.recipe
    kinds = (0, 1) if recipe.penalty > 0 and recipe.penalty_every > 1 else (0,)
    spent: dict[int, list[float]] = {kind: [] for kind in kinds}
    began = time.perf_counter()
    done = 0.0
    while done < 1 or any(len(times) < _WARM + _FEWEST for times in spent.values()):
        for kind, times in spent.items():
            times.append(_step(gan, batches, kind))
            done = (time.perf_counter() - began) / seconds
            heard(min(done, 1.0))
    best = [min(times[_WARM:]) for times in spent.values()]
    a_round = best[0] + best[-1] * (recipe.penalty_every - 1) if len(best) > 1 else best[0]
    return recipe.batch * (recipe.penalty_every if len(best) > 1 else 1) / a_round


def _step(gan: Gan, batches: Batches, number: int) -> float:
    """One step; even ones are penalised. Returns seconds."""
    recipe = gan.definition.recipe
    began = time.perf_counter()
    losses = gan.step(
        batches(number), penalise=recipe.penalty > 0 and number % 2 == 0, decay=recipe.decay(recipe.batch)
    )
    for loss in losses.values():
        float(loss)  # a card works on its own until one asks
    return time.perf_counter() - began


def _accelerator(backend: str) -> tuple[str, float]:
    """The card that was used, and the most of its memory, in MB."""
    if backend == "torch":
        import torch

        if not torch.cuda.is_available():
            return "", 0.0
        return str(torch.cuda.get_device_name()), torch.cuda.max_memory_allocated() / 1e6
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    if not cards:
        return "", 0.0
    name = tf.config.experimental.get_device_details(cards[0]).get("device_name", "a graphics card")
    return str(name), tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e6


def _peak_mb() -> float:
    """The most memory that this process has had."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset / 1e6)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
