"""The page of slices: cut, looked through, heard, and rejected."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.number_box import NumberBox
from app.widgets.panel import Elided, Quiet
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.wording import several
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.preview_loops import loop_of_file
from app.wizards.dataset.project_store import Bench, read_result
from app.wizards.dataset.slice_grid import SliceFacts, SliceGrid
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop

_BEATS = {"beat": 1, "half bar": 2, "bar": 4}
_FORMATS = {1: "beat", 2: "half", 4: "bar"}
_MARKS = ("silent", "clipped", "repeated")
_MOST_EVERY = 64


class SlicesPage(WorkPage):
    """Space plays, X rejects; what is silent, clipped or repeated is found."""

    name, step, heading = "slices", "Slices", "Cut and choose slices"
    commands = ("slice", "inspect")
    lead = (
        "Space plays a slice, X rejects it or takes it back. A rejected slice stays on the disk and out of the dataset."
    )

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.beats = Segments(tokens, list(_BEATS), name="Length of a slice")
        self.every = NumberBox(
            1, _MOST_EVERY, name="Keep one slice of so many", tip="For tracks that repeat themselves"
        )
        self.mono = QCheckBox("mono")
        self.cut = Key(tokens, "Cut", primary=True)
        self.grid = SliceGrid(tokens)
        self.said = Elided(tokens)
        self.sum = Quiet(tokens)
        self.mark_keys = {
            mark: Key(tokens, mark, name=f"Reject all that are {mark}, or take them back", small=True)
            for mark in _MARKS
        }
        self._waiting = ""
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        """See Page."""
        project = self.bench.project
        return project is not None and project.is_cut and not project.pending & set(self.commands)

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.grid.setFocus()
        if self.bench.project is not None and self.bench.project.is_cut and not self.grid.slices:
            self._load()

    def show_project(self) -> None:
        """See DatasetPage."""
        project, running = self.bench.now, self.work.running
        self.beats.show_choice(next(word for word, beats in _BEATS.items() if beats == project.choices.beats))
        self.every.show_value(project.choices.every)
        self.mono.setChecked(project.choices.mono)
        for widget in (self.beats, self.every, self.mono):
            widget.setEnabled(not running)
        self.cut.setEnabled(not running and bool(project.sources()))
        self.cut.setText("Cut" if not project.done.get("slice") else "Cut again")
        self.cut.setVisible(not project.is_cut or running)
        self.grid.show_rejected(project.rejected)
        self._show_sum()

    def begin(self) -> None:
        """See WorkPage."""
        project = self.bench.now
        self._show_slices([])
        if project.done.get("slice") != project.cut_key():
            self.bench.put(project.without_rejections())
        self.bench.desk.background.submit("clearing earlier slices", lambda *_: _cleared(project), self._cut)

    def take_result(self, command: str) -> None:
        """See WorkPage. After cutting, what was cut is looked at."""
        if command == "slice":
            self._inspect()
            return
        self.bench.put(self.bench.now.finished("slice", self.bench.promised("slice")))
        self._load()

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """See WorkPage."""
        self.bench.troubled.emit(f"{path}: {reason}")

    def _ended(self, outcome: object) -> None:
        super()._ended(outcome)
        self.show_project()

    # --- the commands

    def _cut(self, problem: str) -> None:
        project = self.bench.now
        choices = project.choices
        if problem:
            self.bench.troubled.emit(problem)
            return
        try:
            sources = project.sources()
            grids = self.bench.grids("slice", sources)
            self.bench.promise("slice", project.cut_key())
            tracks = self.bench.listed("slice", [str(source["path"]) for source in sources])
            arguments = [tracks, "--grids", grids, "--bpm", f"{choices.bpm or 128:g}", "--beats", str(choices.beats)]
            arguments += ["--every", str(choices.every), "-o", str(project.place("slices"))]
            self.run_command("slice", [*arguments, *(["--mono"] if choices.mono else [])])
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))
        self.show_project()

    def _inspect(self) -> None:
        project = self.bench.now
        spectrogram_format = _FORMATS[project.choices.beats]
        self.run_command("inspect", [str(project.place("slices")), "--format", spectrogram_format])

    def _load(self) -> None:
        folder = self.bench.run_folder("inspect")
        self.bench.desk.background.submit(
            "reading the list of slices", lambda *_: _read_slices(folder), self._show_slices
        )

    # --- what is shown

    def _show_slices(self, slices: Sequence[SliceFacts]) -> None:
        self.grid.show_slices(slices)
        self.said.setText("")
        if self.bench.project is not None:
            self.show_project()

    def _show_sum(self) -> None:
        rejected = self.bench.now.rejected & {each.path for each in self.grid.slices}
        kept = len(self.grid.slices) - len(rejected)
        said = f"{several(kept, 'slice')} kept, {len(rejected)} rejected" if self.grid.slices else ""
        self.sum.setText(said)
        for mark, key in self.mark_keys.items():
            paths = self._marked(mark)
            key.setText(f"{mark}  {len(paths)}")
            key.setEnabled(bool(paths))
            key.setChecked(bool(paths) and rejected >= set(paths))
            key.updateGeometry()

    def _marked(self, mark: str) -> list[str]:
        return [each.path for each in self.grid.slices if mark in each.marks]

    def _reject(self, paths: Sequence[str]) -> None:
        """All of them, or take all back where all are."""
        self.bench.reject(paths, not set(paths) <= self.bench.now.rejected)

    def _describe(self, path: str) -> None:
        each = self.grid.current
        self.said.setText(each.sentence() if each is not None else "")
        if self.bench.desk.audition.playing is not None:
            self._play(path)  # whoever listens hears the next one

    # --- hearing

    def _toggle(self, path: str) -> None:
        if self.bench.desk.audition.playing == path:
            self.bench.desk.audition.stop()
        else:
            self._play(path)

    def _play(self, path: str) -> None:
        self._waiting = path
        file, beats = self.bench.now.place("slices", path), self.bench.now.choices.beats

        def read(*_: Any) -> Loop | str:
            try:
                return loop_of_file(file, beats)
            except TechnoganError as error:
                return str(error)

        self.bench.desk.background.submit(f"reading {file.name}", read, partial(self._heard, path))

    def _heard(self, path: str, loop: Loop | str) -> None:
        if isinstance(loop, str):
            self.bench.troubled.emit(loop)
        elif path == self._waiting and self.seen:
            self.bench.desk.audition.play(loop, path)

    def _show_playing(self) -> None:
        playing = self.bench.desk.audition.playing
        self.grid.show_playing(playing if isinstance(playing, str) else "")

    # --- how it stands

    def _lay_out(self) -> None:
        tokens = self.bench.desk.tokens
        self.every.setFixedWidth(54)
        self.mono.setToolTip("Pictures are of one channel in any case; mono slices take half the room")
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(Quiet(tokens, "one slice is a"))
        head.addWidget(self.beats)
        head.addSpacing(3 * GRID)
        head.addWidget(Quiet(tokens, "keep one of"))
        head.addWidget(self.every)
        head.addSpacing(3 * GRID)
        head.addWidget(self.mono)
        head.addStretch(1)
        head.addWidget(self.cut)
        foot = QHBoxLayout()
        foot.setSpacing(2 * GRID)
        foot.addWidget(Quiet(tokens, "reject all"))
        for key in self.mark_keys.values():
            key.setCheckable(True)
            foot.addWidget(key)
        foot.addSpacing(3 * GRID)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.sum)
        self.body.addLayout(head)
        self.body.addWidget(self.work)
        self.body.addWidget(self.grid, 1)
        self.body.addLayout(foot)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        self.beats.chosen.connect(lambda word: self.bench.choose(beats=_BEATS[word], format=_FORMATS[_BEATS[word]]))
        self.every.value_edited.connect(lambda every: self.bench.choose(every=int(every)))
        self.mono.clicked.connect(lambda mono: self.bench.choose(mono=mono))
        self.cut.clicked.connect(self.begin)
        self.grid.play_asked.connect(self._toggle)
        self.grid.rejection_asked.connect(self._reject)
        self.grid.chosen.connect(self._describe)
        self.bench.desk.audition.changed.connect(self._show_playing)
        for mark, key in self.mark_keys.items():
            key.clicked.connect(lambda _checked=False, mark=mark: self._reject(self._marked(mark)))


def _cleared(project: Any) -> str:
    try:
        project.clear("slices")
    except TechnoganError as error:
        return str(error)
    return ""


def _read_slices(folder: Path) -> list[SliceFacts]:
    slices = []
    for each in read_result(folder) or []:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            slices.append(SliceFacts.of(each))
    return slices
