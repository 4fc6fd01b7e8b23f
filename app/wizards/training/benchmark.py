"""A short training run that measures what training costs on this machine, and the panel that shows the result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout

from app.training_tools.tools import TRAINING, find_tools
from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.text import Body
from app.wizards.training.cost import TrainingCost, describe_needs, expected_results
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.runs import TrainingOptions
from app.workers.detached_job import DetachedJob, Outcome
from technogan.errors import SpecError, TechnoganError
from technogan.records import read_json, read_record
from technogan.run_folder import Event

_RESULT = "result.json"
# Without a time limit, show the disk space that a day of training takes.
_UNLIMITED_MINUTES = 1440.0
_INVITATION = (
    "Train for a few seconds to measure the speed of this machine, the memory that training takes, and the time until "
    "there is something to hear. You can skip this."
)


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """The cost of training with these options on the dataset in this folder."""

    options: TrainingOptions
    dataset: str
    cost: TrainingCost

    def applies_to(self, plan: TrainingPlan) -> bool:
        """Return whether the plan has the same dataset and options, apart from the time limit."""
        same = replace(self.options, minutes=None) == replace(plan.options, minutes=None)
        return same and plan.dataset is not None and self.dataset == str(plan.dataset.folder)


class BenchmarkPanel(Panel):
    """Runs the benchmark and shows its result.

    Attributes:
        changed: emitted when the benchmark has ended.
        result: the latest result, if any.
    """

    changed = Signal()

    def __init__(self, tokens: Tokens, plan: TrainingPlan) -> None:
        super().__init__(tokens, "What to expect on this machine")
        self._plan = plan
        self._job: DetachedJob | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self.result: BenchmarkResult | None = None
        self.status = Body(tokens, tone="quiet")
        self.progress = ProgressLine(tokens, "Measuring")
        self.measure = Button(tokens, "Measure this machine", tip="Train for a few seconds to estimate the costs")
        self.cancel = Button(tokens, "Cancel", flat=True)
        self.error_panel = ErrorPanel(tokens)
        self.expected = QFormLayout()
        self._lay_out()
        self.measure.clicked.connect(self.start)
        self.error_panel.retry_requested.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        plan.changed.connect(self.show_cost)
        self.show_cost()

    def state(self) -> dict[str, Any] | None:
        """Return the result as plain JSON values."""
        if self.result is None:
            return None
        values = asdict(self.result)
        return values | {"choices": values.pop("options")}

    def restore(self, state: object) -> None:
        """Restore the result of `state`; values that cannot be used are ignored."""
        self.result = None
        if isinstance(state, Mapping):
            try:
                table = {"options": state.get("choices"), "dataset": state.get("dataset"), "cost": state.get("cost")}
                self.result = read_record(BenchmarkResult, table, ignore_unknown=True)
            except SpecError:
                pass
        self.show_cost()

    def start(self) -> None:
        """Start the benchmark in a process of its own."""
        self.stop()
        self.error_panel.clear()
        dataset, tools = self._plan.dataset, find_tools(TRAINING)
        if dataset is None or tools is None:
            missing = "a dataset" if dataset is None else "the training tools"
            self.error_panel.show_message(f"Measuring requires {missing}.")
            return
        self._folder = TemporaryDirectory(prefix="technogan-trial-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name).resolve()
        self._job = DetachedJob(folder, self)
        self._job.event_received.connect(self._show_event)
        self._job.ended.connect(self._end)
        arguments = [str(dataset.folder.resolve()), "--out", str(folder), *self._plan.options.arguments()]
        try:
            self._job.start(tools, "train", "--trial", *arguments)
        except TechnoganError as error:
            self.error_panel.show_message(str(error), retry="Try again")
            self.stop()
            return
        self.progress.show_progress(0.02)
        self.status.setText("Loading the framework; this can take a minute…")
        self._show_busy()

    def stop(self) -> None:
        """Stop the benchmark and delete its files."""
        job, self._job = self._job, None
        folder, self._folder = self._folder, None
        if job is not None:
            job.terminate()
            job.deleteLater()
        if folder is not None:
            folder.cleanup()
        self.progress.show_progress(None)
        self.show_cost()

    def show_cost(self) -> None:
        """Show the result if it applies to the plan."""
        self._show_busy()
        if self._job is not None:
            return
        while self.expected.rowCount():
            self.expected.removeRow(0)
        if self.result is None or not self.result.applies_to(self._plan):
            self.status.setText(_INVITATION)
            return
        cost, options = self.result.cost, self._plan.options
        n_checkpoints = round((options.minutes or _UNLIMITED_MINUTES) / options.checkpoint_minutes)
        self.status.setText(
            f"Measured: {60 * cost.images_per_second:,.0f} images per minute on {cost.device or 'the processor'}. "
            f"{describe_needs(cost, n_checkpoints)} "
            "At this speed, you can expect what other runs achieved after as many images:"
        )
        for time, text in expected_results(cost):
            self.expected.addRow(Body(self.tokens, time, tone="accent"), Body(self.tokens, text, tone="quiet"))

    def _show_busy(self) -> None:
        measuring = self._job is not None
        self.measure.setEnabled(not measuring and self._plan.dataset is not None)
        self.cancel.setVisible(measuring)
        self.progress.setVisible(measuring)

    def _show_event(self, event: Event) -> None:
        done = event.get("done")
        if event["event"] == "progress" and isinstance(done, (int, float)) and done > 0:
            self.progress.show_progress(min(1.0, done / 100))
            self.status.setText("Training for a few seconds…")

    def _end(self, outcome: Outcome) -> None:
        dataset, folder = self._plan.dataset, self._folder
        cost = _read_cost(Path(folder.name)) if folder is not None and outcome.kind == "done" else None
        if cost is not None and dataset is not None:
            self.result = BenchmarkResult(self._plan.options, str(dataset.folder), cost)
        elif outcome.kind != "stopped":
            what = outcome.message or "The benchmark gave no usable result."
            advice = "Try a smaller batch or another network, under More settings." if "memory" in what else ""
            self.error_panel.show_message(what, advice, details=outcome.details, retry="Try again")
        self.stop()
        self.changed.emit()

    def _lay_out(self) -> None:
        self.expected.setHorizontalSpacing(6 * GRID)
        self.expected.setVerticalSpacing(GRID)
        buttons = make_row(self.measure, self.cancel, STRETCH)
        add_items(self.body, self.status, self.progress, self.expected, self.error_panel, buttons)


def _read_cost(folder: Path) -> TrainingCost | None:
    try:
        return read_record(TrainingCost, read_json(folder / _RESULT), ignore_unknown=True)
    except (OSError, SpecError):
        return None
