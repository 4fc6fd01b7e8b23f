"""The page that starts a training run, shows its progress and controls it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QGridLayout

from app.widgets.button import Button
from app.widgets.layout import add_items, make_row
from app.widgets.panel import QuietLabel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID
from app.wizards.common.curves import Curve, CurvePlot
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.host import Host
from app.wizards.common.page import Page
from app.wizards.common.shortcuts import add_shortcuts
from app.wizards.common.text import Body
from app.wizards.common.wording import approximate_duration
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.previews import PreviewPanel
from app.wizards.training.progress import TrainingProgress, make_hint
from app.wizards.training.run_follower import RunFollower, RunState
from technogan.errors import TechnoganError
from technogan.run_folder import RunCommand, format_duration

_STATUS: dict[RunState, str] = {
    "none": "Ready",
    "starting": "Starting…",
    "running": "Running",
    "paused": "Paused",
    "stopping": "Stopping…",
    "stopped": "Stopped",
    "done": "Finished",
    "failed": "Failed",
    "died": "Failed",
}
# Name, colour and position in an entry of `TrainingProgress.losses`.
_LOSSES = (("generator", "accent", 1), ("discriminator", "caution", 2))


class RunPage(Page):
    """The status, metrics, losses and previews of a run."""

    name, step = "run", "Training"
    heading = "Training"

    def __init__(self, host: Host, plan: TrainingPlan) -> None:
        super().__init__(host.tokens)
        tokens = host.tokens
        self._plan = plan
        self._batch = 0
        self.follower = RunFollower(plan, self)
        self.status = Body(tokens)
        self.details = QuietLabel(tokens)
        self.progress = ProgressLine(tokens, "Progress")
        self.begin = Button(tokens, "Start training", primary=True)
        self.pause = Button(tokens, "Pause", tip="Pause or resume", shortcut="Ctrl+Shift+P")
        self.save = Button(
            tokens, "Save now", tip="Save a checkpoint, a preview and metrics now", shortcut="Ctrl+Shift+S"
        )
        self.stop = Button(tokens, "Stop", tip="Save and stop; you can resume later")
        self.new_run = Button(tokens, "New run", tip="Keep this run and set up another", flat=True)
        self.error_panel, self.hint = ErrorPanel(tokens), ErrorPanel(tokens)
        self.losses = CurvePlot(tokens, "Losses")
        self.distance = CurvePlot(tokens, "Distance to your music", logarithmic=True, marks=True)
        self.previews = PreviewPanel(host)
        self._lay_out()
        self._connect()
        self._show()

    def complete(self) -> bool:
        run = self._plan.run
        return run is not None and run.has_model

    def enter(self) -> None:
        self.follower.attach()

    def leave(self) -> None:
        self.previews.stop()

    def state(self) -> dict[str, Any]:
        return {"folder": str(self._plan.folder) if self._plan.folder else ""}

    def restore(self, state: Mapping[str, Any]) -> None:
        folder = state.get("folder")
        if isinstance(folder, str) and folder and (Path(folder) / "config.json").exists():
            dataset = self._plan.dataset
            self._plan.follow(Path(folder))
            # The run's dataset may have moved to where the first page found it.
            self._plan.dataset = self._plan.dataset or dataset

    def close_page(self) -> None:
        self.follower.detach()

    def start_run(self) -> None:
        """Start or resume the run."""
        self.error_panel.clear()
        try:
            self.follower.start(batch=self._batch)
        except TechnoganError as error:
            self.error_panel.show_message(str(error), "Nothing is lost.", retry="Try again")
        self._batch = 0

    def toggle_pause(self) -> None:
        """Pause or resume the run."""
        self._send("resume" if self.follower.progress.paused else "pause")

    def _send(self, command: RunCommand) -> None:
        try:
            self.follower.send(command)
        except TechnoganError as error:
            self.error_panel.show_message(str(error), "The run continues.")

    # --- display

    def _show(self) -> None:
        follower, progress = self.follower, self.follower.progress
        state = follower.state
        self.status.setText(_STATUS[state] + (f": {self._plan.run_name}" if state == "none" else ""))
        self.status.set_tone("accent" if state == "running" else "text")
        self.details.setText(_describe(progress))
        done = None if progress.left is None else progress.seconds / max(1.0, progress.seconds + progress.left)
        self.progress.show_progress(done if follower.is_active else None)
        self._show_buttons(state)
        self._show_problem()
        self._show_hint()
        self.losses.show_curves(
            [Curve(name, colour, [(entry[0], entry[i]) for entry in progress.losses]) for name, colour, i in _LOSSES]
        )
        distances = [(metrics.images, metrics.mel) for metrics in progress.metrics]
        floor = ("your tracks", progress.floor) if progress.floor else None
        self.distance.show_curves([Curve("model", "accent", distances)], floor)
        self.previews.show_previews(self._plan.folder or Path(), progress.previews)
        self.changed.emit()

    def _show_buttons(self, state: RunState) -> None:
        active = self.follower.is_active
        self.begin.setVisible(not active and self.follower.failure is None)
        self.begin.setText("Start training" if self._plan.run is None else "Resume")
        self.begin.updateGeometry()
        for button in (self.pause, self.save, self.stop):
            button.setVisible(active)
            button.setEnabled(state in ("running", "paused"))
        self.stop.setEnabled(active and state != "stopping")
        self.pause.setText("Resume" if state == "paused" else "Pause")
        self.new_run.setVisible(not active and self._plan.run is not None)

    def _show_problem(self) -> None:
        follower, failure = self.follower, self.follower.failure
        if failure is not None:
            self._batch = failure.batch
            self.error_panel.show_message(failure.what, failure.advice, details=failure.details, retry=failure.retry)
        elif follower.progress.warning:
            self.error_panel.show_message(f"{follower.progress.warning}.", tone="caution")
        elif follower.is_disk_low:
            what = f"The disk has {follower.free_mb or 0:.0f} MB left: the next checkpoint may not fit."
            self.error_panel.show_message(what, "Free some space. Training continues meanwhile.", tone="caution")
        elif follower.is_active or follower.outcome is not None:
            self.error_panel.clear()

    def _show_hint(self) -> None:
        run = self._plan.run
        if run is None or self.follower.state in ("none", "starting"):
            self.hint.show_message("Previews, scores and advice appear here.", tone="line")
            return
        hint = make_hint(self.follower.progress, run.images)
        waits = self.follower.is_active or hint.kind != "improving"
        self.hint.show_message(hint.text, hint.advice if waits else "Resume it, or make a model of it.", tone=hint.tone)

    def _connect(self) -> None:
        self.follower.changed.connect(self._show)
        self._plan.changed.connect(self._show)
        self.begin.clicked.connect(self.start_run)
        self.error_panel.retry_requested.connect(self.start_run)
        self.pause.clicked.connect(self.toggle_pause)
        self.save.clicked.connect(lambda: self._send("save"))
        self.stop.clicked.connect(lambda: self._send("stop"))
        add_shortcuts(self, self.toggle_pause, "Ctrl+Shift+P")
        add_shortcuts(self, lambda: self._send("save"), "Ctrl+Shift+S")

    def _lay_out(self) -> None:
        head = make_row(self.status, (self.details, 1), self.new_run, self.pause, self.save, self.stop, self.begin)
        grid = QGridLayout()
        grid.setSpacing(2 * GRID)
        grid.addWidget(self.distance, 0, 0)
        grid.addWidget(self.losses, 1, 0)
        grid.addWidget(self.previews, 0, 1, 2, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        add_items(self.body, head, self.progress, self.error_panel, self.hint, (grid, 1))


def _describe(progress: TrainingProgress) -> str:
    if not progress.images:
        return ""
    parts = [format_duration(progress.seconds), f"{progress.images:,} images"]
    if progress.rate is not None:
        parts.append(f"{progress.rate:.1f} per second")
    if progress.left is not None:
        parts.append(f"{approximate_duration(progress.left)} left")
    if progress.saved is not None:
        parts.append(f"saved at {progress.saved:,}")
    return "   ".join(parts)
