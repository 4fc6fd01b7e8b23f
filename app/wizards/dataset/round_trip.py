"""The page that compares a slice with its reconstruction from an image."""

import random
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.drawing.spectrogram_image import compute_levels
from app.widgets.button import Button
from app.widgets.layout import add_items, make_column, make_row
from app.widgets.panel import ElidedLabel
from app.widgets.spectrogram_view import SpectrogramView
from app.widgets.tokens import GRID
from app.wizards.common.text import Body
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.preview_loops import read_loop
from app.wizards.dataset.project_store import ProjectStore, read_result
from app.wizards.dataset.wording import describe_convergence
from technogan.sound.loop import Loop

_SIDES = ("original", "reconstruction")


class RoundTripPage(JobPage):
    """A slice and its reconstruction side by side: the upper bound of the quality of the format."""

    name, step, heading = "round_trip", "Round trip", "Hear what an image keeps"
    commands = ("audition",)
    lead = (
        "Compare a slice with its reconstruction from an image: no model of this format can sound closer. Space plays, "
        "Tab switches sides."
    )

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.another = Button(tokens, "Another slice", tip="Pick a slice at random")
        self.chosen = ElidedLabel(tokens)
        self.plays = {
            side: Button(tokens, label, icon="play", name=f"Play the {side}")
            for side, label in zip(_SIDES, ("A  original", "B  reconstruction"), strict=True)
        }
        self.spectrograms = {side: SpectrogramView(tokens) for side in _SIDES}
        self.convergence = Body(tokens)
        self.loops: dict[str, Loop] = {}
        self._slice = ""
        self._lay_out()
        self.job_panel.interrupted.connect(lambda: self._clear(""))
        self._connect()

    def enter(self) -> None:
        super().enter()
        self.setFocus()
        if not self.job_panel.running and not self.loops and self.store.project is not None:
            self.choose_another()

    def show_project(self) -> None:
        for button in self.plays.values():
            button.setEnabled(bool(self.loops))
        self.another.setEnabled(not self.job_panel.running)

    def choose_another(self) -> None:
        """Pick a slice at random from those that are not rejected."""
        folder, rejected = self.store.run_folder("inspect"), self.store.current.rejected
        self._clear("Choosing a slice…")
        self.submit("choosing a slice", lambda *_: _pick_slice(folder, rejected), self.try_slice)

    def try_slice(self, path: str) -> None:
        """Convert and reconstruct the slice at this path below the slices."""
        if path:
            self._slice = path
            self.begin()
        else:
            self._clear("There are no slices to play.")

    def begin(self) -> None:
        project, options = self.store.current, self.store.current.options
        self.store.host.preview.stop()
        self.chosen.setText(Path(self._slice).stem)
        self._clear("Converting and reconstructing…")
        arguments = [str(project.path("slices", self._slice)), "--format", options.format]
        beats = ["--beats", str(options.beats), "--bpm", f"{options.bpm or 128:g}"]
        with self.show_errors():
            self.run_command("audition", [*arguments, *beats, "-o", str(project.path("audition"))])
        self.show_project()

    def take_result(self, command: str) -> None:
        result = read_result(self.store.run_folder(command))
        if not isinstance(result, dict) or not {*_SIDES, "convergence_db"} <= set(result):
            return
        decibels = float(result["convergence_db"])
        self.convergence.setText(f"{decibels:.1f} dB: {describe_convergence(decibels)}.")
        files = {side: Path(str(result[side])) for side in _SIDES}
        beats = self.store.current.options.beats
        self.submit(
            "reading both sides", lambda *_: {side: read_loop(path, beats) for side, path in files.items()}, self._show
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.loops:
            self._toggle(str(self.store.host.preview.playing or _SIDES[0]))
        elif event.key() == Qt.Key.Key_Tab and self.store.host.preview.playing in _SIDES:
            self._play(_SIDES[self.store.host.preview.playing == _SIDES[0]])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, onward: bool) -> bool:
        # While one side plays, Tab switches sides.
        return False if self.store.host.preview.playing in _SIDES else super().focusNextPrevChild(onward)

    def _clear(self, hint: str) -> None:
        """Show a hint instead of the sides, which belong to an earlier slice."""
        self.loops = {}
        self.convergence.setText("")
        for spectrogram in self.spectrograms.values():
            spectrogram.clear(hint)

    def _show(self, loops: dict[str, Loop]) -> None:
        self.loops = loops
        for side, loop in loops.items():
            nyquist = loop.sample_rate / 2
            self.spectrograms[side].show_picture(compute_levels(loop.magnitude), nyquist, loop.beats, loop.rows)
        self.show_project()

    def _toggle(self, side: str) -> None:
        if self.store.host.preview.playing == side:
            self.store.host.preview.stop()
        else:
            self._play(side)

    def _play(self, side: str) -> None:
        if side in self.loops:
            self.store.host.preview.play(self.loops[side], side)

    def _show_playing(self) -> None:
        for side, button in self.plays.items():
            playing = self.store.host.preview.playing == side
            button.setChecked(playing)
            button.set_icon("stop" if playing else "play")

    def _lay_out(self) -> None:
        head = make_row(self.another, (self.chosen, 1), spacing=3 * GRID)
        both = make_row(spacing=3 * GRID)
        for side in _SIDES:
            self.plays[side].setCheckable(True)
            self.spectrograms[side].setMinimumHeight(140)
            self.spectrograms[side].setAccessibleName(f"Spectrogram of the {side}")
            both.addLayout(make_column(self.plays[side], (self.spectrograms[side], 1)), 1)
        add_items(self.body, head, self.job_panel, (both, 1), self.convergence)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _connect(self) -> None:
        self.another.clicked.connect(self.choose_another)
        for side, button in self.plays.items():
            button.clicked.connect(lambda _checked=False, side=side: self._toggle(side))
        self.store.host.preview.changed.connect(self._show_playing)


def _pick_slice(folder: Path, rejected: frozenset[str]) -> str:
    found = read_result(folder)
    kept = [str(each["path"]) for each in found or [] if each["path"] not in rejected]
    return random.choice(kept) if kept else ""
