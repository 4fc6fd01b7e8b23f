"""The first page of the training wizard, which chooses a dataset or opens an earlier run."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel
from app.widgets.tokens import Tokens
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.page import Page
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.wording import format_count
from app.wizards.training.dataset_info import DatasetInfo, judge_count
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.runs import TrainingRun, list_runs
from technogan.errors import SourceError

_MAX_RUNS = 12
_TONES = {"good": "good", "few": "caution", "too few": "warning"}


class DatasetPage(Page):
    """The chosen dataset and the list of earlier runs.

    Attributes:
        run_opened: emitted when the user opens an earlier run.
    """

    name, step = "dataset", "Dataset"
    heading = "What should the model learn from?"
    lead = (
        "A dataset is a folder of images of your music, made with Tools > Make a dataset… or with the command "
        "technogan dataset convert. Choose its folder, or drop it here."
    )

    run_opened = Signal()

    def __init__(self, tokens: Tokens, plan: TrainingPlan) -> None:
        super().__init__(tokens)
        self._plan = plan
        self._folder: Path | None = None
        self.path = Body(tokens)
        self.details = Body(tokens, tone="quiet")
        self.verdict = Body(tokens)
        self.choose = Button(tokens, "Choose folder…", tip="Choose the folder of a dataset", primary=True)
        self.error_panel = ErrorPanel(tokens)
        self.runs = Rows(tokens, "Earlier runs")
        self.open = Button(tokens, "Open", tip="Follow this run, resume it or make its model")
        self.earlier = Panel(tokens, "Earlier runs")
        self.setAcceptDrops(True)
        self._lay_out(tokens)
        self.choose.clicked.connect(self._ask_folder)
        self.error_panel.retry_requested.connect(self._retry)
        self.open.clicked.connect(self._open_run)
        self.runs.activated.connect(self._open_run)
        plan.changed.connect(self._show)
        self._show()

    def complete(self) -> bool:
        dataset = self._plan.dataset
        return dataset is not None and judge_count(dataset.images).kind != "too few"

    def enter(self) -> None:
        runs = list_runs()[:_MAX_RUNS]
        self.earlier.setVisible(bool(runs))
        self.runs.show_rows([_row(run) for run in runs])

    def state(self) -> dict[str, Any]:
        dataset = self._plan.dataset
        folder = dataset.folder if dataset else self._folder
        return {"folder": str(folder) if folder else ""}

    def restore(self, state: Mapping[str, Any]) -> None:
        folder = state.get("folder")
        if isinstance(folder, str) and folder:
            self.use_dataset(Path(folder))

    def use_dataset(self, folder: Path) -> None:
        """Use the dataset in this folder, or show why it cannot be used."""
        self._folder = folder
        self.error_panel.clear()
        try:
            self._plan.use_dataset(folder)
        except SourceError as error:
            self._plan.dataset = None
            self.error_panel.show_message(
                str(error),
                "Choose the folder that contains dataset.json. If you moved it, choose where it is now.",
                retry="Try again",
            )
            self._plan.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.use_dataset(files[0] if files[0].is_dir() else files[0].parent)
        else:
            self.error_panel.show_message("A link cannot be dropped here.", "Drop the folder of a dataset.")

    def _lay_out(self, tokens: Tokens) -> None:
        chosen = Panel(tokens, "Dataset")
        add_items(chosen.body, self.path, self.details, self.verdict, make_row(self.choose, STRETCH))
        add_items(self.earlier.body, self.runs, make_row(self.open, STRETCH))
        add_items(self.body, chosen, self.error_panel, self.earlier, STRETCH)

    def _show(self) -> None:
        dataset = self._plan.dataset
        self.choose.primary = dataset is None
        self.choose.update()
        self.details.setVisible(dataset is not None)
        self.verdict.setVisible(dataset is not None)
        if dataset is None:
            self.path.setText(str(self._folder) if self._folder else "No dataset chosen yet.")
        else:
            self.error_panel.clear()
            self.path.setText(str(dataset.folder))
            self.details.setText(_describe(dataset))
            verdict = judge_count(dataset.images)
            self.verdict.setText(verdict.text)
            self.verdict.set_tone(_TONES[verdict.kind])
        self.changed.emit()

    def _ask_folder(self) -> None:
        dataset = self._plan.dataset
        start = str(dataset.folder.parent if dataset else Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Choose a dataset", start)
        if chosen:
            self.use_dataset(Path(chosen))

    def _retry(self) -> None:
        if self._folder is not None:
            self.use_dataset(self._folder)

    def _open_run(self) -> None:
        if self.runs.current:
            self._plan.follow(Path(self.runs.current))
            self.run_opened.emit()


def _describe(dataset: DatasetInfo) -> str:
    music = "synthetic techno" if dataset.synthetic else "your own music"
    beats = format_count(dataset.format.beats, "beat")
    return f"{dataset.images:,} images of {music}; format {dataset.format.name}: loops of {beats}"


def _row(run: TrainingRun) -> Row:
    when = datetime.fromtimestamp(run.folder.stat().st_mtime)
    detail = f"{run.dataset.name}, {run.images:,} images, {when:%Y-%m-%d %H:%M}"
    running = run.running
    badge = "running" if running else "has a model" if run.has_model else ""
    return Row(str(run.folder), run.name, detail, badge, "accent" if running else "quiet")
