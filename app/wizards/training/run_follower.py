"""The training run that the wizard starts, follows and controls."""

import shutil
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from app.training_tools.tools import TRAINING, find_tools
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.progress import TrainingProgress
from app.workers.detached_job import DetachedJob, Outcome
from technogan.errors import TechnoganError
from technogan.run_folder import Event, RunCommand

RunState = Literal["none", "starting", "running", "paused", "stopping", "stopped", "done", "failed", "died"]

_SHOW_MS = 100
_CHECK_DISK_MS = 5000
# A checkpoint of the largest network takes half of this.
_LOW_DISK_MB = 1000


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Why a run has ended and how to resume it.

    Attributes:
        what: what happened.
        advice: what to do.
        retry: the label of the button that resumes it.
        details: the output of the process.
        batch: images per step to resume with; 0 for no change.
    """

    what: str
    advice: str
    retry: str
    details: str = ""
    batch: int = 0


class RunFollower(QObject):
    """Follows the run of a plan.

    Attributes:
        changed: emitted when any of it changes, at most ten times a second.
        progress: the progress of the run.
        outcome: how the run has ended; None while it is active or if there is none.
        free_mb: free disk space while the run is active, if known.
    """

    changed = Signal()

    def __init__(self, plan: TrainingPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._job: DetachedJob | None = None
        self._has_started = self._stopping = False
        self.progress = TrainingProgress()
        self.outcome: Outcome | None = None
        self.free_mb: float | None = None
        self._show_soon = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._show_soon.timeout.connect(self.changed)
        self._disk_timer = QTimer(self, interval=_CHECK_DISK_MS)
        self._disk_timer.timeout.connect(self._check_disk)

    @property
    def state(self) -> RunState:
        """The state of the run."""
        if self._job is None:
            return "none"
        if self.outcome is not None:
            return self.outcome.kind
        if self._stopping:
            return "stopping"
        if not self._has_started:
            return "starting"
        return "paused" if self.progress.paused else "running"

    @property
    def is_active(self) -> bool:
        """True if the process of the run is alive."""
        return self.state in ("starting", "running", "paused", "stopping")

    @property
    def is_disk_low(self) -> bool:
        """True if the disk may be too full for the next checkpoint."""
        return self.free_mb is not None and self.free_mb < _LOW_DISK_MB

    def attach(self) -> None:
        """Follow the plan's run from its first event on, if it has begun."""
        folder = self._plan.folder
        if self._job is not None and self._job.folder == folder and (self.is_active or self.outcome is not None):
            return
        self.detach()
        self.progress = TrainingProgress()
        if folder is not None and self._plan.run is not None:
            self._new_job().attach()
            self._has_started = True
        self.changed.emit()

    def start(self, *, batch: int = 0) -> None:
        """Start or resume the plan's run, with another number of images per step unless `batch` is 0.

        Raises:
            TechnoganError: the tools or the dataset are missing, or the process cannot be started.
        """
        tools = find_tools(TRAINING)
        if tools is None:
            raise TechnoganError("The training tools are not installed: install them with Tools > Training tools….")
        if self._plan.dataset is None:
            raise TechnoganError("Choose a dataset on the first page.")
        folder = self._plan.use_folder().resolve()
        self._plan.folder = folder
        job = self._job
        if job is None or job.folder != folder:
            self.detach()
            self.progress = TrainingProgress()
            job = self._new_job()
        self.outcome = None
        self._stopping = False
        options = self._plan.options
        arguments = ["train", str(self._plan.dataset.folder.resolve()), "--out", str(folder)]
        if self._plan.run is None:
            arguments += options.arguments()
        else:
            arguments += ["--resume", *(["--batch", str(batch)] if batch else [])]
        job.start(tools, *arguments, *options.limit())
        self._has_started = False  # earlier events came from an earlier process
        self._check_disk()
        self._disk_timer.start()
        self.changed.emit()

    def send(self, command: RunCommand) -> None:
        """Ask the run to pause, resume, save or stop. Raises OutputError."""
        if self._job is None or not self.is_active:
            return
        self._job.send_command(command)
        self._stopping = self._stopping or command == "stop"
        self.changed.emit()

    def detach(self) -> None:
        """Stop following the run, which continues."""
        self._disk_timer.stop()
        if self._job is not None:
            self._job.detach()
            self._job.deleteLater()
        self._job, self.outcome = None, None
        self._has_started = self._stopping = False

    @property
    def failure(self) -> RunFailure | None:
        """Why the run failed; None if it has not."""
        outcome, run = self.outcome, self._plan.run
        if outcome is None or outcome.kind in ("done", "stopped"):
            return None
        if self.progress.cause == "memory" and run is not None and run.batch > 2:
            half = run.batch // 2
            what = f"Out of memory with {run.batch} images per step."
            advice = "Resume with half as many: slower, but it takes less memory. Nothing is lost."
            return RunFailure(what, advice, f"Resume with a batch of {half}", outcome.details, half)
        if self._plan.dataset is None or not self._plan.dataset.folder.is_dir():
            advice = "Choose where the dataset is now on the first page, then resume. Nothing is lost."
            return RunFailure(outcome.message, advice, "Resume", outcome.details)
        saved = self.progress.saved
        advice = (
            "There was no checkpoint yet: training starts from the beginning."
            if saved is None
            else f"Training resumes from the checkpoint at {saved:,} images."
        )
        return RunFailure(outcome.message, advice, "Try again" if run is None else "Resume", outcome.details)

    def _new_job(self) -> DetachedJob:
        assert self._plan.folder is not None
        self._job = DetachedJob(self._plan.folder, self)
        self._job.event_received.connect(self._update)
        self._job.ended.connect(self._end)
        return self._job

    def _update(self, event: Event) -> None:
        self._has_started = self._has_started or event["event"] == "started"
        self.progress.update(event)
        if not self._show_soon.isActive():
            self._show_soon.start()

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._disk_timer.stop()
        self.free_mb = None
        self.changed.emit()

    def _check_disk(self) -> None:
        try:
            folder = self._plan.folder
            self.free_mb = shutil.disk_usage(folder).free / 1e6 if folder is not None else None
        except OSError:
            self.free_mb = None
        if self.is_disk_low:
            self.changed.emit()
