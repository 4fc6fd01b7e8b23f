"""The page of pictures: format and level, and the conversion itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.panel import Quiet
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.text import Body
from app.wizards.common.wording import several
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.project import write_list
from app.wizards.dataset.project_store import Bench, read_result
from app.wizards.dataset.wording import enough
from technogan.errors import TechnoganError
from technogan.formats import FORMATS, ConstantQSettings

_LEVELS = {"as they are": "keep", "one gain a track": "track", "one gain a slice": "slice"}
_LEVEL_WORDS = {
    "keep": "Nothing is made louder or softer.",
    "track": "The highest peak of each track becomes 0.95: quiet tracks count as much as loud ones.",
    "slice": "The highest peak of each slice becomes 0.95: breaks become as loud as drops.",
}


class ConvertPage(WorkPage):
    """A slice of several of the format's loops becomes as many pictures."""

    name, step, heading = "convert", "Pictures", "Make pictures of them"
    commands = ("convert",)
    lead = "The network learns pictures: frequency upwards, time to the right. Their length is the length of its loops."

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.format = Segments(tokens, list(FORMATS), name="Format")
        self.format_words = Body(tokens, tone="quiet")
        self.level = Segments(tokens, list(_LEVELS), name="Level")
        self.level_words = Body(tokens, tone="quiet")
        self.expected = Body(tokens)
        self.start = Key(tokens, "Convert", primary=True)
        self.warnings = Body(tokens, tone="caution")
        self._slices = 0
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        """See Page."""
        project = self.bench.project
        return project is not None and project.is_converted

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.start.setFocus()
        if self.bench.project is not None:
            folder, project = self.bench.run_folder("inspect"), self.bench.project
            self.bench.desk.background.submit(
                "counting slices", lambda *_: _kept(folder, project.rejected), self._take_count
            )

    def show_project(self) -> None:
        """See DatasetPage."""
        project, running = self.bench.now, self.work.running
        choices = project.choices
        for name, key in self.format.keys.items():
            key.setEnabled(not running and choices.beats % FORMATS[name].beats == 0)
        self.format.show_choice(choices.format)
        self.format_words.setText(_described(choices.format))
        self.level.setEnabled(not running)
        self.level.show_choice(next(word for word, level in _LEVELS.items() if level == choices.level))
        self.level_words.setText(_LEVEL_WORDS[choices.level])
        pictures = self._slices * choices.beats // FORMATS[choices.format].beats
        made = f"{several(self._slices, 'slice')} become {enough(pictures)}" if self._slices else ""
        self.expected.setText(f"{project.dataset.name} is ready: {enough(pictures)}" if project.is_converted else made)
        self.start.setVisible(not project.is_converted)
        self.start.setEnabled(not running and self._slices > 0)

    def begin(self) -> None:
        """See WorkPage. What was converted is not converted again."""
        project = self.bench.now
        choices = project.choices
        try:
            excluded = project.place("excluded.txt")
            write_list(excluded, sorted(project.rejected))
            arguments = [str(project.place("slices")), "--format", choices.format, "--level", choices.level]
            out = ["--exclude", str(excluded), "-o", str(project.dataset)]
            self.bench.promise("convert", project.convert_key())
            self.warnings.setText("")
            self.run_command("convert", [*arguments, *out])
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))
        self.show_project()

    def take_result(self, command: str) -> None:
        """See WorkPage."""
        self.bench.put(self.bench.now.finished("convert", self.bench.promised("convert")))

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """See WorkPage."""
        self._warn(f"{path} was left out: {reason}")

    def _ended(self, outcome: object) -> None:
        super()._ended(outcome)
        self.show_project()

    def _take_count(self, slices: int) -> None:
        self._slices = slices
        if self.bench.project is not None:
            self.show_project()

    def _warn(self, text: str) -> None:
        before = self.warnings.text().splitlines()
        self.warnings.setText("\n".join([*before, text][-6:]))

    def _lay_out(self) -> None:
        tokens = self.bench.desk.tokens
        for title, choice, words in (
            ("Format", self.format, self.format_words),
            ("Level", self.level, self.level_words),
        ):
            row = QHBoxLayout()
            row.setSpacing(3 * GRID)
            label = Quiet(tokens, title)
            label.setFixedWidth(56)
            row.addWidget(label)
            row.addWidget(choice)
            row.addStretch(1)
            self.body.addLayout(row)
            self.body.addWidget(words)
        self.body.addSpacing(2 * GRID)
        self.body.addWidget(self.expected)
        row = QHBoxLayout()
        row.addWidget(self.start)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.work)
        self.body.addWidget(self.warnings)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.format.chosen.connect(lambda name: self.bench.choose(format=name))
        self.level.chosen.connect(lambda word: self.bench.choose(level=_LEVELS[word]))
        self.start.clicked.connect(self.begin)
        self.work.warned.connect(self._warn)


def _described(name: str) -> str:
    found = FORMATS[name]
    kind = (
        "constant-Q: fine bass, coarse treble"
        if isinstance(found.transform, ConstantQSettings)
        else "evenly spaced frequencies"
    )
    return f"{several(found.beats, 'beat')} in {found.n_frames} x {found.n_bins} points, {kind}."


def _kept(folder: Any, rejected: frozenset[str]) -> int:
    found = read_result(folder)
    if not isinstance(found, list):
        return 0
    return sum(isinstance(each, dict) and each.get("path") not in rejected for each in found)
