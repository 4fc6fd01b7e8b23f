"""The settings in use."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.notifications import Notifications
from app.settings.settings import Settings, read_settings, write_settings
from technogan.errors import TechnoganError

_DELAY_MS = 1000


class Preferences(QObject):
    """Changes settings and writes them a second later. Lives in the GUI thread.

    Attributes:
        now: the settings in use.
        problem: what was wrong with the file; "" for nothing.
    """

    changed = Signal(object)  # Settings

    def __init__(self, path: Path, notifications: Notifications, *, safe: bool = False) -> None:
        super().__init__()
        self._path, self._notifications = path, notifications
        self.now, self.problem = (Settings(), "") if safe else read_settings(path)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self.save)

    def set(self, **changes: Any) -> None:
        """Change some settings. Raises SettingError for a value out of range."""
        now = replace(self.now, **changes)
        if now != self.now:
            self.now = now
            self._timer.start()
            self.changed.emit(now)

    def add_recent(self, path: Path) -> None:
        """Put a session file first in the list of recent ones."""
        self.set(recent=self.now.with_recent(path).recent)

    def save(self) -> None:
        """Write the settings now."""
        self._timer.stop()
        try:
            write_settings(self.now, self._path)
        except TechnoganError as error:
            self._notifications.error(error, "Settings could not be saved")
