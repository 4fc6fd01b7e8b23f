"""First page of the training wizard: which dataset, or which run to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.panel import Panel
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import Trouble
from app.wizards.common.page import Page
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.training.facts import DatasetFacts, judge_count
from app.wizards.training.plan import Plan
from app.wizards.training.runs import RunFacts, known_runs
from technogan.errors import SourceError

_SHOWN_RUNS = 12


class DatasetPage(Page):
    """followed: one wants to see an earlier run."""

    name, step = "dataset", "Dataset"
    heading = "What should it learn from?"
    lead = (
        "A dataset is a folder of pictures of your music, made by the dataset wizard (Tools, Make a dataset) "
        "or by technogan dataset convert. Drop it here."
    )

    followed = Signal()

    def __init__(self, tokens: Tokens, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._plan = plan
        self._wanted: Path | None = None
        self.path = Body(tokens)
        self.facts = Body(tokens, tone="quiet")
        self.verdict = Body(tokens)
        self.choose = Key(tokens, "Choose folder…", tip="Choose a dataset's folder", primary=True)
        self.trouble = Trouble(tokens)
        self.runs = Rows(tokens, "Earlier runs")
        self.open = Key(tokens, "Open", tip="Follow this run, go on with it, or make its model")
        self.earlier = Panel(tokens, "Earlier runs")
        self.setAcceptDrops(True)
        self._lay_out(tokens)
        self.choose.clicked.connect(self._ask)
        self.trouble.retried.connect(self._again)
        self.open.clicked.connect(self._open)
        self.runs.activated.connect(self._open)
        plan.changed.connect(self._show)
        self._show()

    def complete(self) -> bool:
        dataset = self._plan.dataset
        return dataset is not None and judge_count(dataset.images).kind != "too few"

    def enter(self) -> None:
        runs = known_runs()[:_SHOWN_RUNS]
        self.earlier.setVisible(bool(runs))
        self.runs.show_rows([_row(run) for run in runs])

    def state(self) -> dict[str, Any]:
        dataset = self._plan.dataset
        folder = dataset.folder if dataset else self._wanted
        return {"folder": str(folder) if folder else ""}

    def restore(self, state: Mapping[str, Any]) -> None:
        folder = state.get("folder")
        if isinstance(folder, str) and folder:
            self.take(Path(folder))

    def take(self, folder: Path) -> None:
        """Use the dataset in this folder, if it is one."""
        self._wanted = folder
        self.trouble.clear()
        try:
            self._plan.use_dataset(folder)
        except SourceError as error:
            self._plan.dataset = None
            self.trouble.show_trouble(
                str(error),
                "Choose the folder that holds dataset.json. If it was moved, choose where it is now.",
                retry="Look again",
            )
            self._plan.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = Path(event.mimeData().urls()[0].toLocalFile())
        event.acceptProposedAction()
        self.take(path if path.is_dir() else path.parent)

    def _lay_out(self, tokens: Tokens) -> None:
        chosen = Panel(tokens, "Dataset")
        chosen.body.addWidget(self.path)
        chosen.body.addWidget(self.facts)
        chosen.body.addWidget(self.verdict)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addStretch(1)
        chosen.body.addLayout(row)
        self.earlier.body.addWidget(self.runs)
        below = QHBoxLayout()
        below.setSpacing(2 * GRID)
        below.addWidget(self.open)
        below.addStretch(1)
        self.earlier.body.addLayout(below)
        self.body.addWidget(chosen)
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.earlier)
        self.body.addStretch(1)

    def _show(self) -> None:
        dataset = self._plan.dataset
        self.choose.primary = dataset is None
        self.choose.update()
        self.facts.setVisible(dataset is not None)
        self.verdict.setVisible(dataset is not None)
        if dataset is None:
            self.path.setText(str(self._wanted) if self._wanted else "No dataset chosen yet.")
        else:
            self.trouble.clear()
            self.path.setText(str(dataset.folder))
            self.facts.setText(_described(dataset))
            verdict = judge_count(dataset.images)
            self.verdict.setText(verdict.text)
            self.verdict.set_tone({"good": "good", "few": "caution"}.get(verdict.kind, "warning"))
        self.changed.emit()

    def _ask(self) -> None:
        dataset = self._plan.dataset
        start = str(dataset.folder.parent if dataset else Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Choose a dataset", start)
        if chosen:
            self.take(Path(chosen))

    def _again(self) -> None:
        if self._wanted is not None:
            self.take(self._wanted)

    def _open(self) -> None:
        if self.runs.current:
            self._plan.follow(Path(self.runs.current))
            self.followed.emit()


def _described(dataset: DatasetFacts) -> str:
    spec = dataset.format
    beats = f"{spec.beats} beat{'s' * (spec.beats > 1)}"
    what = "synthetic techno" if dataset.synthetic else "your own music"
    return f"{dataset.images:,} images of {what}; format {spec.name}: loops of {beats}"


def _row(run: RunFacts) -> Row:
    when = datetime.fromtimestamp(run.folder.stat().st_mtime)
    detail = f"{run.dataset.name}, {run.images:,} images, {when:%Y-%m-%d %H:%M}"
    running = run.running
    badge = "training" if running else "model" if run.dreams else ""
    return Row(str(run.folder), run.name, detail, badge, "accent" if running else "quiet")
