"""The page that brings tracks to one tempo, leaves them as they are or leaves them out."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.widgets.button import Button
from app.widgets.check_box import CheckBox
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.number_box import NumberBox
from app.widgets.panel import QuietLabel
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.wording import format_count, format_playing_time, format_size
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.project import Project, Track
from app.wizards.dataset.project_store import ProjectStore
from app.wizards.dataset.wording import describe_tempo_change
from technogan.sound.loop import MAX_BPM, MIN_BPM

_DEFAULT_BPM = 128.0
_LABELS = {"conform": "conform", "leave": "leave as it is", "skip": "leave out"}
_TREATMENTS = {label: treatment for treatment, label in _LABELS.items()}
# Bytes per sample of a conformed file.
_WIDTH = 3


class ConformPage(JobPage):
    """The tracks with their treatment, and the tempo of the dataset."""

    name, step, heading = "conform", "One tempo", "Bring the tracks to one tempo"
    commands = ("conform",)
    lead = (
        "Conforming removes drift and changes the tempo; a track that is already right is copied. A track that you "
        "leave as it is keeps its own tempo, so it should have no drift."
    )

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo of the dataset", decimals=2)
        self.pitch = CheckBox("Keep pitch", tip="If off, pitch follows tempo, as on a turntable")
        self.rows = Rows(tokens, "Tracks", several=True)
        self.treatment = Segments(tokens, list(_TREATMENTS), name="Treatment of the selected tracks")
        self.start = Button(tokens, "Conform", primary=True)
        self.summary = Body(tokens, tone="quiet")
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        project = self.store.project
        return project is not None and not project.unconformed() and bool(project.sources())

    def enter(self) -> None:
        if self.store.project is not None and not self.store.project.options.bpm:
            self.store.set_options(bpm=find_common_tempo(self.store.project.tracks))
        super().enter()
        self.rows.setFocus()

    def show_project(self) -> None:
        project = self.store.current
        tracks = [track for track in project.tracks if track.is_measured and not track.problem]
        waiting = {track.path for track in project.unconformed()}
        self.rows.show_rows([_row(track, project.options.bpm, track.path in waiting) for track in tracks])
        self.bpm.show_value(project.options.bpm or _DEFAULT_BPM)
        self.pitch.setChecked(project.options.keep_pitch)
        self.summary.setText(_summarise(project))
        for widget in (self.bpm, self.pitch):
            widget.setEnabled(not self.job_panel.running)
        self.start.setEnabled(bool(waiting) and not self.job_panel.running)
        self._show_treatment()

    def begin(self) -> None:
        project, options = self.store.current, self.store.current.options
        tracks = project.unconformed()
        with self.show_errors():
            grids = self.store.write_grids("conform", [track.to_grid() for track in tracks])
            listed = self.store.write_track_list("conform", [track.path for track in tracks])
            self.store.save_cache_key("conform", {track.path: project.conform_key(track) for track in tracks})
            method = "stretch" if options.keep_pitch else "resample"
            arguments = [listed, "--grids", grids, "--bpm", f"{options.bpm:g}", "--method", method]
            self.run_command("conform", [*arguments, "-o", str(project.path("conformed"))])
        self.show_project()

    def take_item(self, command: str, value: Any) -> None:
        path, after = value["before"]["path"], value["after"]
        if self.store.current.find_track(path) is None:
            return
        made = {"file": f"conformed/{Path(value['path']).name}", "first_downbeat_s": value["first_downbeat_s"]}
        made |= {"p95_ms": after["drift"]["p95_ms"], "verdict": after["verdict"]}
        keys = self.store.read_cache_key("conform") or {}
        self.store.change_track(path, conformed={**made, "asked": keys.get(path)})

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        self.store.change_track(path, problem=reason)

    def take_result(self, command: str) -> None:
        self.show_project()

    def _show_treatment(self) -> None:
        track = self.store.current.find_track(self.rows.current)
        self.treatment.setEnabled(track is not None and not self.job_panel.running)
        if track is not None:
            self.treatment.show_choice(_LABELS[track.treatment])

    def _set_treatment(self, label: str) -> None:
        project = self.store.current
        for path in self.rows.selected():
            project = project.with_track(path, treatment=_TREATMENTS[label])
        self.store.set_project(project)

    def _lay_out(self) -> None:
        tokens = self.tokens
        self.bpm.setFixedWidth(86)
        head = make_row(QuietLabel(tokens, "Tempo of the dataset"), self.bpm, QuietLabel(tokens, "BPM"))
        add_items(head, 4 * GRID, self.pitch, STRETCH)
        label = QuietLabel(tokens, "Selected tracks")
        foot = make_row(label, self.treatment, STRETCH, self.start, spacing=3 * GRID)
        add_items(self.body, head, (self.rows, 1), foot, self.summary, self.job_panel)

    def _connect(self) -> None:
        self.bpm.value_edited.connect(lambda bpm: self.store.set_options(bpm=round(bpm, 2)))
        self.pitch.clicked.connect(lambda kept: self.store.set_options(keep_pitch=kept))
        self.rows.chosen.connect(lambda _path: self._show_treatment())
        self.treatment.chosen.connect(self._set_treatment)
        self.start.clicked.connect(self.begin)


def find_common_tempo(tracks: Sequence[Track]) -> float:
    """Return the whole tempo that most tracks are close to; 128 if none is known."""
    tempos = Counter(round(track.bpm) for track in tracks if track.is_used and track.bpm)
    return float(tempos.most_common(1)[0][0]) if tempos else _DEFAULT_BPM


def _summarise(project: Project) -> str:
    waiting, n_sources = project.unconformed(), len(project.sources())
    if not waiting:
        return (
            f"{format_count(n_sources, 'track')} ready to cut." if n_sources else "No tracks are left for the dataset."
        )
    needed = sum(track.seconds * track.sample_rate * track.channels * _WIDTH for track in waiting)
    text = f"{format_count(len(waiting), 'track')} to conform; this takes {format_size(needed)} on disk."
    free = _free_bytes(project.folder)
    return text + (f" Only {format_size(free)} are free." if free < needed else "")


def _row(track: Track, bpm: float, waiting: bool) -> Row:
    title, tempo = Path(track.path).name, f"{track.bpm:.2f} BPM"
    if track.treatment == "skip":
        return Row(track.path, title, tempo, "left out", "faint")
    if track.treatment == "leave":
        exact = track.verdict == "exact"
        detail = (
            f"{tempo}, {format_playing_time(track.seconds)}, {'exact' if exact else 'drifts: its slices will, too'}"
        )
        return Row(track.path, title, detail, "as it is", "quiet" if exact else "caution")
    if waiting:
        change = describe_tempo_change(track.bpm, bpm or track.bpm)
        return Row(track.path, title, f"{tempo}, {change}", "to conform", "caution")
    within = f"95 % of its beats within {track.conformed['p95_ms']:.1f} ms"
    return Row(track.path, title, f"{tempo}, now {bpm:g} BPM, {within}", "conformed", "good")


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
