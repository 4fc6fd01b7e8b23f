"""The page that adds tracks to a project, and creates or opens the project."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import ElidedLabel, QuietLabel
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.rows import Row, Rows
from app.wizards.common.wording import format_count, format_playing_time
from app.wizards.dataset.page import ProjectPage
from app.wizards.dataset.project import Track
from app.wizards.dataset.project_store import ProjectStore, music_folder
from app.wizards.dataset.sounds import find_tracks
from technogan.errors import TechnoganError
from technogan.files.sound_paths import PLAYLISTS
from technogan.files.sound_reader import SUFFIXES

_DEFAULT_NAME = "my techno"
_DROP = "Drop tracks or folders here"
_FILTER = f"Sounds and playlists ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES | PLAYLISTS))})"
_NONE_USABLE = "None of these tracks can be used."
_NONE_USABLE_ADVICE = "The list shows why. Add tracks of 20 seconds to 30 minutes as WAV, FLAC, AIFF, OGG or MP3."


class ChoosePage(ProjectPage):
    """The list of tracks. Each is opened as soon as it is added, to check whether it can be used."""

    name, step, heading = "tracks", "Tracks", "Choose your tracks"
    lead = (
        "A model learns from short loops of one tempo and one length, cut from your tracks. Choose tracks with drums "
        "and roughly the same tempo, and only music that you may use."
    )

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        tokens = store.host.tokens
        self.home = music_folder()
        self.title = QLineEdit(_DEFAULT_NAME)
        self.place = ElidedLabel(tokens)
        self.choose_place = Button(tokens, "Change…", tip="Choose where the dataset is saved", small=True)
        self.open_other = Button(tokens, "Open…", tip="Open another dataset", small=True, flat=True)
        self.begin_new = Button(
            tokens, "New", tip="Start another dataset; this one stays where it is", small=True, flat=True
        )
        self.rows = Rows(tokens, "Tracks", several=True)
        self.add_files = Button(tokens, "Add files…")
        self.add_folder = Button(tokens, "Add folder…")
        self.remove = Button(
            tokens, "Remove", tip="Remove the selected tracks from the list", shortcut="Del", flat=True
        )
        self.summary = QuietLabel(tokens)
        self.error_panel = ErrorPanel(tokens)
        self._reading = False
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self.show_project()

    def complete(self) -> bool:
        project = self.store.project
        return project is not None and any(track.is_used for track in project.tracks)

    def enter(self) -> None:
        super().enter()
        self.rows.setFocus()
        self.show_project()

    def state(self) -> dict[str, Any]:
        folder = (
            self.store.project.folder if self.store.project else self.store.missing[0] if self.store.missing else ""
        )
        return {"project": str(folder), "home": str(self.home)}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.home = Path(str(state.get("home") or self.home))
        if folder := state.get("project"):
            self.store.open(Path(str(folder)))
        self.show_project()

    def add(self, paths: Sequence[Path]) -> None:
        """Read these files, folders and playlists in the background, and add their tracks to the project."""
        self._reading = True
        self.show_project()
        self.submit("reading tracks", partial(find_tracks, paths), self._take_tracks, self._take_error)

    def show_project(self) -> None:
        project = self.store.project
        tracks = project.tracks if project else ()
        self.rows.show_rows([_row(track) for track in tracks])
        self.rows.set_hint("Reading…" if self._reading else _DROP)
        self.title.setEnabled(project is None)
        self.choose_place.setEnabled(project is None)
        self.begin_new.setVisible(project is not None)
        if project is not None:
            self.title.setText(project.folder.name)
        self.place.setText(f"in {project.folder.parent if project else self.home}")
        self.place.setToolTip(str(project.folder if project else self.home))
        self.summary.setText(_summarise(tracks))
        self.remove.setEnabled(bool(tracks))
        self._show_problem(tracks)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def _show_problem(self, tracks: Sequence[Track]) -> None:
        if self.store.missing is not None:
            advice = "If you moved it, choose where it is now: everything in it is kept. Otherwise start a new dataset."
            self.error_panel.show_message(self.store.missing[1], advice, retry="Find it…")
        elif tracks and not any(track.is_used for track in tracks):
            self.error_panel.show_message(_NONE_USABLE, _NONE_USABLE_ADVICE)
        else:
            self.error_panel.clear()

    def _take_tracks(self, found: list[Track]) -> None:
        self._reading = False
        self.show_project()
        if not found:
            self.error_panel.show_message(
                "There are no sound files in your selection.", "Add WAV, FLAC, AIFF, OGG or MP3 files.", tone="caution"
            )
            return
        try:
            if self.store.project is None:
                self.store.create(self.home, self.title.text() or _DEFAULT_NAME)
        except TechnoganError as error:
            self.error_panel.show_message(str(error), "Choose another place for the dataset.")
            return
        self.store.set_project(self.store.current.with_tracks(found))

    def _take_error(self, error: TechnoganError) -> None:
        self._reading = False
        self.show_project()
        self.error_panel.show_message(str(error))

    def _lay_out(self) -> None:
        self.title.setAccessibleName("Name of the dataset")
        self.title.setMaximumWidth(240)
        where = make_row(QuietLabel(self.tokens, "Dataset"), self.title, (self.place, 1))
        add_items(where, self.choose_place, self.open_other, self.begin_new)
        buttons = make_row(self.add_files, self.add_folder, self.remove, STRETCH, self.summary)
        add_items(self.body, where, self.error_panel, (self.rows, 1), buttons)

    def _connect(self) -> None:
        self.add_files.clicked.connect(self._ask_files)
        self.add_folder.clicked.connect(self._ask_folder)
        self.remove.clicked.connect(lambda: self._remove(self.rows.selected()))
        self.rows.removal_requested.connect(self._remove)
        self.choose_place.clicked.connect(self._ask_place)
        self.open_other.clicked.connect(self._ask_project)
        self.begin_new.clicked.connect(self._begin_new)
        self.error_panel.retry_requested.connect(self._ask_project)

    def _remove(self, paths: Sequence[str]) -> None:
        if self.store.project is not None:
            self.store.set_project(self.store.project.without_tracks(paths))

    def _begin_new(self) -> None:
        self.store.save()
        self.store.set_project(None)
        self.title.setText(_DEFAULT_NAME)
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
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder for your datasets", str(self.home))
        if chosen:
            self.home = Path(chosen)
            self.show_project()

    def _ask_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Open a dataset", str(self.home))
        if chosen:
            self.store.open(Path(chosen))
            self.show_project()


def _row(track: Track) -> Row:
    if track.problem:
        return Row(track.path, Path(track.path).name, track.problem, "cannot be used", "warning")
    channels = {1: "mono", 2: "stereo"}.get(track.channels, f"{track.channels} channels")
    detail = f"{track.sample_rate / 1000:g} kHz, {channels}"
    return Row(track.path, Path(track.path).name, detail, format_playing_time(track.seconds))


def _summarise(tracks: Sequence[Track]) -> str:
    if not tracks:
        return ""
    usable = [track for track in tracks if not track.problem]
    total = format_playing_time(sum(track.seconds for track in usable))
    text = f"{format_count(len(usable), 'track')}, {total} in all"
    n_unusable = len(tracks) - len(usable)
    return text + (f"; {format_count(n_unusable, 'file')} cannot be used" if n_unusable else "")
