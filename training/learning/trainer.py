"""A run's generator and discriminator from the first image to the last: see `training_loop` for the course of it.

At every checkpoint the run shows what it dreams and holds that against real images.
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
from training.evaluation.metrics import Figures, Judge, judge_of
from training.learning.batches import Batch
from training.learning.checkpoints import Position, save_average, save_checkpoint
from training.learning.newest import write_newest
from training.learning.previews import preview_latents, save_preview
from training.learning.run import Run
from training.learning.start import inherit, make_gan, some_images
from training.learning.training_loop import Commands, Limit, Tell, TrainingLoop, rounded

if TYPE_CHECKING:
    from training.learning.gan import Gan

_DREAMT_AT_ONCE = 16


def train(run: Run, limit: Limit, commands: Commands, tell: Tell = lambda _: None) -> Position:
    """Train until the limit or a "stop", from the newest checkpoint if there is one, and write a last checkpoint.

    Raises OutputError where another process trains in this folder or the last checkpoint cannot be written, SourceError
    for a dataset or checkpoint that cannot be read, SpecMismatch where they do not fit the run, TrainingFailed, and
    TechnoganError where a framework is missing.
    """
    return Trainer(run, tell).train(limit, commands)


class Trainer(TrainingLoop):
    """The two networks of a run, and how they are judged on their way."""

    losses = ("generator", "discriminator", "penalty")

    def __init__(self, run: Run, tell: Tell) -> None:
        super().__init__(run, tell)
        self._judge: Judge | None = None
        self._gan: Gan

    def _make(self) -> None:
        self._gan = make_gan(self._run.config)

    def _begin(self) -> None:
        """With random weights, or with what another run has learned."""
        if self._run.config.parent:
            inherit(self._gan, Run.open(Path(self._run.config.parent)))
        else:
            self._gan.learn_rows(some_images(self._images.array))

    def _load(self, arrays: Mapping[str, Any]) -> None:
        self._gan.load(arrays)

    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        recipe = self.network.recipe
        penalise = recipe.penalty > 0 and step % recipe.penalty_every == 0
        return self._gan.step(batch, penalise=penalise, decay=recipe.decay((step + 1) * recipe.batch))

    def _checkpoint(self) -> None:
        self._report()
        path = save_checkpoint(self.folder, self._progress, self._gan.arrays())
        weights = self._gan.average.weights()
        save_average(self._run.folder, self._progress, weights)
        write_newest(self._run, self._progress, weights)
        self.tell("checkpoint", path=path.relative_to(self._run.folder).as_posix())
        self._show()
        if self._run.config.glance:
            self._compare()

    def _show(self) -> None:
        config = self._run.config
        images = np.concatenate(list(self._dreamt(preview_latents(config.network.latent_size))))
        paths = save_preview(self._run.folder, self._progress.images, images, config.network.format)
        self.tell("preview", paths=[path.relative_to(self._run.folder).as_posix() for path in paths])

    def _compare(self) -> None:
        """Hold what the average dreams against real images, a small number of them."""
        count = self._run.config.glance
        try:
            if self._judge is None:
                self._judge, floor = judge_of(self._images, count)
                self.tell("floor", **_figures(floor))
        except SettingError as error:
            self.tell("warning", message=f"no figures: {error}")
            return
        seeds = [Seed.from_integer(number, self._run.config.network.latent_size) for number in range(count)]
        dreamt = self._dreamt(latents(seeds, SLIDER_SCALE))
        figures = _figures(self._judge.figures(to_grey(images) for images in dreamt))
        self.tell("figures", **figures)
        self._board.add(self._progress.images, figures, "quality")

    def _dreamt(self, of: FloatArray) -> Iterator[FloatArray]:
        for start in range(0, len(of), _DREAMT_AT_ONCE):
            yield self._gan.average.images(of[start : start + _DREAMT_AT_ONCE])


def _figures(figures: Figures) -> dict[str, float]:
    return {name: rounded(value) for name, value in asdict(figures).items() if value is not None}
