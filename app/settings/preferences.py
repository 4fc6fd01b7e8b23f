"""The settings in use: changed through here, written soon after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.notifications import Notices
from app.settings.settings import Settings, read_settings, write_settings
from technogan.errors import TechnoganError

_DELAY_MS = 1000


class Preferences(QObject):
    """In the GUI thread. path: of the file; None keeps nothing, as `--safe` asks."""

    changed = Signal(object)  # Settings

    def __init__(self, path: Path, notices: Notices, *, safe: bool = False) -> None:
        super().__init__()
        self._path, self._notices = path, notices
        self.now, self.problem = (Settings(), "") if safe else read_settings(path)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self.save)

    def set(self, **changes: Any) -> None:
        """Change some. Raises SettingError for a value that makes no sense."""
        now = replace(self.now, **changes)
        if now != self.now:
            self.now = now
            self._timer.start()
            self.changed.emit(now)

    def add_recent(self, path: Path) -> None:
        """This session file was used."""
        self.set(recent=self.now.with_recent(path).recent)

    def save(self) -> None:
        """Write them now."""
        self._timer.stop()
        try:
            write_settings(self.now, self._path)
        except TechnoganError as error:
            self._notices.error(error, "Settings are not kept")
