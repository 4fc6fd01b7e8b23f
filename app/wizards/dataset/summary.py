"""The last page, which checks the dataset and leads to training."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel
from app.widgets.raster import Pixels
from app.widgets.tokens import GRID
from app.wizards.common.image_grid import ImageGrid, read_sample_images
from app.wizards.common.text import Body
from app.wizards.common.wording import format_count
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.project_store import ProjectStore, read_result
from app.wizards.dataset.wording import describe_image_count
from technogan.formats import FORMATS

_MAX_FAULTS = 5
_IMAGES_HINT = "Sample images appear here."


class SummaryPage(JobPage):
    """The report of the check, which starts when the page is shown, with sample images."""

    name, step, heading = "summary", "Summary", "Your dataset"
    commands = ("check",)

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.verdict = Body(tokens)
        self.details = Body(tokens, tone="quiet")
        self.warnings = Body(tokens, tone="caution")
        self.panel = Panel(tokens)
        self.images = ImageGrid(tokens)
        self.images.show_hint(_IMAGES_HINT)
        self.train = Button(tokens, "Train on this dataset", tip="Open the training wizard", primary=True)
        self.again = Button(tokens, "Check again", flat=True)
        self.show_folder = Button(tokens, "Show folder", flat=True)
        self.report: Mapping[str, Any] = {}
        self._checked: object = None
        self._lay_out()
        self._connect()

    def enter(self) -> None:
        super().enter()
        self.train.setFocus()
        project = self.store.project
        if project is not None and not self.job_panel.running and self._checked != project.convert_key():
            self.begin()

    def begin(self) -> None:
        self.report = {}
        self.images.show_hint(_IMAGES_HINT)
        self.run_command("check", [str(self.store.current.dataset)])
        self.show_project()

    def take_result(self, command: str) -> None:
        value = read_result(self.store.run_folder(command))
        self.report = value if isinstance(value, dict) else {}
        dataset, spectrogram_format = self.store.current.dataset, FORMATS[self.store.current.options.format]
        self.images.show_hint("Reading sample images…")
        self.submit("reading images", lambda *_: read_sample_images(dataset, spectrogram_format), self._show_images)
        self._checked = self.store.current.convert_key()
        self.show_project()
        if self.is_shown:
            self.train.setFocus()

    def show_project(self) -> None:
        report, project = self.report, self.store.current
        self.train.setEnabled(bool(report) and not report["faults"])
        self.again.setEnabled(not self.job_panel.running)
        lines: list[str] = [str(project.dataset)]
        warnings: list[str] = []
        if report:
            self.verdict.setText(describe_image_count(report["readable"]))
            n_tracks = len(project.treated_as("conform", "leave"))
            lines = [*describe_report(report, n_tracks), *lines]
            warnings = list(list_warnings(report))
        else:
            self.verdict.setText("Checking every image…" if self.job_panel.running else "Not checked yet.")
        self.details.setText("\n".join(lines))
        self.warnings.setText("\n".join(warnings))
        self.warnings.setVisible(bool(warnings))

    def _show_images(self, images: Sequence[Pixels]) -> None:
        if images:
            self.images.show_images(images)
        else:
            self.images.show_hint("No image can be read.")

    def _train(self) -> None:
        self.store.save()
        self.store.host.train_on(self.store.current.dataset)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.store.current.dataset)))

    def _lay_out(self) -> None:
        self.panel.body.setSpacing(3 * GRID)
        add_items(self.panel.body, self.verdict, self.details, self.warnings)
        buttons = make_row(self.train, self.show_folder, self.again, STRETCH)
        add_items(self.body, self.job_panel, self.panel, (self.images, 1), buttons)

    def _connect(self) -> None:
        self.train.clicked.connect(self._train)
        self.again.clicked.connect(self.begin)
        self.show_folder.clicked.connect(self._show_folder)


def describe_report(report: Mapping[str, Any], n_tracks: int) -> Iterator[str]:
    """Yield the lines that summarise a check."""
    images, tracks = format_count(report["readable"], "image"), format_count(n_tracks, "track")
    yield f"{images} of format {report['format']}, from {tracks}"
    twins = len(report["near_duplicates"]) + len(report["duplicates"])
    if twins:
        yield f"{format_count(twins, 'image')} nearly identical to an earlier one"
    if not report["silent"] and not report["distorted"]:
        yield "None is silent, none clips."


def list_warnings(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the faults and warnings of a check; faults come first."""
    yield from (f"Fault: {fault}" for fault in report["faults"][:_MAX_FAULTS])
    kinds = report.get("warning_kinds", ())  # a check of an earlier version has none
    for kind, text in zip_longest(kinds, report["warnings"]):
        if kind != "few":  # the verdict states whether there are enough images
            yield f"{text[:1].upper()}{text[1:]}."
