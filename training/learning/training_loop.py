"""The loop that every training shares: it runs steps until a command or the limit ends it.

It reports the losses every few seconds, writes a checkpoint every few minutes, and resumes from the newest one.
"""

import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from technogan.errors import OutputError, SettingError, SourceError, SpecMismatch, TechnoganError
from technogan.run_folder import RunCommand, cause_of
from training.dataset.images import Images
from training.learning.batches import Batch, Batches
from training.learning.checkpoints import CHECKPOINTS, TrainingProgress, list_checkpoints, load_checkpoint
from training.learning.out_of_memory import translate_memory_errors
from training.learning.run import Run
from training.learning.start import open_dataset, prepare_keras
from training.learning.tensorboard_log import TensorboardLog
from training.networks.definition import NetworkDefinition

_REPORT_SECONDS = 5.0
_PAUSE_SECONDS = 0.1

# Why a training ended: a "stop" command, or the limit.
Reason = Literal["asked", "minutes", "images"]


class CommandSource(Protocol):
    """A source of commands that the loop polls."""

    def next(self) -> RunCommand | None:
        """Return the next command, or None."""


# Called with every event, after it was appended to the run's folder.
EventListener = Callable[[Mapping[str, Any]], None]


def ignore_event(_event: Mapping[str, Any], /) -> None:
    """Do nothing with an event: the default listener."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The end of a training: after `minutes` from now, or at `images` in all; None for no limit."""

    minutes: float | None = None
    images: int | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 <= self.minutes < float("inf"):
            raise SettingError("minutes", self.minutes, "0 or more")
        if self.images is not None and self.images < 0:
            raise SettingError("images", self.images, "0 or more")


class TrainingFailed(TechnoganError):
    """A loss became NaN or infinite. The last checkpoint is kept."""


class Learner(Protocol):
    """The networks of a training."""

    def load(self, arrays: Mapping[str, Any]) -> None:
        """Load the arrays of a checkpoint."""


