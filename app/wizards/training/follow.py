"""The run that the training wizard follows: begun, taken up again, steered. Its page only shows what is said here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from app.training_tools.tools import TRAINING, find_tools
from app.wizards.training.course import Course
from app.wizards.training.plan import Plan
from app.workers.detached_job import Job, Outcome
from technogan.errors import TechnoganError
from technogan.run_folder import Event, Word

State = Literal["none", "starting", "running", "paused", "stopping", "stopped", "done", "failed", "died"]

_SHOW_MS = 100
_LOOK_MS = 5000
# A checkpoint of the largest network takes half of this.
_ROOM_MB = 1000


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ended a run, what to do, and the words on the key that does it. batch: for going on; 0 for as it was."""

    what: str
    advice: str
    retry: str
    details: str = ""
    batch: int = 0


class Follower(QObject):
    """changed: anything, at most ten times a second."""

    changed = Signal()

    def __init__(self, plan: Plan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._job: Job | None = None
        self._begun = self._stopping = False
        self.course = Course()
        self.outcome: Outcome | None = None
        self.room_mb: float | None = None
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._soon.timeout.connect(self.changed)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._look_for_room)

    @property
    def state(self) -> State:
        """How the run is."""
        if self._job is None:
            return "none"
        if self.outcome is not None:
            return self.outcome.kind
        if self._stopping:
            return "stopping"
        if not self._begun:
            return "starting"
        return "paused" if self.course.paused else "running"

    @property
    def alive(self) -> bool:
        """Whether its process works."""
        return self.state in ("starting", "running", "paused", "stopping")

    @property
    def short_of_room(self) -> bool:
        """Whether the disk may be too full for the next checkpoint."""
        return self.room_mb is not None and self.room_mb < _ROOM_MB

    def take_up(self) -> None:
        """Follow the plan's run, from its first event on; nothing where there is none."""
        folder = self._plan.folder
        if self._job is not None and self._job.folder == folder and (self.alive or self.outcome is not None):
            return
        self.leave()
        self.course = Course()
        if folder is not None and self._plan.run is not None:
            self._new_job()
            assert self._job is not None
            self._job.attach()
            self._begun = True
        self.changed.emit()

    def begin(self, *, batch: int = 0) -> None:
        """Begin the plan's run, or go on with it. batch: another number of images a step; 0 for as it is.

        Raises TechnoganError where that cannot be.
        """
        tools = find_tools(TRAINING)
        if tools is None:
            raise TechnoganError("the training tools are not set up (Tools, Training tools)")
        if self._plan.dataset is None:
            raise TechnoganError("there is no dataset to train on; choose one, or where it is now, on the first page")
        folder = self._plan.begin().resolve()
        self._plan.folder = folder
        arguments = ["train", str(self._plan.dataset.folder.resolve()), "--out", str(folder)]
        if self._plan.run is None:
            arguments += self._plan.choices.arguments()
        else:
            arguments += ["--resume", *(["--batch", str(batch)] if batch else [])]
        if self._job is None or self._job.folder != folder:
            self.leave()
            self.course = Course()
            self._new_job()
        assert self._job is not None
        self.outcome = None
        self._stopping = False
        self._job.start(tools, *arguments, *self._plan.choices.limit())
        self._begun = False  # what was told until now was of an earlier process
        self._look_for_room()
        self._look.start()
        self.changed.emit()

    def ask(self, word: Word) -> None:
        """Ask it to pause, resume, save or stop. Raises OutputError."""
        if self._job is None or not self.alive:
            return
        self._job.ask(word)
        self._stopping = self._stopping or word == "stop"
        self.changed.emit()

    def leave(self) -> None:
        """Follow it no more; it goes on."""
        self._look.stop()
        if self._job is not None:
            self._job.leave()
            self._job.deleteLater()
        self._job, self.outcome = None, None
        self._begun = self._stopping = False

    def explain(self) -> Explanation | None:
        """What went wrong; None where nothing did."""
        outcome = self.outcome
        if outcome is None or outcome.kind in ("done", "stopped"):
            return None
        run, details = self._plan.run, outcome.details
        if self.course.cause == "memory" and run is not None and run.batch > 2:
            half = run.batch // 2
            advice = "Go on with half as many images at once: slower, but it fits. Nothing is lost."
            return Explanation(
                f"Memory does not suffice for {run.batch} images at once.",
                advice,
                f"Go on with a batch of {half}",
                details,
                half,
            )
        if self._plan.dataset is None or not self._plan.dataset.folder.is_dir():
            advice = "Choose where the dataset is now, on the first page; then go on. Nothing is lost."
            return Explanation(outcome.message, advice, "Go on", details)
        return Explanation(outcome.message, self._kept(), "Go on" if run is not None else "Try again", details)

    def _kept(self) -> str:
        if self.course.saved is None:
            return "There was no checkpoint yet, so it begins at the beginning."
        return f"Everything up to the checkpoint of {self.course.saved:,} images is kept; it goes on from there."

    def _new_job(self) -> None:
        assert self._plan.folder is not None
        self._job = Job(self._plan.folder, self)
        self._job.told.connect(self._heard)
        self._job.ended.connect(self._ended)

    def _heard(self, event: Event) -> None:
        self._begun = self._begun or event["event"] == "started"
        self.course.take(event)
        if not self._soon.isActive():
            self._soon.start()

    def _ended(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._look.stop()
        self.room_mb = None
        self.changed.emit()

    def _look_for_room(self) -> None:
        try:
            folder = self._plan.folder
            self.room_mb = shutil.disk_usage(folder).free / 1e6 if folder is not None else None
        except OSError:
            self.room_mb = None
        if self.short_of_room:
            self.changed.emit()
