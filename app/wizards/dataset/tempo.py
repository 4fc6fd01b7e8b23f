"""The page of the grid: the tempo of each track, its beats over its wave, and how they drift."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.number_box import NumberBox
from app.widgets.panel import Quiet
from app.widgets.tokens import GRID
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.time_axis import TimeAxis
from app.wizards.dataset.drift_view import DriftView
from app.wizards.dataset.grid_wave import GridWave
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.preview_loops import clicked_loop
from app.wizards.dataset.project import Track
from app.wizards.dataset.project_store import Bench
from app.wizards.dataset.sounds import LONGEST_S, SHORTEST_S, Overview, read_overview, read_span
from app.wizards.dataset.wording import verdict
from app.workers.tasks import Task
from technogan.errors import TechnoganError
from technogan.sound.loop import MAX_BPM, MIN_BPM, Loop

_BADGES = {"exact": ("exact", "good"), "conform": ("drifts", "caution"), "unusable": ("no beat", "warning")}
# How far from a tempo that was entered the track's own is looked for.
_AROUND = 0.04
_HEARD_BEATS = 16


class TempoPage(WorkPage):
    """What is not measured yet is measured as soon as one comes here."""

    name, step, heading = "tempo", "Tempo and grid", "Find the tempo"
    commands = ("tempo",)
    lead = "The grid must lie on the beats, and 1 on the first beat of a bar. Look, listen, correct where it is wrong."

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.axis = TimeAxis(self)
        self.rows = Rows(tokens, "Tracks")
        self.wave = GridWave(tokens, self.axis)
        self.drift = DriftView(tokens, self.axis)
        self.words = Body(tokens)
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo", tip="Enter a tempo: it is looked for nearby", decimals=2)
        self.half = Key(tokens, "half", name="Half the tempo", small=True)
        self.double = Key(tokens, "double", name="Double the tempo", small=True)
        self.earlier = Key(tokens, "- beat", name="First beat of the bar one beat earlier", small=True)
        self.later = Key(tokens, "+ beat", name="First beat of the bar one beat later", small=True)
        self.hear = Key(tokens, "Hear with clicks", icon="play", tip="Four bars from what is seen", small=True)
        self.zooms = {
            word: Key(tokens, word, name=f"See: {word}", small=True, flat=True)
            for word in ("track", "16 bars", "4 bars", "bar", "beat")
        }
        # Tempos that were entered and are still to be looked for, by track.
        self._wishes: dict[str, float] = {}
        self._asked = 0.0
        self._measuring: list[str] = []
        self._shown = ""
        self._reading: Task | None = None
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        """See Page."""
        project = self.bench.project
        return project is not None and not project.unmeasured() and any(track.used for track in project.tracks)

    @property
    def track(self) -> Track | None:
        """The one that is shown."""
        project = self.bench.project
        return next((t for t in project.tracks if t.path == self.rows.current), None) if project else None

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.rows.setFocus()
        if not self.work.running and self.bench.project is not None and self.bench.project.unmeasured():
            self.begin()

    def begin(self) -> None:
        """See WorkPage. What was entered by hand comes first."""
        self._next()

    def show_project(self) -> None:
        """See DatasetPage."""
        tracks = [track for track in self.bench.now.tracks if SHORTEST_S <= track.seconds <= LONGEST_S]
        self.rows.show_rows([_row(track) for track in tracks])
        self._show_track()

    def take_item(self, command: str, value: Any) -> None:
        """See WorkPage."""
        curve, facts = value.pop("curve"), dict(value)
        track = next((track for track in self.bench.now.tracks if track.path == facts["path"]), None)
        if track is None:
            return
        self.bench.keep_curve(track, curve)
        if self._asked and facts["verdict"] == "unusable":
            facts["bpm"] = self._asked  # whoever entered it knows better
        shift = track.shift if track.bpm and abs(facts["bpm"] / track.bpm - 1) < _AROUND else 0
        treatment = track.treatment
        if facts["verdict"] == "unusable":
            treatment = "leave" if self._asked else "skip"
        self._shown = "" if track.path == self._shown else self._shown
        self.bench.track(track.path, tempo=facts, shift=shift, treatment=treatment, conformed={})

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """See WorkPage."""
        self.bench.track(path, problem=reason)

    def take_result(self, command: str) -> None:
        """See WorkPage."""
        for track in self.bench.now.unmeasured():
            if track.path in self._measuring:
                self.bench.track(track.path, problem="nothing was found out about it")
        if self._wishes or self.bench.now.unmeasured():
            self._next()

    # --- the command

    def _next(self) -> None:
        project = self.bench.now
        try:
            if self._wishes:
                path, self._asked = self._wishes.popitem()
                low, high = max((1 - _AROUND) * self._asked, MIN_BPM), min((1 + _AROUND) * self._asked, MAX_BPM)
                around = ["--min-bpm", f"{low:.3f}", "--max-bpm", f"{high:.3f}"]
                self.run_command("tempo", [self.bench.listed("tempo", [path]), "--curve", *around])
            elif project.unmeasured():
                self._asked = 0.0
                self._measuring = [track.path for track in project.unmeasured()]
                self.run_command("tempo", [self.bench.listed("tempo", self._measuring), "--curve"])
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))

    def _wish(self, bpm: float) -> None:
        track = self.track
        if track is not None and MIN_BPM <= bpm <= MAX_BPM:
            self._wishes[track.path] = bpm
            self.words.setText(f"Looking for {bpm:.2f} BPM…")
            if not self.work.running:
                self._next()

    # --- the track

    def _show_track(self) -> None:
        track = self.track
        known = track is not None and track.measured
        for widget in (self.half, self.double, self.earlier, self.later, self.hear, *self.zooms.values()):
            widget.setEnabled(known)
        self.bpm.setEnabled(known or (track is not None and not self.work.running))
        if track is None:
            self.words.setText("")
            self.wave.show_overview(None, "no track")
            self.drift.show_curve(None)
            return
        self.words.setText(track.problem or verdict(track.tempo))
        self.words.set_tone("warning" if track.problem else "text")
        self.bpm.show_value(track.bpm)
        self.wave.show_grid(track.bpm, track.downbeat)
        if track.path != self._shown:
            self._shown = track.path
            self.drift.show_curve(self.bench.curve(track))
            self._read(track)

    def _read(self, track: Track) -> None:
        self.bench.desk.audition.stop()
        self.axis.show_track(track.seconds)
        self.wave.show_overview(None, "reading the wave…")
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self.bench.desk.background.submit(
            f"reading {Path(track.path).name}", partial(_overview, track), partial(self._take_overview, track.path)
        )

    def _take_overview(self, path: str, found: Overview | str) -> None:
        if path == self._shown:
            self.wave.show_overview(*((None, found) if isinstance(found, str) else (found,)))

    def _read_samples(self, start: float, span: float) -> None:
        track = self.track
        if track is None:
            return
        path = track.path

        def take(found: Any) -> None:
            if path == self._shown and found is not None:
                self.wave.show_samples(start, span, found)

        self.bench.desk.background.submit("reading a stretch", lambda *_: _samples(track, start, span), take)

    def _shift(self, beats: int) -> None:
        track = self.track
        if track is not None:
            self.bench.track(track.path, shift=(track.shift + beats) % 4)

    def _zoom(self, word: str) -> None:
        track = self.track
        if track is None or not track.bpm:
            return
        bars = {"16 bars": 16.0, "4 bars": 4.0, "bar": 1.0, "beat": 0.25}.get(word, 0.0)
        bar = 240 / track.bpm
        span = 1.08 * bars * bar if bars else track.seconds
        beat = round((self.axis.start + 0.04 * self.axis.span - track.downbeat) / (bar / 4))
        self.axis.look(max(track.downbeat + beat * bar / 4, 0) - 0.04 * span if bars else 0.0, span)

    def _hear(self) -> None:
        track, audition = self.track, self.bench.desk.audition
        if track is None or audition.playing == track.path:
            audition.stop()
            return
        bar = 240 / track.bpm
        first = track.downbeat + max(round((self.axis.start - track.downbeat) / bar), 0) * bar
        work = partial(_clicks, track, first)
        self.bench.desk.background.submit("clicks", work, partial(self._play, track.path))

    def _play(self, path: str, found: Loop | str) -> None:
        if isinstance(found, str):
            self.bench.troubled.emit(found)
        elif self.seen and path == self._shown:
            self.bench.desk.audition.play(found, path)

    def _show_playing(self) -> None:
        playing = self.bench.desk.audition.playing is not None
        self.hear.set_icon("stop" if playing else "play")

    # --- how it stands

    def _lay_out(self) -> None:
        tokens = self.bench.desk.tokens
        self.bpm.setFixedWidth(86)
        self.bpm.setSpecialValueText("...")
        keys = QHBoxLayout()
        keys.setSpacing(GRID)
        keys.addWidget(Quiet(tokens, "BPM"))
        for widget in (self.bpm, self.half, self.double):
            keys.addWidget(widget)
        keys.addSpacing(3 * GRID)
        keys.addWidget(Quiet(tokens, "bar begins"))
        for key in (self.earlier, self.later):
            keys.addWidget(key)
        keys.addStretch(1)
        keys.addWidget(self.hear)
        zooms = QHBoxLayout()
        zooms.setSpacing(GRID)
        zooms.addWidget(Quiet(tokens, "see"))
        for key in self.zooms.values():
            zooms.addWidget(key)
        zooms.addStretch(1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addLayout(zooms)
        column.addWidget(self.wave, 3)
        column.addWidget(self.drift, 2)
        column.addWidget(self.words)
        column.addLayout(keys)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.rows)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([230, 600])
        split.setChildrenCollapsible(False)
        self.body.addWidget(self.work)
        self.body.addWidget(split, 1)

    def _connect(self) -> None:
        self.rows.chosen.connect(lambda _path: self._show_track())
        self.bpm.value_edited.connect(self._wish)
        self.half.clicked.connect(lambda: self._wish(self.bpm.value() / 2))
        self.double.clicked.connect(lambda: self._wish(self.bpm.value() * 2))
        self.earlier.clicked.connect(lambda: self._shift(-1))
        self.later.clicked.connect(lambda: self._shift(1))
        self.wave.picked.connect(self._shift)
        self.wave.wants_samples.connect(self._read_samples)
        self.hear.clicked.connect(self._hear)
        for word, key in self.zooms.items():
            key.clicked.connect(partial(self._zoom, word))
        self.bench.desk.audition.changed.connect(self._show_playing)


def _row(track: Track) -> Row:
    title = Path(track.path).name
    if track.problem:
        return Row(track.path, title, track.problem, "left out", "warning")
    if not track.measured:
        return Row(track.path, title, "waiting", "", "faint")
    word, tone = _BADGES.get(track.verdict, ("", "quiet"))
    return Row(track.path, title, f"{track.bpm:.2f} BPM", word, tone)


def _overview(track: Track, progress: Any, stop: Any) -> Overview | str:
    try:
        return read_overview(Path(track.path), progress, stop)
    except TechnoganError as error:
        return str(error)


def _samples(track: Track, start: float, span: float) -> Any:
    try:
        return read_span(Path(track.path), start, span)[0]
    except TechnoganError:
        return None  # the wave itself has said so


def _clicks(track: Track, start: float, *_: Any) -> Loop | str:
    try:
        return clicked_loop(Path(track.path), track.bpm, start, _HEARD_BEATS)
    except TechnoganError as error:
        return str(error)
