"""Measure the speed and the memory of a training with a few steps, without keeping their result."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from technogan.progress import Progress, ignore_progress
from training.learning.batches import Batches
from training.learning.out_of_memory import translate_memory_errors
from training.learning.run import TrainConfig
from training.learning.start import make_gan, open_dataset, prepare_keras, sample_images

if TYPE_CHECKING:
    from training.learning.gan import Gan

_SECONDS = 10.0
# Steps of each kind to discard, since frameworks compile them first, and to measure at least.
_WARM_UP = 1
_MIN_STEPS = 2


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """The measured cost of a training.

    images_per_second: steps with the gradient penalty included. begin_seconds: until the end of the first step.
    memory_mb, device_mb: peak memory of the process and of the accelerator. device: its name; "" for none.
    checkpoint_mb: disk space of a run's two checkpoints. kept_mb: what every checkpoint adds permanently.
    """

    images_per_second: float
    begin_seconds: float
    memory_mb: float
    device: str
    device_mb: float
    checkpoint_mb: float
    kept_mb: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def line(self) -> str:
        """Return the cost as a sentence."""
        device = f"{self.device} ({self.device_mb:.0f} MB)" if self.device else "the processor"
        return (
            f"{self.images_per_second:.1f} images per second on {device}, {self.memory_mb:.0f} MB of memory, "
            f"{self.checkpoint_mb:.0f} MB on disk and {self.kept_mb:.0f} MB more with every checkpoint"
        )


def run_trial(config: TrainConfig, progress: Progress = ignore_progress, *, seconds: float = _SECONDS) -> TrainingCost:
    """Train for some seconds from random weights, and discard the networks.

    progress: called with the share that is done, 0..1. Raises OutOfMemory, and as training does.
    """
    images = open_dataset(config)
    began = time.perf_counter()
    prepare_keras(config)
    batch = config.network.recipe.batch
    with translate_memory_errors(batch):
        gan = make_gan(config)
        gan.fit_rows(sample_images(images.array))
        batches = Batches(images.array, config.network, random_seed=config.random_seed)
        _step(gan, batches, 0)
        begin_seconds = time.perf_counter() - began
        rate = _measure_rate(gan, batches, progress, seconds)
        checkpoint = sum(array.nbytes for array in gan.arrays().values())
        kept = sum(array.nbytes for array in gan.ema_generator.weights().values()) / 2
    device, device_mb = _measure_accelerator(config.backend)
    return TrainingCost(rate, begin_seconds, _peak_memory_mb(), device, device_mb, 2 * checkpoint / 1e6, kept / 1e6)


def _measure_rate(gan: Gan, batches: Batches, progress: Progress, seconds: float) -> float:
    """Images per second, with the same share of penalised steps as in a run."""
    recipe = gan.definition.recipe
    kinds = (0, 1) if recipe.penalty > 0 and recipe.penalty_every > 1 else (0,)
    spent: dict[int, list[float]] = {kind: [] for kind in kinds}
    began = time.perf_counter()
    done = 0.0
    while done < 1 or any(len(times) < _WARM_UP + _MIN_STEPS for times in spent.values()):
        for kind, times in spent.items():
            times.append(_step(gan, batches, kind))
            done = (time.perf_counter() - began) / seconds
            progress(min(done, 1.0))
    best = [min(times[_WARM_UP:]) for times in spent.values()]
    cycle = best[0] + best[-1] * (recipe.penalty_every - 1) if len(best) > 1 else best[0]
    return recipe.batch * (recipe.penalty_every if len(best) > 1 else 1) / cycle


def _step(gan: Gan, batches: Batches, number: int) -> float:
    """Run a step, with the penalty if its number is even. Returns its seconds."""
    recipe = gan.definition.recipe
    began = time.perf_counter()
    losses = gan.step(
        batches(number), penalise=recipe.penalty > 0 and number % 2 == 0, decay=recipe.ema_decay(recipe.batch)
    )
    for loss in losses.values():
        float(loss)  # waits until the device has finished
    return time.perf_counter() - began


def _measure_accelerator(backend: str) -> tuple[str, float]:
    """Name of the GPU and its peak memory in MB."""
    if backend == "torch":
        import torch

        if not torch.cuda.is_available():
            return "", 0.0
        return str(torch.cuda.get_device_name()), torch.cuda.max_memory_allocated() / 1e6
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "", 0.0
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return str(name), tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e6


def _peak_memory_mb() -> float:
    """Peak memory of this process in MB."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset / 1e6)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
