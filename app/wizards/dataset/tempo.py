"""The page that measures the tempo of each track, and shows its beat grid and drift."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_column, make_row
from app.widgets.number_box import NumberBox
from app.widgets.panel import QuietLabel
from app.widgets.tokens import GRID
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.time_axis import TimeAxis
from app.wizards.dataset.drift_view import DriftView
from app.wizards.dataset.grid_wave import GridWave
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.preview_loops import read_loop_with_clicks
from app.wizards.dataset.project import Track
from app.wizards.dataset.project_store import ProjectStore
from app.wizards.dataset.sounds import LONGEST_S, SHORTEST_S, Overview, read_overview, read_span
from app.wizards.dataset.wording import describe_tempo
from app.workers.tasks import Task
from technogan.arrays import FloatArray
from technogan.sound.loop import MAX_BPM, MIN_BPM, Loop

_BADGES = {
    "exact": ("exact", "good"),
    "conform": ("drifts", "caution"),
    "unclear": ("unclear", "warning"),
    "unusable": ("no beat", "warning"),
}
# Range around an entered tempo in which the measurement searches, as a ratio.
_AROUND = 0.04
_PREVIEW_BEATS = 16
_ROWS_WIDTH = 180
# Spans of the zoom buttons, in bars; 0 for the whole track.
_ZOOMS = {"track": 0.0, "16 bars": 16.0, "4 bars": 4.0, "bar": 1.0, "beat": 0.25}


class TempoPage(JobPage):
    """The tempo, grid and drift of a track. Unmeasured tracks are measured as soon as the page is shown."""

    name, step, heading = "tempo", "Tempo and grid", "Find the tempo"
    commands = ("tempo",)
    lead = (
        "The grid lines must match the beats, and each bar must start on its first beat. Look, listen and correct the "
        "grid where it is wrong."
    )

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.axis = TimeAxis(self)
        self.rows = Rows(tokens, "Tracks")
        self.wave = GridWave(tokens, self.axis)
        self.drift = DriftView(tokens, self.axis)
        self.verdict = Body(tokens)
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo", tip="Enter a tempo to measure close to it", decimals=2)
        self.half = Button(tokens, "Half", name="Half the tempo", small=True)
        self.double = Button(tokens, "Double", name="Double the tempo", small=True)
        self.earlier = Button(tokens, "- beat", name="Start the bars one beat earlier", small=True)
        self.later = Button(tokens, "+ beat", name="Start the bars one beat later", small=True)
        self.play = Button(
            tokens, "Play with clicks", icon="play", tip="Play four bars, from the first that is visible", small=True
        )
        self.zooms = {span: Button(tokens, span, name=f"Zoom: {span}", small=True, flat=True) for span in _ZOOMS}
        # Entered tempos that have not been measured yet, by track; and the one that is being measured.
        self._entered: dict[str, float] = {}
        self._target = 0.0
        self._measuring: list[str] = []
        self._shown = ""
        self._reading: Task | None = None
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        project = self.store.project
        return project is not None and not project.unmeasured() and any(track.is_used for track in project.tracks)

    @property
    def track(self) -> Track | None:
        """The track that is shown, if any."""
        return self.store.project.find_track(self.rows.current) if self.store.project else None

    def enter(self) -> None:
        super().enter()
        self.rows.setFocus()
        if not self.job_panel.running and self.store.project is not None and self.store.project.unmeasured():
            self.begin()

    def show_project(self) -> None:
        tracks = [track for track in self.store.current.tracks if SHORTEST_S <= track.seconds <= LONGEST_S]
        self.rows.show_rows([_row(track) for track in tracks])
        self._show_track()

    def take_item(self, command: str, value: Any) -> None:
        curve, tempo = value.pop("curve"), dict(value)
        track = self.store.current.find_track(tempo["path"])
        if track is None:
            return
        self.store.save_curve(track, curve)
        unusable = tempo["verdict"] in ("unclear", "unusable")
        if self._target and unusable:
            tempo["bpm"] = self._target  # trust the tempo that the user entered
        shift = track.shift if track.bpm and abs(tempo["bpm"] / track.bpm - 1) < _AROUND else 0
        treatment = ("leave" if self._target else "skip") if unusable else track.treatment
        self._shown = "" if track.path == self._shown else self._shown
        self.store.change_track(track.path, tempo=tempo, shift=shift, treatment=treatment, conformed={})

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        self.store.change_track(path, problem=reason)

    def take_result(self, command: str) -> None:
        for track in self.store.current.unmeasured():
            if track.path in self._measuring:
                self.store.change_track(track.path, problem="the measurement gave no result")
        if self._entered or self.store.current.unmeasured():
            self.begin()

    # --- commands

    def begin(self) -> None:
        """Measure an entered tempo, or else all unmeasured tracks."""
        project = self.store.current
        with self.show_errors():
            if self._entered:
                path, self._target = self._entered.popitem()
                low, high = max((1 - _AROUND) * self._target, MIN_BPM), min((1 + _AROUND) * self._target, MAX_BPM)
                self._measure([path], "--min-bpm", f"{low:.3f}", "--max-bpm", f"{high:.3f}")
            elif project.unmeasured():
                self._target = 0.0
                self._measuring = [track.path for track in project.unmeasured()]
                self._measure(self._measuring)

    def _measure(self, paths: Sequence[str], *options: str) -> None:
        self.run_command("tempo", [self.store.write_track_list("tempo", paths), "--curve", *options])

    def _enter_tempo(self, bpm: float) -> None:
        track = self.track
        if track is not None and MIN_BPM <= bpm <= MAX_BPM:
            self._entered[track.path] = bpm
            self.verdict.setText(f"Measuring close to {bpm:.2f} BPM…")
            if not self.job_panel.running:
                self.begin()

    # --- display

    def _show_track(self) -> None:
        track = self.track
        known = track is not None and track.is_measured
        for widget in (self.half, self.double, self.earlier, self.later, self.play, *self.zooms.values()):
            widget.setEnabled(known)
        self.bpm.setEnabled(known or (track is not None and not self.job_panel.running))
        if track is None:
            self.verdict.setText("")
            self.wave.show_overview(None, "No track")
            self.drift.show_curve(None)
            return
        measuring = self.job_panel.running and not known and not track.problem
        self.verdict.setText("Measuring the tempo…" if measuring else track.problem or describe_tempo(track.tempo))
        self.verdict.set_tone("warning" if track.problem else "text")
        self.bpm.show_value(track.bpm)
        self.wave.show_grid(track.bpm, track.downbeat)
        if track.path != self._shown:
            self._shown = track.path
            self.drift.show_curve(self.store.read_curve(track))
            self._read(track)

    def _read(self, track: Track) -> None:
        self.store.host.preview.stop()
        self.axis.show_track(track.seconds)
        self.wave.show_overview(None, "Reading the waveform…")
        if self._reading is not None:
            self._reading.cancel()

        def show(overview: Overview | None, hint: str = "") -> None:
            if track.path == self._shown:
                self.wave.show_overview(overview, hint)

        path = Path(track.path)
        work = partial(read_overview, path)
        self._reading = self.submit(f"reading {path.name}", work, show, lambda error: show(None, str(error)))

    def _read_samples(self, start: float, span: float) -> None:
        track = self.track
        if track is None:
            return
        path = track.path

        def show(found: tuple[FloatArray, int]) -> None:
            if path == self._shown:
                self.wave.show_samples(start, span, found[0])

        # The overview of the same file shows its error.
        self.submit("reading samples", lambda *_: read_span(Path(path), start, span), show, lambda _error: None)

    def _shift(self, beats: int) -> None:
        track = self.track
        if track is not None:
            self.store.change_track(track.path, shift=(track.shift + beats) % 4)

    def _zoom(self, bars: float) -> None:
        track = self.track
        if track is None or not track.bpm:
            return
        if not bars:
            self.axis.show_span(0.0, track.seconds)
            return
        beat = 60 / track.bpm
        span = 1.08 * bars * 4 * beat
        n = round((self.axis.start + 0.04 * self.axis.span - track.downbeat) / beat)
        self.axis.show_span(max(track.downbeat + n * beat, 0) - 0.04 * span, span)

    def _toggle_preview(self) -> None:
        track, preview = self.track, self.store.host.preview
        if track is None or preview.playing == track.path:
            preview.stop()
            return
        bar = 240 / track.bpm
        start = track.downbeat + max(round((self.axis.start - track.downbeat) / bar), 0) * bar
        path, bpm = Path(track.path), track.bpm
        work = partial(read_loop_with_clicks, path, bpm, start, _PREVIEW_BEATS)
        self.submit("adding clicks", lambda *_: work(), partial(self._play_loop, track.path))

    def _play_loop(self, path: str, loop: Loop) -> None:
        if self.is_shown and path == self._shown:
            self.store.host.preview.play(loop, path)

    def _show_playing(self) -> None:
        playing = self.store.host.preview.playing is not None
        self.play.set_icon("stop" if playing else "play")

    # --- layout

    def _lay_out(self) -> None:
        tokens = self.store.host.tokens
        self.bpm.setFixedWidth(86)
        self.bpm.setSpecialValueText("...")
        buttons = make_row(QuietLabel(tokens, "BPM"), self.bpm, self.half, self.double, 3 * GRID, spacing=GRID)
        add_items(buttons, QuietLabel(tokens, "Bars start"), self.earlier, self.later, STRETCH)
        zooms = make_row(QuietLabel(tokens, "Zoom"), *self.zooms.values(), STRETCH, self.play, spacing=GRID)
        right = QWidget()
        column = make_column(zooms, (self.wave, 3), (self.drift, 2), self.verdict, buttons, parent=right)
        column.setContentsMargins(GRID, 0, 0, 0)
        self.rows.setMinimumWidth(_ROWS_WIDTH)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.rows)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([230, 600])
        split.setChildrenCollapsible(False)
        add_items(self.body, self.job_panel, (split, 1))

    def _connect(self) -> None:
        self.rows.chosen.connect(lambda _path: self._show_track())
        self.bpm.value_edited.connect(self._enter_tempo)
        self.half.clicked.connect(lambda: self._enter_tempo(self.bpm.value() / 2))
        self.double.clicked.connect(lambda: self._enter_tempo(self.bpm.value() * 2))
        self.earlier.clicked.connect(lambda: self._shift(-1))
        self.later.clicked.connect(lambda: self._shift(1))
        self.wave.beat_picked.connect(self._shift)
        self.wave.samples_requested.connect(self._read_samples)
        self.play.clicked.connect(self._toggle_preview)
        for span, button in self.zooms.items():
            button.clicked.connect(partial(self._zoom, _ZOOMS[span]))
        self.store.host.preview.changed.connect(self._show_playing)


def _row(track: Track) -> Row:
    title = Path(track.path).name
    if track.problem:
        return Row(track.path, title, track.problem, "left out", "warning")
    if not track.is_measured:
        return Row(track.path, title, "waiting", "", "faint")
    badge, tone = _BADGES.get(track.verdict, ("", "quiet"))
    return Row(track.path, title, f"{track.bpm:.2f} BPM", badge, tone)
