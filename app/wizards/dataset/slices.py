"""The page that cuts slices, plays them and rejects some of them."""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from app.widgets.button import Button
from app.widgets.check_box import CheckBox
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.number_box import NumberBox
from app.widgets.panel import ElidedLabel, QuietLabel
from app.widgets.segments import Segments
from app.widgets.tokens import GRID
from app.wizards.common.wording import format_count
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.preview_loops import read_loop
from app.wizards.dataset.project_store import ProjectStore, read_result
from app.wizards.dataset.slice_grid import SliceGrid, SliceInfo
from technogan.errors import SpecError
from technogan.records import read_record
from technogan.sound.loop import Loop

_BEATS = {"beat": 1, "half bar": 2, "bar": 4}
_FORMATS = {1: "beat", 2: "half", 4: "bar"}
_MARKS = ("silent", "clipped", "repeated")
_MAX_EVERY = 64


class SlicesPage(JobPage):
    """All slices in a grid; those that are silent, clipped or repeated are marked."""

    name, step, heading = "slices", "Slices", "Cut and choose slices"
    commands = ("slice", "inspect")
    lead = "Space plays a slice; X rejects or restores it. Rejected slices stay on disk but out of the dataset."

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.beats = Segments(tokens, list(_BEATS), name="Length of a slice")
        self.every = NumberBox(
            1, _MAX_EVERY, name="Keep every Nth slice", tip="Keep every Nth slice of tracks that repeat themselves"
        )
        self.mono = CheckBox("Mono", tip="Images are mono in any case; mono slices take half the space")
        self.cut = Button(tokens, "Cut", primary=True)
        self.grid = SliceGrid(tokens)
        self.details = ElidedLabel(tokens)
        self.summary = QuietLabel(tokens)
        self.mark_buttons = {
            mark: Button(tokens, mark, name=f"Reject all {mark} slices, or restore them", small=True) for mark in _MARKS
        }
        self._waiting = ""
        self._loading = False
        self._lay_out()
        self._connect()

    def complete(self) -> bool:
        project = self.store.project
        return project is not None and project.is_cut and not project.pending & set(self.commands)

    def enter(self) -> None:
        super().enter()
        self.grid.setFocus()
        if self.store.project is not None and self.store.project.is_cut and not self.grid.slices:
            self._load()

    def show_project(self) -> None:
        project, running = self.store.current, self.job_panel.running
        self.beats.show_choice(next(label for label, beats in _BEATS.items() if beats == project.options.beats))
        self.every.show_value(project.options.every)
        self.mono.setChecked(project.options.mono)
        for widget in (self.beats, self.every, self.mono):
            widget.setEnabled(not running)
        self.cut.setEnabled(not running and bool(project.sources()))
        self.cut.setText("Cut" if not project.done.get("slice") else "Cut again")
        self.cut.setVisible(not project.is_cut or running)
        self.grid.show_rejected(project.rejected)
        self.grid.set_hint(self._make_hint())
        self._show_summary()

    def begin(self) -> None:
        project = self.store.current
        self._show_slices([])
        if project.done.get("slice") != project.cut_key():
            self.store.set_project(project.without_rejections())
        self.submit("clearing earlier slices", lambda *_: project.delete_folder("slices"), lambda _: self._cut())

    def take_result(self, command: str) -> None:
        if command == "slice":
            self._inspect()
            return
        self.store.set_project(self.store.current.with_result("slice", self.store.read_cache_key("slice")))
        self._load()

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        self.store.failed.emit(f"{path}: {reason}")

    # --- commands

    def _cut(self) -> None:
        project, options = self.store.current, self.store.current.options
        with self.show_errors():
            sources = project.sources()
            grids = self.store.write_grids("slice", sources)
            self.store.save_cache_key("slice", project.cut_key())
            tracks = self.store.write_track_list("slice", [str(source["path"]) for source in sources])
            arguments = [tracks, "--grids", grids, "--bpm", f"{options.bpm or 128:g}", "--beats", str(options.beats)]
            arguments += ["--every", str(options.every), "-o", str(project.path("slices"))]
            self.run_command("slice", [*arguments, *(["--mono"] if options.mono else [])])
        self.show_project()

    def _inspect(self) -> None:
        project = self.store.current
        spectrogram_format = _FORMATS[project.options.beats]
        self.run_command("inspect", [str(project.path("slices")), "--format", spectrogram_format])

    def _load(self) -> None:
        folder = self.store.run_folder("inspect")
        self._loading = True
        self.submit("reading the list of slices", lambda *_: _read_slices(folder), self._show_slices)

    # --- display

    def _make_hint(self) -> str:
        """Return what to show while there are no slices."""
        if self.job_panel.running:
            return "Cutting the tracks…" if self.command == "slice" else "Looking for silent and repeated slices…"
        if self._loading:
            return "Reading the slices…"
        return "No slices were cut." if self.store.current.is_cut else "Choose a length, then click Cut."

    def _show_slices(self, slices: Sequence[SliceInfo]) -> None:
        self._loading = False
        self.grid.show_slices(slices)
        self.details.setText("")
        if self.store.project is not None:
            self.show_project()

    def _show_summary(self) -> None:
        rejected = self.store.current.rejected & {each.path for each in self.grid.slices}
        kept = len(self.grid.slices) - len(rejected)
        counts = f"{format_count(kept, 'slice')} kept, {len(rejected)} rejected"
        self.summary.setText(counts if self.grid.slices else "")
        for mark, button in self.mark_buttons.items():
            paths = self._marked(mark)
            button.setText(f"{mark}  {len(paths)}")
            button.setEnabled(bool(paths))
            button.setChecked(bool(paths) and rejected >= set(paths))
            button.updateGeometry()

    def _marked(self, mark: str) -> list[str]:
        return [each.path for each in self.grid.slices if mark in each.marks]

    def _reject(self, paths: Sequence[str]) -> None:
        """Reject all of them, or restore them if all are rejected."""
        self.store.set_rejected(paths, not set(paths) <= self.store.current.rejected)

    def _describe(self, path: str) -> None:
        each = self.grid.current
        self.details.setText(each.describe() if each is not None else "")
        if self.store.host.preview.playing is not None:
            self._play(path)  # while one plays, the next one follows

    # --- playback

    def _toggle(self, path: str) -> None:
        if self.store.host.preview.playing == path:
            self.store.host.preview.stop()
        else:
            self._play(path)

    def _play(self, path: str) -> None:
        self._waiting = path
        file, beats = self.store.current.path("slices", path), self.store.current.options.beats
        self.submit(f"reading {file.name}", lambda *_: read_loop(file, beats), partial(self._play_loop, path))

    def _play_loop(self, path: str, loop: Loop) -> None:
        if path == self._waiting and self.is_shown:
            self.store.host.preview.play(loop, path)

    def _show_playing(self) -> None:
        playing = self.store.host.preview.playing
        self.grid.show_playing(playing if isinstance(playing, str) else "")

    # --- layout

    def _lay_out(self) -> None:
        tokens = self.tokens
        self.every.setFixedWidth(54)
        head = make_row(QuietLabel(tokens, "Slice length"), self.beats, 3 * GRID)
        add_items(head, QuietLabel(tokens, "Keep 1 in"), self.every, 3 * GRID, self.mono, STRETCH, self.cut)
        for button in self.mark_buttons.values():
            button.setCheckable(True)
        foot = make_row(QuietLabel(tokens, "Reject all"), *self.mark_buttons.values(), 3 * GRID)
        add_items(foot, (self.details, 1), self.summary)
        add_items(self.body, head, self.job_panel, (self.grid, 1), foot)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        self.beats.chosen.connect(
            lambda label: self.store.set_options(beats=_BEATS[label], format=_FORMATS[_BEATS[label]])
        )
        self.every.value_edited.connect(lambda every: self.store.set_options(every=int(every)))
        self.mono.clicked.connect(lambda mono: self.store.set_options(mono=mono))
        self.cut.clicked.connect(self.begin)
        self.grid.play_requested.connect(self._toggle)
        self.grid.rejection_requested.connect(self._reject)
        self.grid.chosen.connect(self._describe)
        self.store.host.preview.changed.connect(self._show_playing)
        for mark, button in self.mark_buttons.items():
            button.clicked.connect(lambda _checked=False, mark=mark: self._reject(self._marked(mark)))


def _read_slices(folder: Path) -> list[SliceInfo]:
    slices = []
    for each in read_result(folder) or []:
        with contextlib.suppress(SpecError, TypeError):
            slices.append(read_record(SliceInfo, each, ignore_unknown=True))
    return slices
