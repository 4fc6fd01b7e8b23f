"""A training run from its first image to its last: read it from top to bottom.

Steps follow each other until the run is told to stop or has had its time. Every so often it tells how it goes; every
some minutes it writes a checkpoint, shows what it dreams and holds that against real images.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from technogan.errors import OutputError, SettingError, SourceError, SpecMismatch, TechnoganError
from technogan.image import to_grey
from technogan.latent import SLIDER_SCALE, Seed, latents
from technogan.transform import FloatArray
from training.dataset import Images, open_images
from training.export.model import write_newest
from training.learning.batches import Batches
from training.learning.board import Board
from training.learning.checkpoints import (
    CHECKPOINTS,
    Progress,
    load_checkpoint,
    numbered,
    save_average,
    save_checkpoint,
)
from training.learning.previews import preview_latents, save_preview
from training.learning.run import Command, Run
from training.learning.start import inherit, make_gan, prepare_keras, some_images
from training.metrics import Figures, Judge, judge_of

if TYPE_CHECKING:
    from training.learning.gan import Gan

_REPORT_SECONDS = 5.0
_PAUSE_SECONDS = 0.1
_DREAMT_AT_ONCE = 16
_LOSSES = ("generator", "discriminator", "penalty")


class Commands(Protocol):
    """Where commands come from."""

    def next(self) -> Command | None:
        """What is to be done now, once."""


class Tell(Protocol):
    """Who hears what happens, besides the run's folder."""

    def __call__(self, event: Mapping[str, Any], /) -> None: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """When a run ends by itself: after so many minutes from now, or at so many images in all; None for never."""

    minutes: float | None = None
    images: int | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 <= self.minutes < float("inf"):
            raise SettingError("minutes", self.minutes, "0 or more")
        if self.images is not None and self.images < 0:
            raise SettingError("images", self.images, "0 or more")


class TrainingFailed(TechnoganError):
    """The losses are no numbers any more; the last checkpoint stands."""


def train(run: Run, limit: Limit, commands: Commands, tell: Tell = lambda _: None) -> Progress:
    """Train until the limit or a "stop", from the newest checkpoint if there is one, and write a last checkpoint.

    Raises OutputError where another process trains in this folder or the last checkpoint cannot be written, SourceError
    for a dataset or checkpoint that cannot be read, SpecMismatch where they do not fit the run, TrainingFailed, and
    TechnoganError where a framework is missing.
    """
    with run.locked(), Board(run.folder) as board:
        trainer = Trainer(run, board, tell)
        try:
            return trainer.run(limit, commands)
        except TechnoganError as error:
            trainer.tell("failed", message=str(error))
            raise


