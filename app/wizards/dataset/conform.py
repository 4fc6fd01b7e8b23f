"""The page of decisions: which tracks are brought to the one tempo, which stay as they are, which are left out."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.number_box import NumberBox
from app.widgets.panel import Quiet
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.wording import length, several, size
from app.wizards.dataset.page import WorkPage
from app.wizards.dataset.project import Track
from app.wizards.dataset.project_store import Bench
from app.wizards.dataset.wording import change
from technogan.errors import TechnoganError
from technogan.sound.loop import MAX_BPM, MIN_BPM

_TREATMENTS = {"conform": "conform", "leave": "leave as it is", "skip": "leave out"}
_WORDS = {word: treatment for treatment, word in _TREATMENTS.items()}
# Bytes of a sample of what is written.
_WIDTH = 3


class ConformPage(WorkPage):
    """Tracks that are exact, and close to the tempo, need nothing."""

    name, step, heading = "conform", "One tempo", "Bring them to one tempo"
    commands = ("conform",)
    lead = (
        "Conforming undoes drift and changes the tempo; what is right already is copied. A track that is left as it is "
        "is cut at its own tempo: only an exact one should be."
    )

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo of the dataset", decimals=2)
        self.pitch = QCheckBox("keep the pitch")
        self.rows = Rows(tokens, "Tracks", several=True)
        self.treatment = Segments(tokens, list(_WORDS), name="What is done with the chosen tracks")
        self.start = Key(tokens, "Conform", primary=True)
        self.sum = Body(tokens, tone="quiet")
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        """See Page."""
        project = self.bench.project
        return project is not None and not project.unconformed() and bool(project.sources())

    def enter(self) -> None:
        """See Page."""
        if self.bench.project is not None and not self.bench.project.choices.bpm:
            self.bench.choose(bpm=usual_tempo(self.bench.project.tracks))
        super().enter()
        self.rows.setFocus()

    def show_project(self) -> None:
        """See DatasetPage."""
        project = self.bench.now
        tracks = [track for track in project.tracks if track.measured and not track.problem]
        waiting = {track.path for track in project.unconformed()}
        self.rows.show_rows([_row(track, project.choices.bpm, track.path in waiting) for track in tracks])
        self.bpm.show_value(project.choices.bpm or 128.0)
        self.pitch.setChecked(project.choices.keep_pitch)
        self.sum.setText(self._said())
        for widget in (self.bpm, self.pitch):
            widget.setEnabled(not self.work.running)
        self.start.setEnabled(bool(waiting) and not self.work.running)
        self._show_choice()

    def begin(self) -> None:
        """See WorkPage. What is done already is not done again."""
        project = self.bench.now
        tracks = project.unconformed()
        choices = project.choices
        try:
            grids = self.bench.grids("conform", [track.grid() for track in tracks])
            listed = self.bench.listed("conform", [track.path for track in tracks])
            arguments = [listed, "--grids", grids, "--bpm", f"{choices.bpm:g}"]
            self.bench.promise("conform", {track.path: project.asked(track) for track in tracks})
            method = "stretch" if choices.keep_pitch else "resample"
            out = str(project.place("conformed"))
            self.run_command("conform", [*arguments, "--method", method, "-o", out])
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))
        self.show_project()

    def take_item(self, command: str, value: Any) -> None:
        """See WorkPage."""
        project, before = self.bench.now, value["before"]["path"]
        track = next((track for track in project.tracks if track.path == before), None)
        if track is None:
            return
        file = Path(value["path"])
        made = {"file": f"conformed/{file.name}", "first_downbeat_s": value["first_downbeat_s"]}
        after = {"p95_ms": value["after"]["drift"]["p95_ms"], "verdict": value["after"]["verdict"]}
        asked = (self.bench.promised("conform") or {}).get(before)
        self.bench.track(before, conformed={**made, **after, "asked": asked})

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """See WorkPage."""
        self.bench.track(path, problem=reason)

    def take_result(self, command: str) -> None:
        """See WorkPage."""
        self.show_project()

    def _ended(self, outcome: object) -> None:
        super()._ended(outcome)
        self.show_project()

    def _said(self) -> str:
        project = self.bench.now
        waiting = project.unconformed()
        if not project.sources() and not waiting:
            return "No track is left to make a dataset of."
        if not waiting:
            return f"{several(len(project.sources()), 'track')} can be cut."
        needed = sum(track.seconds * track.sample_rate * track.channels * _WIDTH for track in waiting)
        said = f"{several(len(waiting), 'track')} to conform, {size(needed)} on the disk."
        free = _free(project.folder)
        return said + (f" Only {size(free)} are free there." if free < needed else "")

    def _show_choice(self) -> None:
        track = next((track for track in self.bench.now.tracks if track.path == self.rows.current), None)
        self.treatment.setEnabled(track is not None and not self.work.running)
        if track is not None:
            self.treatment.show_choice(_TREATMENTS[track.treatment])

    def _treat(self, word: str) -> None:
        project = self.bench.now
        for path in self.rows.selected():
            project = project.changed(path, treatment=_WORDS[word])
        self.bench.put(project)

    def _lay_out(self) -> None:
        tokens = self.bench.desk.tokens
        self.bpm.setFixedWidth(86)
        self.pitch.setToolTip("Else pitch follows tempo, as on a turntable")
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(Quiet(tokens, "Tempo of the dataset"))
        head.addWidget(self.bpm)
        head.addWidget(Quiet(tokens, "BPM"))
        head.addSpacing(4 * GRID)
        head.addWidget(self.pitch)
        head.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(3 * GRID)
        foot.addWidget(Quiet(tokens, "chosen tracks"))
        foot.addWidget(self.treatment)
        foot.addStretch(1)
        foot.addWidget(self.start)
        self.body.addLayout(head)
        self.body.addWidget(self.rows, 1)
        self.body.addLayout(foot)
        self.body.addWidget(self.sum)
        self.body.addWidget(self.work)

    def _connect(self) -> None:
        self.bpm.value_edited.connect(lambda bpm: self.bench.choose(bpm=round(bpm, 2)))
        self.pitch.clicked.connect(lambda kept: self.bench.choose(keep_pitch=kept))
        self.rows.chosen.connect(lambda _path: self._show_choice())
        self.treatment.chosen.connect(self._treat)
        self.start.clicked.connect(self.begin)


def usual_tempo(tracks: Any) -> float:
    """The whole tempo that most tracks are near; 128 where none is known."""
    tempos = Counter(round(track.bpm) for track in tracks if track.used and track.bpm)
    return float(tempos.most_common(1)[0][0]) if tempos else 128.0


def _row(track: Track, bpm: float, waiting: bool) -> Row:
    title, own = Path(track.path).name, f"{track.bpm:.2f} BPM"
    if track.treatment == "skip":
        return Row(track.path, title, own, "left out", "faint")
    if track.treatment == "leave":
        steady = track.verdict == "exact"
        said = "exact" if steady else "drifts: its slices will not be exact"
        return Row(
            track.path, title, f"{own}, {length(track.seconds)}, {said}", "as it is", "quiet" if steady else "caution"
        )
    if waiting:
        return Row(track.path, title, f"{own}, {change(track.bpm, bpm or track.bpm)}", "to conform", "caution")
    within = f"95 % of its beats within {track.conformed['p95_ms']:.1f} ms"
    return Row(track.path, title, f"{own}, now {bpm:g} BPM, {within}", "conformed", "good")


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
