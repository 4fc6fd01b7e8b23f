"""What every training has in common: steps follow each other until the run is told to stop or has had its time.

Every so often it tells how it goes; every some minutes it writes a checkpoint, from which it goes on another time.
"""

from __future__ import annotations

import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from technogan.errors import OutputError, SettingError, SourceError, SpecMismatch, TechnoganError
from technogan.run_folder import Word, cause_of
from training.dataset.images import Images, open_images
from training.learning.batches import Batch, Batches
from training.learning.board import Board
from training.learning.checkpoints import CHECKPOINTS, Position, load_checkpoint, numbered
from training.learning.exhaustion import explained_memory
from training.learning.run import Run
from training.learning.start import prepare_keras
from training.networks.definition import NetworkDefinition

_REPORT_SECONDS = 5.0
_PAUSE_SECONDS = 0.1

# Why a training ended: somebody said so, or its limit was reached.
Reason = Literal["asked", "minutes", "images"]


class Commands(Protocol):
    """Where commands come from."""

    def next(self) -> Word | None:
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


class TrainingLoop(ABC):
    """One training of a run. A child says what a step is, and what there is to keep.

    losses: what a step may return, in the order in which it is told. group: under which they stand on the board. marks:
    what every event of this training carries, so that one can tell whose it is. folder: where it keeps its checkpoints.
    """

    losses: ClassVar[tuple[str, ...]]
    group: ClassVar[str] = "training"
    marks: ClassVar[Mapping[str, str]] = {}

    def __init__(self, run: Run, tell: Tell) -> None:
        self._run = run
        self._tell = tell
        self._progress = Position()
        self._losses: list[Mapping[str, Any]] = []
        self._ends = self._most = math.inf
        self._images: Images
        self._board: Board

    @property
    def folder(self) -> Path:
        """The run's own."""
        return self._run.folder

    @property
    def network(self) -> NetworkDefinition:
        """With the recipe that counts for these steps: the run's."""
        return self._run.config.network

    @abstractmethod
    def _make(self) -> None:
        """Make the networks, after `prepare_keras`."""

    @abstractmethod
    def _begin(self) -> None:
        """What is to be done before the very first step."""

    @abstractmethod
    def _load(self, arrays: Mapping[str, Any]) -> None:
        """Go on from a checkpoint's arrays."""

    @abstractmethod
    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        """Correct the networks once. Returns losses: numbers, perhaps still on the device."""

    @abstractmethod
    def _checkpoint(self) -> None:
        """Write all there is to go on from, and show how far it is. Raises OutputError."""

    def train(self, limit: Limit, commands: Commands) -> Position:
        """Go on until the limit or a "stop", the run's folder locked; an error that ends it is told there, too."""
        with self._run.locked(), Board(self._run.folder) as self._board:
            try:
                with explained_memory(self.network.recipe.batch):
                    return self._whole(limit, commands)
            except TechnoganError as error:
                self.tell("failed", message=str(error), **cause_of(error))
                raise

    def tell(self, event: str, **facts: Any) -> None:
        """Write an event and pass it on."""
        progress = {"images": self._progress.images, "seconds": self._progress.seconds}
        self._tell(self._run.tell(event, **self.marks, **progress, **facts))

    def _whole(self, limit: Limit, commands: Commands) -> Position:
        """From the newest checkpoint, if there is one, to a last one."""
        config = self._run.config
        self._images = self._opened()
        prepare_keras(config)
        self._make()
        if not self._go_on():
            self._begin()
        batches = Batches(self._images.array, self.network, random_seed=config.random_seed)
        self.tell("started", process=os.getpid(), dataset=config.dataset, network=config.network.name)
        for skipped in self._images.skipped:
            self.tell("skipped", message=str(skipped))
        reason = self._train(batches, limit, commands)
        self._checkpoint()
        self.tell("stopped", reason=reason)
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

    def _go_on(self) -> bool:
        """From the newest checkpoint that can be read, if there is one."""
        for path in reversed(numbered(self.folder / CHECKPOINTS)):
            try:
                self._progress, arrays = load_checkpoint(path)
            except SourceError as error:
                self.tell("warning", message=str(error))
                continue
            self._load(arrays)
            return True
        return False

    def _train(self, batches: Batches, limit: Limit, commands: Commands) -> Reason:
        every = 60 * self._run.config.checkpoint_minutes
        self._ends = math.inf if limit.minutes is None else self._progress.seconds + 60 * limit.minutes
        self._most = math.inf if limit.images is None else limit.images
        saved = self._progress.seconds
        reason: Reason = "asked"
        for progress in self._steps(batches):
            command = commands.next()
            if command == "pause":
                command = self._paused(commands)
            if command == "stop":
                break
            if progress.seconds >= self._ends or progress.images >= self._most:
                reason = "minutes" if progress.seconds >= self._ends else "images"
                break
            if command == "save" or progress.seconds - saved >= every:
                self._try_checkpoint()
                saved = progress.seconds
        return reason

    def _steps(self, batches: Batches) -> Iterator[Position]:
        size = self.network.recipe.batch
        # By images, since a run may go on with another batch.
        step, told, images = self._progress.images // size, self._progress.seconds, self._progress.images
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(batches, step)
            while True:
                began = time.perf_counter()
                batch, coming = coming.result(), pool.submit(batches, step + 1)
                self._losses.append(self._step(batch, step))
                step += 1
                seconds = self._progress.seconds + time.perf_counter() - began
                self._progress = Position(step, step * size, seconds)
                if seconds - told >= _REPORT_SECONDS:
                    self._report((self._progress.images - images) / (seconds - told))
                    told, images = seconds, self._progress.images
                yield self._progress

    def _paused(self, commands: Commands) -> Word | None:
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
        present = [name for name in self.losses if any(name in step for step in losses)]
        figures = {name: float(np.mean([step[name] for step in losses if name in step])) for name in present}
        if not all(map(math.isfinite, figures.values())):
            kept = numbered(self.folder / CHECKPOINTS)
            where = f"the checkpoint of {int(kept[-1].stem)} images is kept" if kept else "there is no checkpoint yet"
            raise TrainingFailed(
                f"the losses are no numbers any more after {self._progress.images} images; {where}; "
                "go on from there with a lower learning rate"
            )
        if images_per_second is not None:
            figures["images_per_second"] = images_per_second
            figures |= self._left(images_per_second)
        self.tell("progress", **{name: rounded(value) for name, value in figures.items()})
        self._board.add(self._progress.images, figures, self.group)

    def _left(self, images_per_second: float) -> dict[str, float]:
        """How many seconds of training are left, where there is a limit."""
        by_images = (self._most - self._progress.images) / images_per_second if images_per_second else math.inf
        left = min(self._ends - self._progress.seconds, by_images)
        return {"seconds_left": max(0.0, left)} if math.isfinite(left) else {}

    def _try_checkpoint(self) -> None:
        """A full disk now may be empty later: the run goes on, and the last checkpoint stays."""
        try:
            self._checkpoint()
        except OutputError as error:
            self.tell("warning", message=f"{error}; training goes on from memory, the last checkpoint stands")


def rounded(value: float) -> float:
    """To six digits, as events tell figures."""
    return float(f"{value:.6g}")