class Trainer:
    """The parts of one run."""

    def __init__(self, run: Run, board: Board, tell: Tell) -> None:
        self._run = run
        self._board = board
        self._tell = tell
        self._progress = Progress()
        self._losses: list[Mapping[str, Any]] = []
        self._judge: Judge | None = None
        self._images: Images
        self._gan: Gan

    def tell(self, event: str, **facts: Any) -> None:
        """Write an event and pass it on."""
        self._tell(self._run.tell(event, images=self._progress.images, seconds=self._progress.seconds, **facts))

    def run(self, limit: Limit, commands: Commands) -> Progress:
        """See `train`."""
        config = self._run.config
        self._images = self._opened()
        prepare_keras(config)
        self._gan = make_gan(config)
        if not self._go_on():
            self._begin()
        batches = Batches(self._images.array, config.network, random_seed=config.random_seed)
        self.tell("started", process=os.getpid(), dataset=config.dataset, network=config.network.name)
        for skipped in self._images.skipped:
            self.tell("skipped", message=str(skipped))
        self._train(batches, limit, commands)
        self._checkpoint()
        self.tell("stopped")
        return self._progress

    def _opened(self) -> Images:
        config = self._run.config
        images = open_images(Path(config.dataset), damaged=config.damaged)
        if images.manifest.format != config.network.format:
            raise SpecMismatch("the dataset's format", config.network.format.name, images.manifest.format.name)
        if len(images.array) != config.images:
            raise SpecMismatch(
                "the dataset's images, for a run that began with others", config.images, len(images.array)
            )
        return images

    def _begin(self) -> None:
        """With random weights, or with what another run has learned."""
        if self._run.config.parent:
            inherit(self._gan, Run.open(Path(self._run.config.parent)))
        else:
            self._gan.learn_rows(some_images(self._images.array))

    def _go_on(self) -> bool:
        """From the newest checkpoint that can be read, if there is one."""
        for path in reversed(numbered(self._run.folder / CHECKPOINTS)):
            try:
                self._progress, arrays = load_checkpoint(path)
            except SourceError as error:
                self.tell("warning", message=str(error))
                continue
            self._gan.load(arrays)
            return True
        return False

    def _train(self, batches: Batches, limit: Limit, commands: Commands) -> None:
        every = 60 * self._run.config.checkpoint_minutes
        ends = math.inf if limit.minutes is None else self._progress.seconds + 60 * limit.minutes
        most = math.inf if limit.images is None else limit.images
        saved = self._progress.seconds
        for progress in self._steps(batches):
            command = commands.next()
            if command == "pause":
                command = self._paused(commands)
            if command == "stop" or progress.seconds >= ends or progress.images >= most:
                return
            if command == "save" or progress.seconds - saved >= every:
                self._try_checkpoint()
                saved = progress.seconds

    def _steps(self, batches: Batches) -> Iterator[Progress]:
        recipe = self._run.config.network.recipe
        step, told, images = self._progress.steps, self._progress.seconds, self._progress.images
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(batches, step)
            while True:
                began = time.perf_counter()
                batch, coming = coming.result(), pool.submit(batches, step + 1)
                penalise = recipe.penalty > 0 and step % recipe.penalty_every == 0
                decay = recipe.decay(self._progress.images + recipe.batch)
                self._losses.append(self._gan.step(batch, penalise=penalise, decay=decay))
                step += 1
                seconds = self._progress.seconds + time.perf_counter() - began
                self._progress = Progress(step, step * recipe.batch, seconds)
                if seconds - told >= _REPORT_SECONDS:
                    self._report((self._progress.images - images) / (seconds - told))
                    told, images = seconds, self._progress.images
                yield self._progress

    def _paused(self, commands: Commands) -> Command | None:
        """Wait until something else is asked for, or the pause again."""
        self.tell("paused")
        while (command := commands.next()) is None:
            time.sleep(_PAUSE_SECONDS)
        self.tell("resumed")
        return None if command in ("pause", "resume") else command

    def _report(self, images_per_second: float | None = None) -> None:
        """Tell the losses since the last time. Raises TrainingFailed where one is no number."""
        if not self._losses:
            return
        losses = [{name: float(value) for name, value in step.items()} for step in self._losses]
        self._losses.clear()
        present = [name for name in _LOSSES if any(name in step for step in losses)]
        figures = {name: float(np.mean([step[name] for step in losses if name in step])) for name in present}
        if not all(map(math.isfinite, figures.values())):
            kept = numbered(self._run.folder / CHECKPOINTS)
            where = f"the checkpoint of {int(kept[-1].stem)} images is kept" if kept else "there is no checkpoint yet"
            raise TrainingFailed(
                f"the losses are no numbers any more after {self._progress.images} images; {where}; "
                "go on from there with a lower learning rate"
            )
        if images_per_second is not None:
            figures["images_per_second"] = images_per_second
        self.tell("progress", **{name: _rounded(value) for name, value in figures.items()})
        self._board.add(self._progress.images, figures, "training")

    def _try_checkpoint(self) -> None:
        """A full disk now may be empty later: the run goes on, and the last checkpoint stays."""
        try:
            self._checkpoint()
        except OutputError as error:
            self.tell("warning", message=f"{error}; training goes on from memory, the last checkpoint stands")

    def _checkpoint(self) -> None:
        self._report()
        path = save_checkpoint(self._run.folder, self._progress, self._gan.arrays())
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
    return {name: _rounded(value) for name, value in asdict(figures).items() if value is not None}


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
