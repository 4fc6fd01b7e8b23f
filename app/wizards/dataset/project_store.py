"""What all pages of the dataset wizard work on: one project, changed as a whole, kept on the disk."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal

from app.wizards.common.host import Desk
from app.wizards.dataset.drift_view import Curve
from app.wizards.dataset.project import PROJECT, Project, Track, safe_name, write_json, write_list
from technogan.errors import OutputError, TechnoganError

RESULT = "result.json"
_KEY = "key.json"

_SAVE_MS = 400


class Bench(QObject):
    """changed: the project has, or there is another one. troubled: something could not be kept."""

    changed = Signal()
    troubled = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.project: Project | None = None
        # The folder of a project that could not be opened, and why.
        self.lost: tuple[Path, str] | None = None
        self._save_later = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._save_later.timeout.connect(self.save)

    @property
    def now(self) -> Project:
        """The project, where there is one for certain."""
        assert self.project is not None
        return self.project

    def put(self, project: Project | None) -> None:
        """Another state of the project, or another project."""
        self.project, self.lost = project, None
        if project is not None:
            self._save_later.start()
        self.changed.emit()

    def open(self, folder: Path) -> None:
        """Take up a project; where that cannot be, `lost` says why."""
        self.save()
        try:
            self.put(Project.open(folder))
        except TechnoganError as error:
            self.project, self.lost = None, (folder, str(error))
            self.changed.emit()

    def begin(self, home: Path, name: str) -> None:
        """Begin a project in a folder of its own below `home`, or take up the one that is there. Raises OutputError."""
        folder, number = home / safe_name(name), 1
        while folder.exists() and not (folder / PROJECT).exists() and any(folder.iterdir()):
            number += 1
            folder = home / f"{safe_name(name)}-{number}"
        if (folder / PROJECT).exists():
            self.open(folder)
            return
        project = Project(folder)
        project.save()
        self.put(project)

    def save(self) -> None:
        """Keep it, now."""
        self._save_later.stop()
        if self.project is not None and self.project.folder.is_dir():
            try:
                self.project.save()
            except OutputError as error:
                self.troubled.emit(str(error))

    # --- folders and files of commands

    def run_folder(self, command: str) -> Path:
        """Where a command tells what it does."""
        return self.now.place("work", command)

    def listed(self, command: str, paths: Sequence[str]) -> str:
        """A playlist of tracks for a command. Raises OutputError."""
        path = self.run_folder(command) / "tracks.m3u8"
        write_list(path, paths)
        return str(path)

    def grids(self, command: str, grids: Sequence[Any]) -> str:
        """Grids of tracks for a command. Raises OutputError."""
        path = self.run_folder(command) / "grids.json"
        write_json(path, grids)
        return str(path)

    def promise(self, command: str, key: Any) -> None:
        """Keep what the result of a command that begins now depends on; it may change meanwhile. Raises OutputError."""
        write_json(self.run_folder(command) / _KEY, key)

    def promised(self, command: str) -> Any:
        """What was kept when the command began; None where it was not."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.run_folder(command) / _KEY).read_bytes())
        return None

    def keep_curve(self, track: Track, curve: Any) -> None:
        """The drift of a track, in a file of its own: all of them are too much for one. Raises OutputError."""
        write_json(self.now.place("curves", f"{track.name}.json"), curve)

    def curve(self, track: Track) -> Curve | None:
        """The drift of a track, where it is known."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            facts = json.loads(self.now.place("curves", f"{track.name}.json").read_bytes())
            return Curve.of(facts["times_s"], facts["late_ms"], facts["sure"])
        return None

    # --- changes that several pages make

    def track(self, path: str, **facts: Any) -> None:
        """Other facts of a track."""
        self.put(self.now.changed(path, **facts))

    def choose(self, **choices: Any) -> None:
        """Other choices."""
        self.put(self.now.chosen(**choices))

    def reject(self, paths: Sequence[str], rejected: bool) -> None:
        """Leave slices out, or take them back."""
        before = self.now.rejected
        self.put(replace(self.now, rejected=before | set(paths) if rejected else before - set(paths)))


def read_result(folder: Path) -> Any:
    """What a command said at its end in its run folder; None where it did not."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / RESULT).read_bytes())
    return None


def music_folder() -> Path:
    """Where datasets are made if nothing else is said."""
    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation) or str(Path.home())
    return Path(music) / "TechnoGAN" / "datasets"
