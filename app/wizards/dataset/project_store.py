"""The project that all pages of the dataset wizard share, replaced as a whole and saved on disk."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal

from app.wizards.common.host import Host
from app.wizards.dataset.drift_view import DriftCurve
from app.wizards.dataset.project import PROJECT, Project, Track, write_json, write_lines
from technogan.errors import OutputError, SpecError, TechnoganError
from technogan.file_names import safe_name, unique_name
from technogan.records import parse_json_value, read_file, read_json

RESULT = "result.json"
_KEY = "key.json"

_SAVE_MS = 400


class ProjectStore(QObject):
    """The open project and the files that commands read and write.

    Attributes:
        changed: emitted when the project has changed or another one is open.
        failed: emitted with a message when something could not be read or saved.
        project: the open project, if any.
        missing: the folder of a project that could not be opened, and the reason.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host
        self.project: Project | None = None
        self.missing: tuple[Path, str] | None = None
        self._save_later = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._save_later.timeout.connect(self.save)

    @property
    def current(self) -> Project:
        """The open project, for callers that know that there is one."""
        assert self.project is not None
        return self.project

    def set_project(self, project: Project | None) -> None:
        """Replace the project, and save it soon."""
        self.project, self.missing = project, None
        if project is not None:
            self._save_later.start()
        self.changed.emit()

    def open(self, folder: Path) -> None:
        """Open a project; if that fails, `missing` gives the reason."""
        self.save()
        try:
            self.set_project(Project.open(folder))
        except TechnoganError as error:
            self.project, self.missing = None, (folder, str(error))
            self.changed.emit()

    def create(self, home: Path, name: str) -> None:
        """Create a project in a new folder below `home`, or open the project of that name. Raises OutputError."""
        folder = home / unique_name(safe_name(name, fallback="dataset"), lambda each: _holds_other_files(home / each))
        if (folder / PROJECT).exists():
            self.open(folder)
            return
        project = Project(folder)
        project.save()
        self.set_project(project)

    def save(self) -> None:
        """Save the project now."""
        self._save_later.stop()
        if self.project is not None and self.project.folder.is_dir():
            try:
                self.project.save()
            except OutputError as error:
                self.failed.emit(str(error))

    # --- files of commands

    def run_folder(self, command: str) -> Path:
        """Return the run folder of a command."""
        return self.current.path("work", command)

    def write_track_list(self, command: str, paths: Sequence[str]) -> str:
        """Write a playlist for a command and return its path. Raises OutputError."""
        path = self.run_folder(command) / "tracks.m3u8"
        write_lines(path, paths)
        return str(path)

    def write_grids(self, command: str, grids: Sequence[Any]) -> str:
        """Write beat grids for a command and return the path of the file. Raises OutputError."""
        path = self.run_folder(command) / "grids.json"
        write_json(path, grids)
        return str(path)

    def save_cache_key(self, command: str, key: Any) -> None:
        """Save the cache key of a command that starts now: the project may change while it runs. Raises OutputError."""
        write_json(self.run_folder(command) / _KEY, key)

    def read_cache_key(self, command: str) -> Any:
        """Return the cache key that was saved when the command started; None if there is none."""
        return _read_json(self.run_folder(command) / _KEY)

    def save_curve(self, track: Track, curve: Any) -> None:
        """Save the drift of a track, too large for project.json, in a file of its own. Raises OutputError."""
        write_json(self.current.path("curves", f"{track.name}.json"), curve)

    def read_curve(self, track: Track) -> DriftCurve | None:
        """Return the drift of a track, if it is known."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, SpecError):
            values = read_json(self.current.path("curves", f"{track.name}.json"))
            return DriftCurve.from_lists(values["times_s"], values["late_ms"], values["sure"])
        return None

    # --- changes that several pages make

    def change_track(self, path: str, **changes: Any) -> None:
        """Change the fields of a track."""
        self.set_project(self.current.with_track(path, **changes))

    def set_options(self, **changes: Any) -> None:
        """Change options."""
        self.set_project(self.current.with_options(**changes))

    def set_rejected(self, paths: Sequence[str], rejected: bool) -> None:
        """Reject slices, or restore them."""
        before = self.current.rejected
        self.set_project(replace(self.current, rejected=before | set(paths) if rejected else before - set(paths)))


def read_result(folder: Path) -> Any:
    """Return the result in the run folder of a finished command; None if there is none."""
    return _read_json(folder / RESULT)


def music_folder() -> Path:
    """Return the default folder of new datasets."""
    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation) or str(Path.home())
    return Path(music) / "TechnoGAN" / "datasets"


def _holds_other_files(folder: Path) -> bool:
    return folder.exists() and not (folder / PROJECT).exists() and any(folder.iterdir())


def _read_json(path: Path) -> Any:
    """Return a value of any type, which callers check; None if it cannot be read."""
    with contextlib.suppress(OSError, SpecError):
        return parse_json_value(read_file(path))
    return None
