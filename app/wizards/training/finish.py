"""Last page of the training wizard: from a run to a model that the instrument plays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QWidget

from app.training_tools.tools import TRAINING, find_tools
from app.widgets.button import Key
from app.widgets.panel import Panel, Quiet
from app.widgets.progress_line import ProgressLine
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.error_panel import Trouble
from app.wizards.common.host import Desk
from app.wizards.common.page import Page
from app.wizards.common.text import Body
from app.wizards.training.follow import Follower
from app.wizards.training.plan import Plan
from app.wizards.training.runs import safe_name
from app.workers.detached_job import Job, Outcome
from technogan.errors import OutputError, TechnoganError
from technogan.network.bundle import ModelBundle

_EXPORT = "export"
_BEST, _NEWEST = "the best", "the newest"
_FIELD_WIDTH = 300


class FinishPage(Page):
    """Export in a process of its own; check, install and play here."""

    name, step = "finish", "Model"
    heading = "Make it a model of the instrument"
    lead = (
        "The network is written as a model file, held against what was trained, checked, and put among the models "
        "of the instrument, which then plays it. The run stays as it is: you can go on with it afterwards."
    )

    def __init__(self, desk: Desk, plan: Plan, follower: Follower, parent: QWidget | None = None) -> None:
        super().__init__(desk.tokens, parent)
        self._desk, self._plan, self._follower = desk, plan, follower
        self._job: Job | None = None
        self._installing = False
        self._replace = False
        self._made: Path | None = None
        tokens = desk.tokens
        self.model = QLineEdit()
        self.which = Segments(tokens, [_BEST, _NEWEST], name="Which", tip="By its distance to your music, or the last")
        self.make = Key(tokens, "Make the model", tip="Export, check, install and play it", primary=True)
        self.progress = ProgressLine(tokens, "Making the model")
        self.told = Body(tokens, tone="quiet")
        self.trouble = Trouble(tokens)
        self._lay_out()
        self._best = True
        self.which.chosen.connect(self._choose)
        self.make.clicked.connect(self.make_model)
        self.trouble.retried.connect(self._retry)
        follower.changed.connect(self._show_which)
        self._show()

    def enter(self) -> None:
        self._follower.take_up()
        if not self.model.text():
            self.model.setText(self._plan.run_name)
        self._show()

    def state(self) -> dict[str, Any]:
        return {"model": self.model.text(), "best": self._best}

    def restore(self, state: Mapping[str, Any]) -> None:
        if isinstance(state.get("model"), str):
            self.model.setText(state["model"])
        self._best = state.get("best") is not False

    def close_page(self) -> None:
        """An export is quickly made again."""
        self._end_job()

    def make_model(self) -> None:
        """Export; what follows comes by itself."""
        name, run, tools = safe_name(self.model.text()), self._plan.run, find_tools(TRAINING)
        self.trouble.clear()
        if not name or run is None or tools is None:
            missing = "a name" if not name else "a run" if run is None else "the training tools"
            self.trouble.show_trouble(f"The model needs {missing}.")
            return
        folder = run.folder.resolve() / _EXPORT
        self._made = folder / f"{name}.onnx"
        self._job = Job(folder, self)
        self._job.ended.connect(self._exported)
        best = ["--best"] if self._best and self._figures else []
        arguments = [str(run.folder.resolve()), "--out", str(self._made), "--name", name, "--run", str(folder), *best]
        try:
            self._job.start(tools, "export", *arguments)
        except TechnoganError as error:
            self._end_job()
            self.trouble.show_trouble(str(error), retry="Try again")
        self._show("Writing the model, and holding it against the network over 256 seeds. This takes a minute.", 0.2)

    @property
    def _figures(self) -> bool:
        return bool(self._follower.course.figures)

    def _exported(self, outcome: Outcome) -> None:
        self._end_job()
        if outcome.kind == "done":
            self._install()
            return
        what = outcome.message or "The export was stopped."
        self.trouble.show_trouble(what, "The run is as it was.", details=outcome.details, retry="Try again")
        self._show()

    def _install(self) -> None:
        from technogan.network.library import install

        path, replace = self._made, self._replace
        if path is None:
            return

        def work(_progress: object, _stop: object) -> ModelBundle | TechnoganError:
            try:
                return install(path, replace=replace)
            except TechnoganError as error:
                return error

        self._installing = True
        self._show("Checking it and putting it among the models.", 0.7)
        self._desk.background.submit("installing the model", work, self._installed)

    def _installed(self, found: ModelBundle | TechnoganError) -> None:
        self._installing = self._replace = False
        if isinstance(found, OutputError) and "already a model" in found.reason:
            self.trouble.show_trouble(
                f"There is already a model named {self.model.text()}.",
                "Replace it, or choose another name and make the model again.",
                retry="Replace it",
            )
            self._show()
        elif isinstance(found, TechnoganError):
            self.trouble.show_trouble(str(found), "The exported file is in the run's folder.", retry="Try again")
            self._show()
        else:
            self._desk.use_model(found.spec.name)
            self._show(f"{found.spec.name} is installed, and the instrument plays it. {found.spec.training}.", 1.0)

    def _retry(self) -> None:
        if self.trouble.retry.text() == "Replace it":
            self.trouble.clear()
            self._replace = True
            self._install()
        else:
            self.make_model()

    def _choose(self, which: str) -> None:
        self._best = which == _BEST
        self.changed.emit()

    def _end_job(self) -> None:
        if self._job is not None:
            self._job.end()
            self._job.deleteLater()
        self._job = None

    def _show(self, text: str = "", done: float | None = None) -> None:
        busy = self._job is not None or self._installing
        self.make.setEnabled(not busy)
        self.told.setText(text)
        self.told.setVisible(bool(text))
        self.told.set_tone("good" if done == 1.0 else "quiet")
        self.progress.show_progress(done if busy else None)
        self._show_which()
        self.changed.emit()

    def _show_which(self) -> None:
        """There is a best one as soon as one was judged."""
        self.which.show_choice(_BEST if self._best and self._figures else _NEWEST)
        self.which.keys[_BEST].setEnabled(self._figures)

    def _lay_out(self) -> None:
        tokens = self._desk.tokens
        self.model.setAccessibleName("Name of the model")
        self.model.setMaxLength(60)
        self.model.setMinimumWidth(_FIELD_WIDTH)
        form = QFormLayout()
        form.setHorizontalSpacing(6 * GRID)
        form.setVerticalSpacing(2 * GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(Quiet(tokens, "Name"), self.model)
        form.addRow(Quiet(tokens, "Which"), self.which)
        panel = Panel(tokens, "Model")
        panel.body.addLayout(form)
        row = QHBoxLayout()
        row.addWidget(self.make)
        row.addStretch(1)
        panel.body.addLayout(row)
        panel.body.addWidget(self.progress)
        panel.body.addWidget(self.told)
        self.body.addWidget(panel)
        self.body.addWidget(self.trouble)
        self.body.addStretch(1)
