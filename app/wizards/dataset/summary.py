"""The last page: what the dataset is, whether that is enough, and on to training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.panel import Panel
from app.widgets.tokens import GRID
from app.wizards.common.image_grid import Mosaic, read_some
from app.wizards.common.text import Body
from app.wizards.common.wording import several
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.project_store import Bench, read_result
from app.wizards.dataset.wording import enough
from technogan.formats import FORMATS


class SummaryPage(WorkPage):
    """The dataset is checked as soon as one comes here."""

    name, step, heading = "summary", "Summary", "Your dataset"
    commands = ("check",)

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.enough = Body(tokens)
        self.facts = Body(tokens, tone="quiet")
        self.warnings = Body(tokens, tone="caution")
        self.panel = Panel(tokens)
        self.mosaic = Mosaic(tokens)
        self.train = Key(tokens, "Train on this", tip="Open the training wizard with this dataset", primary=True)
        self.again = Key(tokens, "Check again", flat=True)
        self.show_folder = Key(tokens, "Show folder", flat=True)
        self.report: Mapping[str, Any] = {}
        self._checked: object = None
        self._lay_out()
        self._connect()

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.train.setFocus()
        project = self.bench.project
        if project is not None and not self.work.running and self._checked != project.convert_key():
            self.begin()

    def begin(self) -> None:
        """See WorkPage."""
        self.report = {}
        self.run_command("check", [str(self.bench.now.dataset)])
        self.show_project()

    def take_result(self, command: str) -> None:
        """See WorkPage."""
        value = read_result(self.bench.run_folder(command))
        self.report = value if isinstance(value, dict) else {}
        dataset, spectrogram_format = self.bench.now.dataset, FORMATS[self.bench.now.choices.format]
        self.bench.desk.background.submit(
            "reading some pictures", lambda *_: read_some(dataset, spectrogram_format), self.mosaic.show_pictures
        )
        self._checked = self.bench.now.convert_key()
        self.show_project()

    def show_project(self) -> None:
        """See DatasetPage."""
        report, project = self.report, self.bench.now
        whole = bool(report) and not report["faults"]
        self.panel.setVisible(bool(report))
        self.mosaic.setVisible(bool(report))
        self.train.setEnabled(whole)
        self.again.setEnabled(not self.work.running)
        if report:
            self.enough.setText(enough(report["readable"]))
            self.facts.setText("\n".join(facts_of(report, len(project.of("conform", "leave")), str(project.dataset))))
            told = "\n".join(warnings_of(report))
            self.warnings.setText(told)
            self.warnings.setVisible(bool(told))

    def _ended(self, outcome: object) -> None:
        super()._ended(outcome)
        self.show_project()

    def _train(self) -> None:
        self.bench.save()
        self.bench.desk.train_on(self.bench.now.dataset)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.bench.now.dataset)))

    def _lay_out(self) -> None:
        self.panel.body.setSpacing(3 * GRID)
        for words in (self.enough, self.facts, self.warnings):
            self.panel.body.addWidget(words)
        keys = QHBoxLayout()
        keys.setSpacing(2 * GRID)
        keys.addWidget(self.train)
        keys.addWidget(self.show_folder)
        keys.addWidget(self.again)
        keys.addStretch(1)
        self.body.addWidget(self.work)
        self.body.addWidget(self.panel)
        self.body.addWidget(self.mosaic, 1)
        self.body.addLayout(keys)

    def _connect(self) -> None:
        self.train.clicked.connect(self._train)
        self.again.clicked.connect(self.begin)
        self.show_folder.clicked.connect(self._show_folder)


def facts_of(report: Mapping[str, Any], tracks: int, folder: str) -> Iterator[str]:
    """What a check found, line by line."""
    yield f"{several(report['readable'], 'picture')} of format {report['format']}, from {several(tracks, 'track')}"
    twins = len(report["near_duplicates"]) + len(report["duplicates"])
    if twins:
        yield f"{several(twins, 'picture')} nearly equal to an earlier one"
    if not report["silent"] and not report["distorted"]:
        yield "None is silent, none clips."
    yield folder


def warnings_of(report: Mapping[str, Any]) -> Iterator[str]:
    """What is to be known of it, in the words of the check; faults first."""
    yield from (f"Fault: {fault}" for fault in report["faults"][:5])
    # Whether they are enough stands above.
    yield from (f"{text[:1].upper()}{text[1:]}." for text in report["warnings"] if " are few" not in text)
