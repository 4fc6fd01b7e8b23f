"""The page of comparison: a slice as it was, and as it comes back from its picture."""

from __future__ import annotations

import random
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.drawing.spectrogram_image import levels_of
from app.widgets.button import Key
from app.widgets.panel import Elided
from app.widgets.spectrogram_view import SpectrogramView
from app.widgets.tokens import GRID
from app.wizards.common.text import Body
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.preview_loops import loop_of_file
from app.wizards.dataset.project_store import Bench, read_result
from app.wizards.dataset.wording import closeness
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop

_SIDES = ("original", "reconstruction")


class RoundTripPage(WorkPage):
    """What a model can at best sound like with this format."""

    name, step, heading = "round_trip", "Round trip", "Hear what a picture keeps"
    commands = ("audition",)
    lead = (
        "A slice, and what comes back from its picture: no model of this format can sound closer. Space plays, Tab "
        "changes sides."
    )

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.another = Key(tokens, "Another slice", tip="Choose one by chance")
        self.chosen = Elided(tokens)
        self.plays = {
            side: Key(tokens, word, icon="play", name=f"Play the {side}")
            for side, word in zip(_SIDES, ("A  original", "B  from its picture"), strict=True)
        }
        self.pictures = {side: SpectrogramView(tokens) for side in _SIDES}
        self.figure = Body(tokens)
        self.loops: dict[str, Loop] = {}
        self._slice = ""
        self._lay_out()
        self._connect()

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.setFocus()
        if not self.work.running and not self.loops and self.bench.project is not None:
            self.choose_another()

    def show_project(self) -> None:
        """See DatasetPage."""
        for key in self.plays.values():
            key.setEnabled(bool(self.loops))
        self.another.setEnabled(not self.work.running)

    def choose_another(self) -> None:
        """Take any slice that was kept."""
        folder, rejected = self.bench.run_folder("inspect"), self.bench.now.rejected
        self.bench.desk.background.submit("choosing a slice", lambda *_: _any_slice(folder, rejected), self.try_slice)

    def try_slice(self, path: str) -> None:
        """There and back with this one, by its path below the slices."""
        if path:
            self._slice = path
            self.begin()
        else:
            self.figure.setText("There is no slice to hear.")

    def begin(self) -> None:
        """See WorkPage."""
        project, choices = self.bench.now, self.bench.now.choices
        self.bench.desk.audition.stop()
        self.chosen.setText(Path(self._slice).stem)
        arguments = [str(project.place("slices", self._slice)), "--format", choices.format]
        beats = ["--beats", str(choices.beats), "--bpm", f"{choices.bpm or 128:g}"]
        try:
            self.run_command("audition", [*arguments, *beats, "-o", str(project.place("audition"))])
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))
        self.show_project()

    def take_result(self, command: str) -> None:
        """See WorkPage."""
        value = read_result(self.bench.run_folder(command))
        if not isinstance(value, dict) or not {*_SIDES, "convergence_db"} <= set(value):
            return
        decibels = float(value["convergence_db"])
        self.figure.setText(f"{decibels:.1f} dB: {closeness(decibels)}.")
        files = {side: Path(str(value[side])) for side in _SIDES}
        beats = self.bench.now.choices.beats
        self.bench.desk.background.submit("reading both", lambda *_: _loops(files, beats), self._take_loops)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.loops:
            self._toggle(str(self.bench.desk.audition.playing or _SIDES[0]))
        elif event.key() == Qt.Key.Key_Tab and self.bench.desk.audition.playing in _SIDES:
            self._play(_SIDES[self.bench.desk.audition.playing == _SIDES[0]])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, onward: bool) -> bool:
        """While one side plays, Tab is for the other."""
        return False if self.bench.desk.audition.playing in _SIDES else super().focusNextPrevChild(onward)

    def _take_loops(self, found: dict[str, Loop] | str) -> None:
        if isinstance(found, str):
            self.bench.troubled.emit(found)
            return
        self.loops = found
        for side, loop in found.items():
            self.pictures[side].show_picture(levels_of(loop.magnitude), loop.sample_rate / 2, loop.beats)
        self.show_project()

    def _toggle(self, side: str) -> None:
        if self.bench.desk.audition.playing == side:
            self.bench.desk.audition.stop()
        else:
            self._play(side)

    def _play(self, side: str) -> None:
        if side in self.loops:
            self.bench.desk.audition.play(self.loops[side], side)

    def _show_playing(self) -> None:
        for side, key in self.plays.items():
            playing = self.bench.desk.audition.playing == side
            key.setChecked(playing)
            key.set_icon("stop" if playing else "play")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(3 * GRID)
        head.addWidget(self.another)
        head.addWidget(self.chosen, 1)
        self.body.addLayout(head)
        self.body.addWidget(self.work)
        both = QHBoxLayout()
        both.setSpacing(3 * GRID)
        for side in _SIDES:
            column = QVBoxLayout()
            column.setSpacing(2 * GRID)
            self.plays[side].setCheckable(True)
            self.pictures[side].setMinimumHeight(140)
            self.pictures[side].setAccessibleName(f"Spectrogram of the {side}")
            column.addWidget(self.plays[side])
            column.addWidget(self.pictures[side], 1)
            both.addLayout(column, 1)
        self.body.addLayout(both, 1)
        self.body.addWidget(self.figure)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _connect(self) -> None:
        self.another.clicked.connect(self.choose_another)
        for side, key in self.plays.items():
            key.clicked.connect(lambda _checked=False, side=side: self._toggle(side))
        self.bench.desk.audition.changed.connect(self._show_playing)


def _any_slice(folder: Path, rejected: frozenset[str]) -> str:
    found = read_result(folder)
    kept = [str(each["path"]) for each in found or [] if each["path"] not in rejected]
    return random.choice(kept) if kept else ""


def _loops(files: dict[str, Path], beats: int) -> dict[str, Loop] | str:
    try:
        return {side: loop_of_file(path, beats) for side, path in files.items()}
    except TechnoganError as error:
        return str(error)
