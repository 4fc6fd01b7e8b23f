"""What a training would cost on this machine: a trial in a process of its own, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QWidget

from app.training_tools.tools import TRAINING, find_tools
from app.widgets.button import Key
from app.widgets.panel import Panel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import Trouble
from app.wizards.common.text import Body
from app.wizards.training.facts import Cost, expectations, needs
from app.wizards.training.plan import Plan
from app.wizards.training.runs import Choices
from app.workers.detached_job import Job, Outcome
from technogan.errors import SpecError, TechnoganError
from technogan.run_folder import Event

_RESULT = "result.json"
# Where there is no limit, what a day leaves on the disk.
_OPEN_END_MINUTES = 1440.0
_INVITATION = (
    "A short trial trains for some seconds in a process of its own and tells how fast this machine is, "
    "how much memory it takes, and how long until there is something to hear. It can be left out."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A trial's result and what it was measured for; how long one trains does not matter."""

    choices: Choices
    dataset: str
    cost: Cost

    def fits(self, plan: Plan) -> bool:
        """Whether it was measured for what is planned now."""
        same = replace(self.choices, minutes=None) == replace(plan.choices, minutes=None)
        return same and plan.dataset is not None and self.dataset == str(plan.dataset.folder)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `asdict`. Raises SpecError where it makes no sense."""
        try:
            return cls(Choices.of(values["choices"]), str(values["dataset"]), Cost.of(values["cost"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise SpecError(f"it is no trial ({error})") from error


class TrialPanel(Panel):
    """changed: something was measured."""

    changed = Signal()

    def __init__(self, tokens: Tokens, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(tokens, "What to expect on this machine", parent)
        self._plan = plan
        self._job: Job | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self.measured: Measured | None = None
        self.told = Body(tokens, tone="quiet")
        self.progress = ProgressLine(tokens, "Measuring")
        self.measure = Key(tokens, "Measure this machine", tip="Train for some seconds, and tell what to expect")
        self.cancel = Key(tokens, "Cancel", flat=True)
        self.trouble = Trouble(tokens)
        self.expected = QFormLayout()
        self._lay_out()
        self.measure.clicked.connect(self.try_out)
        self.trouble.retried.connect(self.try_out)
        self.cancel.clicked.connect(self.stop)
        plan.changed.connect(self.show_cost)
        self.show_cost()

    def state(self) -> dict[str, Any] | None:
        """For `restore`."""
        return None if self.measured is None else asdict(self.measured)

    def restore(self, state: object) -> None:
        """What was measured another time; nonsense is ignored."""
        try:
            self.measured = Measured.of(state) if isinstance(state, Mapping) else None
        except SpecError:
            self.measured = None
        self.show_cost()

    def try_out(self) -> None:
        """Measure."""
        self.stop()
        self.trouble.clear()
        dataset, tools = self._plan.dataset, find_tools(TRAINING)
        if dataset is None or tools is None:
            missing = "a dataset" if dataset is None else "the training tools"
            self.trouble.show_trouble(f"There is nothing to measure yet without {missing}.")
            return
        self._folder = TemporaryDirectory(prefix="technogan-trial-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name).resolve()
        self._job = Job(folder, self)
        self._job.told.connect(self._heard)
        self._job.ended.connect(self._ended)
        arguments = [str(dataset.folder.resolve()), "--out", str(folder), *self._plan.choices.arguments()]
        try:
            self._job.start(tools, "train", "--trial", *arguments)
        except TechnoganError as error:
            self.trouble.show_trouble(str(error), retry="Try again")
            self.stop()
            return
        self.progress.show_progress(0.02)
        self.told.setText("Loading the framework; this can take a minute…")
        self._show_busy()

    def stop(self) -> None:
        """End a trial: it is worth nothing without somebody who waits for it."""
        job, self._job = self._job, None
        folder, self._folder = self._folder, None
        if job is not None:
            job.end()
            job.deleteLater()
        if folder is not None:
            folder.cleanup()
        self.progress.show_progress(None)
        self.show_cost()

    def show_cost(self) -> None:
        """Say what was measured, if it was for what is planned."""
        self._show_busy()
        if self._job is not None:
            return
        while self.expected.rowCount():
            self.expected.removeRow(0)
        if self.measured is None or not self.measured.fits(self._plan):
            self.told.setText(_INVITATION)
            return
        cost = self.measured.cost
        minutes = self._plan.choices.minutes or _OPEN_END_MINUTES
        self.told.setText(
            f"{60 * cost.images_per_second:,.0f} images a minute on {cost.device or 'the processor'}, as measured. "
            f"{needs(cost, round(minutes / self._plan.choices.checkpoint_minutes))} "
            "When this machine will have seen as many images as other runs, and what those had come to then:"
        )
        for time, text in expectations(cost):
            self.expected.addRow(Body(self.tokens, time, tone="accent"), Body(self.tokens, text, tone="quiet"))

    def _show_busy(self) -> None:
        measuring = self._job is not None
        self.measure.setEnabled(not measuring and self._plan.dataset is not None)
        self.cancel.setVisible(measuring)
        self.progress.setVisible(measuring)

    def _heard(self, event: Event) -> None:
        done = event.get("done")
        if event["event"] == "progress" and isinstance(done, (int, float)) and done > 0:
            self.progress.show_progress(min(1.0, done / 100))
            self.told.setText("Training for some seconds…")

    def _ended(self, outcome: Outcome) -> None:
        dataset, folder = self._plan.dataset, self._folder
        cost = _read_cost(Path(folder.name)) if folder is not None and outcome.kind == "done" else None
        if cost is not None and dataset is not None:
            self.measured = Measured(self._plan.choices, str(dataset.folder), cost)
        elif outcome.kind != "stopped":
            what = outcome.message or "The trial told nothing that makes sense."
            advice = "Try a smaller batch or another network, under More settings." if "memory" in what else ""
            self.trouble.show_trouble(what, advice, details=outcome.details, retry="Try again")
        self.stop()
        self.changed.emit()

    def _lay_out(self) -> None:
        self.expected.setHorizontalSpacing(6 * GRID)
        self.expected.setVerticalSpacing(GRID)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.measure)
        row.addWidget(self.cancel)
        row.addStretch(1)
        self.body.addWidget(self.told)
        self.body.addWidget(self.progress)
        self.body.addLayout(self.expected)
        self.body.addWidget(self.trouble)
        self.body.addLayout(row)


def _read_cost(folder: Path) -> Cost | None:
    try:
        return Cost.of(json.loads((folder / _RESULT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, SpecError):
        return None