class TrainingLoop(ABC):
    """One training of a run. A subclass defines the networks, the step and the checkpoint.

    Attributes:
        losses: names of the losses that a step may return, in the order of the events.
        group: group of the losses in TensorBoard.
        event_keys: keys that every event of this training has besides its own.
    """

    losses: ClassVar[tuple[str, ...]]
    group: ClassVar[str] = "training"
    event_keys: ClassVar[Mapping[str, str]] = {}

    def __init__(self, run: Run, listener: EventListener) -> None:
        self._run = run
        self._listener = listener
        self._progress = TrainingProgress()
        self._losses: list[Mapping[str, Any]] = []
        self._max_seconds = self._max_images = math.inf
        self._images: Images
        self._tensorboard: TensorboardLog
        self._learner: Learner

    @property
    def folder(self) -> Path:
        """The folder of the checkpoints, by default the run's."""
        return self._run.folder

    @property
    def network(self) -> NetworkDefinition:
        """The network, with the run's recipe."""
        return self._run.config.network

    @abstractmethod
    def _build(self) -> None:
        """Set `_learner`, with random weights, after `prepare_keras`."""

    @abstractmethod
    def _begin(self) -> None:
        """Initialise the networks of a run without a checkpoint."""

    @abstractmethod
    def _step(self, batch: Batch, step: int) -> Mapping[str, Any]:
        """Update the networks once. Returns the losses, scalars that may still be on the device."""

    @abstractmethod
    def _save_checkpoint(self) -> None:
        """Write a checkpoint and whatever goes with it. Raises OutputError."""

    def train(self, limit: Limit, commands: CommandSource) -> TrainingProgress:
        """Train until the limit or a "stop" with the run's folder locked; report an error as a "failed" event."""
        with self._run.lock(), TensorboardLog(self._run.folder) as self._tensorboard:
            try:
                with translate_memory_errors(self.network.recipe.batch):
                    return self._train(limit, commands)
            except TechnoganError as error:
                self.report_event("failed", message=str(error), **cause_of(error))
                raise

    def report_event(self, event: str, **details: Any) -> None:
        """Append an event to the run's folder and pass it to the listener."""
        progress = {"images": self._progress.images, "seconds": self._progress.seconds}
        self._listener(self._run.append_event(event, **self.event_keys, **progress, **details))

    def _train(self, limit: Limit, commands: CommandSource) -> TrainingProgress:
        config = self._run.config
        self._images = self._open_images()
        prepare_keras(config)
        self._build()
        if not self._resume():
            self._begin()
        batches = Batches(self._images.array, self.network, random_seed=config.random_seed)
        self.report_event("started", process=os.getpid(), dataset=config.dataset, network=config.network.name)
        for skipped in self._images.skipped:
            self.report_event("skipped", message=str(skipped))
        reason = self._run_steps(batches, limit, commands)
        self._save_checkpoint()
        self.report_event("stopped", reason=reason)
        return self._progress

    def _open_images(self) -> Images:
        config = self._run.config
        images = open_dataset(config)
        if len(images.array) != config.images:
            raise SpecMismatch("the number of images since the run began", config.images, len(images.array))
        return images

    def _resume(self) -> bool:
        """Load the newest readable checkpoint, if there is one."""
        for path in reversed(list_checkpoints(self.folder / CHECKPOINTS)):
            try:
                self._progress, arrays = load_checkpoint(path)
            except SourceError as error:
                self.report_event("warning", message=str(error))
                continue
            self._learner.load(arrays)
            return True
        return False

    def _run_steps(self, batches: Batches, limit: Limit, commands: CommandSource) -> Reason:
        interval = 60 * self._run.config.checkpoint_minutes
        self._max_seconds = math.inf if limit.minutes is None else self._progress.seconds + 60 * limit.minutes
        self._max_images = math.inf if limit.images is None else limit.images
        saved = self._progress.seconds
        reason: Reason = "asked"
        for progress in self._steps(batches):
            command = commands.next()
            if command == "pause":
                command = self._pause(commands)
            if command == "stop":
                break
            if progress.seconds >= self._max_seconds or progress.images >= self._max_images:
                reason = "minutes" if progress.seconds >= self._max_seconds else "images"
                break
            if command == "save" or progress.seconds - saved >= interval:
                self._try_checkpoint()
                saved = progress.seconds
        return reason

    def _steps(self, batches: Batches) -> Iterator[TrainingProgress]:
        size = self.network.recipe.batch
        # Counted by images, because the batch size may have changed since the checkpoint.
        step, reported, images = self._progress.images // size, self._progress.seconds, self._progress.images
        with ThreadPoolExecutor(1) as pool:
            next_batch = pool.submit(batches, step)
            while True:
                began = time.perf_counter()
                batch, next_batch = next_batch.result(), pool.submit(batches, step + 1)
                self._losses.append(self._step(batch, step))
                step += 1
                seconds = self._progress.seconds + time.perf_counter() - began
                self._progress = TrainingProgress(step, step * size, seconds)
                if seconds - reported >= _REPORT_SECONDS:
                    self._report((self._progress.images - images) / (seconds - reported))
                    reported, images = seconds, self._progress.images
                yield self._progress

    def _pause(self, commands: CommandSource) -> RunCommand | None:
        """Wait for the next command; "pause" and "resume" only end the pause."""
        self.report_event("paused")
        while (command := commands.next()) is None:
            time.sleep(_PAUSE_SECONDS)
        self.report_event("resumed")
        return None if command in ("pause", "resume") else command

    def _report(self, images_per_second: float | None = None) -> None:
        """Report the mean losses since the last report. Raises TrainingFailed if one is NaN or infinite."""
        if not self._losses:
            return
        losses = [{name: float(value) for name, value in step.items()} for step in self._losses]
        self._losses.clear()
        present = [name for name in self.losses if any(name in step for step in losses)]
        values = {name: float(np.mean([step[name] for step in losses if name in step])) for name in present}
        if not all(map(math.isfinite, values.values())):
            raise TrainingFailed(self._failure_message())
        if images_per_second is not None:
            values["images_per_second"] = images_per_second
            values |= self._estimate_seconds_left(images_per_second)
        self.report_event("progress", **{name: round_value(value) for name, value in values.items()})
        self._tensorboard.add(self._progress.images, values, self.group)

    def _failure_message(self) -> str:
        kept = list_checkpoints(self.folder / CHECKPOINTS)
        checkpoint = f"the checkpoint of {int(kept[-1].stem)} images is kept" if kept else "there is no checkpoint yet"
        return (
            f"the loss became NaN or infinite after {self._progress.images} images; {checkpoint}; "
            "resume with a lower learning rate"
        )

    def _estimate_seconds_left(self, images_per_second: float) -> dict[str, float]:
        """The seconds until the limit; empty without a limit."""
        by_images = (self._max_images - self._progress.images) / images_per_second if images_per_second else math.inf
        left = min(self._max_seconds - self._progress.seconds, by_images)
        return {"seconds_left": max(0.0, left)} if math.isfinite(left) else {}

    def _try_checkpoint(self) -> None:
        """Write a checkpoint; if that fails, continue, since a full disk may have space later."""
        try:
            self._save_checkpoint()
        except OutputError as error:
            message = f"{error}; training continues from memory, and the last checkpoint is kept"
            self.report_event("warning", message=message)


def round_value(value: float) -> float:
    """Round to six significant digits, for events."""
    return float(f"{value:.6g}")
