"""The page that converts slices to images, in a format and at a level."""

from pathlib import Path
from typing import Any

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import QuietLabel
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.text import Body
from app.wizards.common.wording import format_count
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.project import write_lines
from app.wizards.dataset.project_store import ProjectStore, read_result
from app.wizards.dataset.wording import describe_image_count
from technogan.formats import FORMATS, ConstantQSettings

_LEVELS = {"unchanged": "keep", "one gain per track": "track", "one gain per slice": "slice"}
_LEVEL_TEXTS = {
    "keep": "The level of every slice stays as it is.",
    "track": "The highest peak of each track becomes 0.95: quiet tracks count as much as loud ones.",
    "slice": "The highest peak of each slice becomes 0.95: breaks become as loud as drops.",
}
_MAX_WARNINGS = 6


class ConvertPage(JobPage):
    """Format and level, and the number of images they give: a slice becomes one image per loop of the format."""

    name, step, heading = "convert", "Images", "Convert the slices to images"
    commands = ("convert",)
    lead = (
        "The network learns images: time from left to right, frequency from bottom to top. The format sets the length "
        "of the loops."
    )

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.format = Segments(tokens, list(FORMATS), name="Format")
        self.format_text = Body(tokens, tone="quiet")
        self.level = Segments(tokens, list(_LEVELS), name="Level")
        self.level_text = Body(tokens, tone="quiet")
        self.expected = Body(tokens)
        self.start = Button(tokens, "Convert", primary=True)
        self.warnings = Body(tokens, tone="caution")
        self._n_slices: int | None = None
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        project = self.store.project
        return project is not None and project.is_converted

    def enter(self) -> None:
        super().enter()
        self.start.setFocus()
        if self.store.project is not None:
            self._n_slices = None
            self.show_project()
            folder, rejected = self.store.run_folder("inspect"), self.store.project.rejected
            self.submit("counting slices", lambda *_: _count_kept(folder, rejected), self._show_count)

    def show_project(self) -> None:
        project, running = self.store.current, self.job_panel.running
        options = project.options
        for name, button in self.format.buttons.items():
            button.setEnabled(not running and options.beats % FORMATS[name].beats == 0)
        self.format.show_choice(options.format)
        self.format_text.setText(_describe_format(options.format))
        self.level.setEnabled(not running)
        self.level.show_choice(next(label for label, level in _LEVELS.items() if level == options.level))
        self.level_text.setText(_LEVEL_TEXTS[options.level])
        self.expected.setText(self._describe_expected())
        self.start.setVisible(not project.is_converted)
        self.start.setEnabled(not running and bool(self._n_slices))

    def begin(self) -> None:
        project, options = self.store.current, self.store.current.options
        with self.show_errors():
            excluded = project.path("excluded.txt")
            write_lines(excluded, sorted(project.rejected))
            arguments = [str(project.path("slices")), "--format", options.format, "--level", options.level]
            self.store.save_cache_key("convert", project.convert_key())
            self.warnings.setText("")
            self.run_command("convert", [*arguments, "--exclude", str(excluded), "-o", str(project.dataset)])
        self.show_project()

    def take_result(self, command: str) -> None:
        self.store.set_project(self.store.current.with_result("convert", self.store.read_cache_key("convert")))

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        self._warn(f"{path} was left out: {reason}")

    def _describe_expected(self) -> str:
        if self._n_slices is None:
            return "Counting the slices…"
        project, options = self.store.current, self.store.current.options
        images = describe_image_count(self._n_slices * options.beats // FORMATS[options.format].beats)
        if project.is_converted:
            return f"{project.dataset.name} is ready: {images}"
        return f"{format_count(self._n_slices, 'slice')} become {images}" if self._n_slices else "No slices are left."

    def _show_count(self, n_slices: int) -> None:
        self._n_slices = n_slices
        if self.store.project is not None:
            self.show_project()

    def _warn(self, text: str) -> None:
        before = self.warnings.text().splitlines()
        self.warnings.setText("\n".join([*before, text][-_MAX_WARNINGS:]))

    def _lay_out(self) -> None:
        for title, choice, text in (
            ("Format", self.format, self.format_text),
            ("Level", self.level, self.level_text),
        ):
            label = QuietLabel(self.tokens, title)
            label.setFixedWidth(56)
            add_items(self.body, make_row(label, choice, STRETCH, spacing=3 * GRID), text)
        add_items(self.body, 2 * GRID, self.expected, make_row(self.start, STRETCH))
        add_items(self.body, self.job_panel, self.warnings, STRETCH)

    def _connect(self) -> None:
        self.format.chosen.connect(lambda name: self.store.set_options(format=name))
        self.level.chosen.connect(lambda label: self.store.set_options(level=_LEVELS[label]))
        self.start.clicked.connect(self.begin)
        self.job_panel.warned.connect(self._warn)


def _describe_format(name: str) -> str:
    found = FORMATS[name]
    spacing = "closest together in the bass" if isinstance(found.transform, ConstantQSettings) else "evenly spaced"
    size = f"{found.n_frames} x {found.n_bins} points"
    return f"{format_count(found.beats, 'beat')} in {size}; the frequencies are {spacing}."


def _count_kept(folder: Path, rejected: frozenset[str]) -> int:
    slices: Any = read_result(folder)
    if not isinstance(slices, list):
        return 0
    return sum(isinstance(each, dict) and each.get("path") not in rejected for each in slices)
