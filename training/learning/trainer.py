"""Train the generator and the discriminator of a run; `training_loop` runs the steps.

At every checkpoint, the run writes previews and evaluates generated images against real ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.image import to_grey
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents
from training.evaluation.metrics import Evaluator, Metrics, choose_stem, make_evaluator
from training.learning.batches import Batch
from training.learning.checkpoints import TrainingProgress, save_average, save_checkpoint
from training.learning.newest import write_newest_model
from training.learning.previews import preview_latents, save_preview
from training.learning.run import Run
from training.learning.start import make_gan, sample_images, transfer_weights
from training.learning.training_loop import CommandSource, EventListener, Limit, TrainingLoop, ignore_event, round_value

if TYPE_CHECKING:
    from training.learning.gan import Gan

_IMAGES_AT_ONCE = 16


def train(run: Run, limit: Limit, commands: CommandSource, listener: EventListener = ignore_event) -> TrainingProgress:
    """Train until the limit or a "stop", from the newest checkpoint if there is one, and write a last checkpoint.

    commands: polled between steps. listener: called with every event. Returns the progress of the run.

    Raises:
        OutputError: another process is training in this folder, or the last checkpoint cannot be written.
        SourceError: the dataset cannot be read.
        SpecMismatch: the dataset or a checkpoint does not match the run.
        TrainingFailed: a loss became NaN or infinite.
        TechnoganError: a framework is missing.
    """
    return Trainer(run, listener).train(limit, commands)


class Trainer(TrainingLoop):
    """The training of a run's two networks, with an evaluation at every checkpoint."""

    losses = ("generator", "discriminator", "penalty")

    def __init__(self, run: Run, listener: EventListener) -> None:
        super().__init__(run, listener)
        self._evaluator: Evaluator | None = None
        self._learner: Gan

    def _build(self) -> None:
        self._learner = make_gan(self._run.config)

    def _begin(self) -> None:
        """Keep the random weights, or take those of the parent run."""
        if self._run.config.parent:
            transfer_weights(self._learner, Run.open(Path(self._run.config.parent)))
        else:
            self._learner.fit_rows(sample_images(self._images.array))

    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        recipe = self.network.recipe
        penalise = recipe.penalty > 0 and step % recipe.penalty_every == 0
        return self._learner.step(batch, penalise=penalise, decay=recipe.ema_decay((step + 1) * recipe.batch))

    def _save_checkpoint(self) -> None:
        self._report()
        path = save_checkpoint(self.folder, self._progress, self._learner.arrays())
        weights = self._learner.ema_generator.weights()
        save_average(self._run.folder, self._progress, weights)
        write_newest_model(self._run, self._progress, weights)
        self.report_event("checkpoint", path=path.relative_to(self._run.folder).as_posix())
        self._write_preview()
        if self._run.config.glance:
            self._evaluate()

    def _write_preview(self) -> None:
        config = self._run.config
        images = np.concatenate(list(self._generate(preview_latents(config.network.latent_size))))
        paths = save_preview(
            self._run.folder, self._progress.images, images, config.network.format, config.network.stems
        )
        self.report_event("preview", paths=[path.relative_to(self._run.folder).as_posix() for path in paths])

    def _evaluate(self) -> None:
        """Compare images of the moving average with real ones."""
        count = self._run.config.glance
        try:
            if self._evaluator is None:
                self._evaluator, floor = make_evaluator(self._images, count)
                self.report_event("floor", **_event_values(floor))
        except SettingError as error:
            self.report_event("warning", message=f"no metrics: {error}")
            return
        seeds = [Seed.from_integer(number, self._run.config.network.latent_size) for number in range(count)]
        generated = self._generate(latents(seeds, SLIDER_SCALE))
        metrics = _event_values(
            self._evaluator.measure(choose_stem(to_grey(images), self.network.format) for images in generated)
        )
        self.report_event("figures", **metrics)
        self._tensorboard.add(self._progress.images, metrics, "quality")

    def _generate(self, inputs: FloatArray) -> Iterator[FloatArray]:
        for start in range(0, len(inputs), _IMAGES_AT_ONCE):
            yield self._learner.ema_generator.generate(inputs[start : start + _IMAGES_AT_ONCE])


def _event_values(metrics: Metrics) -> dict[str, float]:
    return {name: round_value(value) for name, value in asdict(metrics).items() if value is not None}
