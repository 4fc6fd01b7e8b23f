"""A run's encoder, trained on a generator that the run has kept: see `training_loop` for the course of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import OutputError
from training.learning.batches import Batch
from training.learning.checkpoints import (
    CHECKPOINTS,
    ENCODER,
    GENERATOR,
    Position,
    kept_average,
    load_average,
    numbered,
    save_checkpoint,
)
from training.learning.newest import write_newest, write_newest_encoder
from training.learning.run import Run
from training.learning.start import make_encoder_learner
from training.learning.training_loop import Commands, Limit, Tell, TrainingLoop
from training.networks.definition import NetworkDefinition

if TYPE_CHECKING:
    from training.learning.encoder import EncoderLearner


def train_encoder(
    run: Run,
    limit: Limit,
    commands: Commands,
    tell: Tell = lambda _: None,
    *,
    resume: bool = False,
    best: bool = False,
) -> Position:
    """Train an encoder for a run's newest average, or its best, until the limit or a "stop", and write a last
    checkpoint. That average becomes the run's model, beside which the encoder lies.

    resume: go on with the encoder that is there, though it may have been another average's. Raises OutputError where
    there is an encoder and `resume` is not said, and as `kept_average` and `train`.
    """
    average = kept_average(run, best=best)
    if not resume and numbered(run.folder / ENCODER / CHECKPOINTS):
        raise OutputError(run.folder / ENCODER, "an encoder is there already; --resume goes on with it")
    return EncoderTrainer(run, tell, average).train(limit, commands)


class EncoderTrainer(TrainingLoop):
    """The encoder of a run. Half of each batch are images of the generator, so a step sees half as many real ones."""

    losses = ("latent", "picture")
    group = ENCODER
    marks: ClassVar[Mapping[str, str]] = {"part": ENCODER}

    def __init__(self, run: Run, tell: Tell, average: Path) -> None:
        super().__init__(run, tell)
        self._average = average
        self._learner: EncoderLearner
        self._generator: Position
        self._weights: Mapping[str, FloatArray]

    @property
    def folder(self) -> Path:
        """Of its own, within the run's."""
        return self._run.folder / ENCODER

    @property
    def network(self) -> NetworkDefinition:
        """The run's, with half its batch."""
        network = self._run.config.network
        half = max(2, network.recipe.batch // 2)
        return dataclasses.replace(network, recipe=dataclasses.replace(network.recipe, batch=half))

    def _make(self) -> None:
        self._generator, self._weights = load_average(self._average)
        self._learner = make_encoder_learner(self._run.config, self._weights)

    def _begin(self) -> None:
        """With random weights."""

    def _load(self, arrays: Mapping[str, Any]) -> None:
        self._learner.load(arrays)

    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        return self._learner.step(batch)

    def _checkpoint(self) -> None:
        self._report()
        arrays = self._learner.arrays() | {GENERATOR: np.array(self._generator.images)}
        path = save_checkpoint(self.folder, self._progress, arrays)
        # The model that this encoder belongs to, to the bit: the run's own may have been made from other roundings.
        bundle = write_newest(self._run, self._generator, self._weights)
        write_newest_encoder(self._run, bundle, self._learner.weights())
        self.tell("checkpoint", path=path.relative_to(self._run.folder).as_posix())
