"""The first page: which tracks, and where the dataset is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from app.widgets.button import Key
from app.widgets.panel import Elided, Quiet
from app.widgets.tokens import GRID
from app.wizards.common.error_panel import Trouble
from app.wizards.common.rows import Row, Rows
from app.wizards.common.text import Body
from app.wizards.common.wording import length, several
from app.wizards.dataset.page import DatasetPage
from app.wizards.dataset.project import Track
from app.wizards.dataset.project_store import Bench, music_folder
from app.wizards.dataset.sounds import PLAYLISTS, SUFFIXES, tracks_in
from technogan.errors import TechnoganError

_DROP = "Drop tracks or folders here"
_FILTER = f"Sounds and playlists ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES | PLAYLISTS))})"
_NONE_FIT = "None of these can be used."
_NONE_FIT_ADVICE = (
    "The list says why, for each. Songs of 20 seconds to 30 minutes as WAV, FLAC, AIFF, OGG or MP3 are fine."
)


class ChoosePage(DatasetPage):
    """Tracks are read at once, as far as it takes to know whether they can be used."""

    name, step, heading = "tracks", "Tracks", "Choose your tracks"
    lead = (
        "A model learns from short loops that all have one tempo and one length. They are made of your tracks: of "
        "roughly one tempo, with drums. Mind whose music it is."
    )

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        tokens = bench.desk.tokens
        self.home = music_folder()
        self.title = QLineEdit("my techno")
        self.place = Elided(tokens)
        self.choose_place = Key(tokens, "Change…", tip="Where the folder of the dataset is made", small=True)
        self.open_other = Key(tokens, "Open…", tip="Go on with another dataset", small=True, flat=True)
        self.begin_new = Key(
            tokens, "New", tip="Begin another dataset; this one stays where it is", small=True, flat=True
        )
        self.rows = Rows(tokens, "Tracks", several=True)
        self.empty = Body(tokens, _DROP, tone="faint", parent=self.rows)
        self.add_files = Key(tokens, "Add files…")
        self.add_folder = Key(tokens, "Add folder…")
        self.remove = Key(tokens, "Remove", tip="Take the chosen tracks off the list", shortcut="Del", flat=True)
        self.sum = Quiet(tokens)
        self.trouble = Trouble(tokens)
        self._reading = False
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self.show_project()

    def complete(self) -> bool:
        """See Page."""
        project = self.bench.project
        return project is not None and any(track.used for track in project.tracks)

    def enter(self) -> None:
        """See Page."""
        super().enter()
        self.rows.setFocus()
        self.show_project()

    def state(self) -> dict[str, Any]:
        """See Page."""
        folder = self.bench.project.folder if self.bench.project else self.bench.lost[0] if self.bench.lost else ""
        return {"project": str(folder), "home": str(self.home)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """See Page."""
        self.home = Path(str(state.get("home") or self.home))
        if folder := state.get("project"):
            self.bench.open(Path(str(folder)))
        self.show_project()

    def add(self, paths: Sequence[Path]) -> None:
        """Read these, and what is in them, in the background; then they are on the list."""
        self._reading = True
        self.show_project()
        self.bench.desk.background.submit(
            "reading tracks", lambda progress, stop: _found(paths, progress, stop), self._take
        )

    def show_project(self) -> None:
        """See DatasetPage."""
        project, lost = self.bench.project, self.bench.lost
        tracks = project.tracks if project else ()
        self.rows.show_rows([_row(track) for track in tracks])
        self.empty.setText("reading…" if self._reading else _DROP)
        self.empty.setVisible(not tracks)
        self._lay_hint()
        self.title.setEnabled(project is None)
        self.choose_place.setEnabled(project is None)
        self.begin_new.setVisible(project is not None)
        if project is not None:
            self.title.setText(project.folder.name)
        self.place.setText(f"in {project.folder.parent if project else self.home}")
        self.place.setToolTip(str(project.folder if project else self.home))
        self.sum.setText(_sum(tracks))
        self.remove.setEnabled(bool(tracks))
        self._show_trouble(tracks, lost)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def resizeEvent(self, _event: object) -> None:
        self._lay_hint()

    def _show_trouble(self, tracks: Sequence[Track], lost: tuple[Path, str] | None) -> None:
        if lost is not None:
            advice = "If it was moved, show where it is now: everything in it is kept. Or begin anew."
            self.trouble.show_trouble(lost[1], advice, retry="Find it…")
        elif tracks and not any(track.used for track in tracks):
            self.trouble.show_trouble(_NONE_FIT, _NONE_FIT_ADVICE)
        else:
            self.trouble.clear()

    def _take(self, result: object) -> None:
        self._reading = False
        if isinstance(result, TechnoganError):
            self.show_project()
            self.trouble.show_trouble(str(result))
            return
        assert isinstance(result, list)
        if not result:
            self.show_project()
            self.trouble.show_trouble(
                "There are no sounds in what you chose.", "WAV, FLAC, AIFF, OGG and MP3 are looked for.", tone="caution"
            )
            return
        try:
            if self.bench.project is None:
                self.bench.begin(self.home, self.title.text() or "my techno")
        except TechnoganError as error:
            self.show_project()
            self.trouble.show_trouble(str(error), "Choose another place for it.")
            return
        self.bench.put(self.bench.now.with_tracks(result))

    def _lay_hint(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setGeometry(self.rows.rect())

    def _lay_out(self) -> None:
        self.title.setAccessibleName("Name of the dataset")
        self.title.setMaximumWidth(240)
        tokens = self.bench.desk.tokens
        where = QHBoxLayout()
        where.setSpacing(2 * GRID)
        where.addWidget(Quiet(tokens, "Dataset"))
        where.addWidget(self.title)
        where.addWidget(self.place, 1)
        for key in (self.choose_place, self.open_other, self.begin_new):
            where.addWidget(key)
        keys = QHBoxLayout()
        keys.setSpacing(2 * GRID)
        for key in (self.add_files, self.add_folder, self.remove):
            keys.addWidget(key)
        keys.addStretch(1)
        keys.addWidget(self.sum)
        self.body.addLayout(where)
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.rows, 1)
        self.body.addLayout(keys)

    def _connect(self) -> None:
        self.add_files.clicked.connect(self._ask_files)
        self.add_folder.clicked.connect(self._ask_folder)
        self.remove.clicked.connect(lambda: self._remove(self.rows.selected()))
        self.rows.removed.connect(self._remove)
        self.choose_place.clicked.connect(self._ask_place)
        self.open_other.clicked.connect(self._ask_project)
        self.begin_new.clicked.connect(self._begin_new)
        self.trouble.retried.connect(self._ask_project)

    def _remove(self, paths: Sequence[str]) -> None:
        if self.bench.project is not None:
            self.bench.put(self.bench.project.without(paths))

    def _begin_new(self) -> None:
        self.bench.save()
        self.bench.put(None)
        self.title.setText("my techno")
        self.show_project()

    def _ask_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add tracks", str(Path.home()), _FILTER)
        if chosen:
            self.add([Path(path) for path in chosen])

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Add a folder of tracks", str(Path.home()))
        if chosen:
            self.add([Path(chosen)])

    def _ask_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Where datasets are made", str(self.home))
        if chosen:
            self.home = Path(chosen)
            self.show_project()

    def _ask_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "The folder of a dataset", str(self.home))
        if chosen:
            self.bench.open(Path(chosen))
            self.show_project()


def _found(paths: Sequence[Path], progress: Any, stop: Any) -> list[Track] | TechnoganError:
    try:
        return tracks_in(paths, progress, stop)
    except TechnoganError as error:
        return error


def _row(track: Track) -> Row:
    if track.problem:
        return Row(track.path, Path(track.path).name, track.problem, "cannot be used", "warning")
    channels = {1: "mono", 2: "stereo"}.get(track.channels, f"{track.channels} channels")
    detail = f"{track.sample_rate / 1000:g} kHz, {channels}"
    return Row(track.path, Path(track.path).name, detail, length(track.seconds))


def _sum(tracks: Sequence[Track]) -> str:
    if not tracks:
        return ""
    fit = [track for track in tracks if not track.problem]
    said = f"{several(len(fit), 'track')}, {length(sum(track.seconds for track in fit))} in all"
    return said + (f"; {several(len(tracks) - len(fit), 'file')} cannot be used" if len(fit) < len(tracks) else "")
