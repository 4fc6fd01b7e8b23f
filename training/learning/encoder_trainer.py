"""Train an encoder for a generator that a run has saved; `training_loop` runs the steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import OutputError, SpecMismatch
from training.learning import checkpoints
from training.learning.batches import Batch
from training.learning.checkpoints import CHECKPOINTS, ENCODER, GENERATOR, TrainingProgress
from training.learning.newest import write_newest_encoder, write_newest_model
from training.learning.run import Run
from training.learning.start import make_encoder_learner
from training.learning.training_loop import CommandSource, EventListener, Limit, TrainingLoop, ignore_event
from training.networks.definition import NetworkDefinition

if TYPE_CHECKING:
    from training.learning.encoder import EncoderLearner


def train_encoder(
    run: Run,
    limit: Limit,
    commands: CommandSource,
    listener: EventListener = ignore_event,
    *,
    resume: bool = False,
    best: bool = False,
) -> TrainingProgress:
    """Train an encoder for an average of a run until the limit or a "stop"; that average becomes the run's model.

    resume: continue with the run's encoder, even if it was trained for another average. best: take the best average
    instead of the newest. Raises OutputError if there is an encoder and `resume` is False, and as `find_average` and
    `training.learning.trainer.train`.
    """
    average = checkpoints.find_average(run, best=best)
    if not resume and checkpoints.list_checkpoints(run.folder / ENCODER / CHECKPOINTS):
        raise OutputError(run.folder / ENCODER, "already has an encoder; --resume continues its training")
    return EncoderTrainer(run, listener, average).train(limit, commands)


class EncoderTrainer(TrainingLoop):
    """The training of a run's encoder. Its batches are half as large, since it generates as many images again."""

    losses = ("latent", "picture")
    group = ENCODER
    event_keys: ClassVar[Mapping[str, str]] = {"part": ENCODER}

    def __init__(self, run: Run, listener: EventListener, average: Path) -> None:
        if run.config.network.stems:
            raise SpecMismatch("the stems of a network with an encoder", "none", run.config.network.stems)
        super().__init__(run, listener)
        self._average = average
        self._learner: EncoderLearner
        self._generator_progress: TrainingProgress
        self._generator_weights: Mapping[str, FloatArray]

    @property
    def folder(self) -> Path:
        """The encoder's folder within the run's."""
        return self._run.folder / ENCODER

    @property
    def network(self) -> NetworkDefinition:
        """The run's network, with half its batch size."""
        network = self._run.config.network
        half = max(2, network.recipe.batch // 2)
        return dataclasses.replace(network, recipe=dataclasses.replace(network.recipe, batch=half))

    def _build(self) -> None:
        self._generator_progress, self._generator_weights = checkpoints.load_average(self._average)
        self._learner = make_encoder_learner(self._run.config, self._generator_weights)

    def _begin(self) -> None:
        """Keep the random weights."""

    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        return self._learner.step(batch)

    def _save_checkpoint(self) -> None:
        self._report()
        arrays = self._learner.arrays() | {GENERATOR: np.array(self._generator_progress.images)}
        path = checkpoints.save_checkpoint(self.folder, self._progress, arrays)
        # The encoder names its model by checksum, so the model has to be written from the same weights.
        bundle = write_newest_model(self._run, self._generator_progress, self._generator_weights)
        write_newest_encoder(self._run, bundle, self._learner.weights())
        self.report_event("checkpoint", path=path.relative_to(self._run.folder).as_posix())
