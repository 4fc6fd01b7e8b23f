"""Saves the session by itself, soon after every change, in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.notifications import Notices
from app.session.recovery import Recovery
from app.session.session import Session
from app.session.session_file import write_folder
from app.session.state import State
from app.workers.tasks import Background
from technogan.errors import TechnoganError

_DELAY_MS = 1000
_SETTLED_MS = 15_000


class Keeper(QObject):
    """In the GUI thread. A change is on the disk after a second and a bit, also while more changes come."""

    def __init__(self, session: Session, recovery: Recovery, background: Background, notices: Notices) -> None:
        super().__init__()
        self._session, self._recovery, self._background, self._notices = session, recovery, background, notices
        self._written: State | None = None
        self._failing = False
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._save)
        session.changed.connect(self._changed)
        self._changed()
        background.failed.connect(self._failed)
        QTimer.singleShot(_SETTLED_MS, self, recovery.settled)

    def close(self) -> None:
        """Save what is not saved yet; the background is closed by then."""
        self._timer.stop()
        state = self._session.state
        if state is not self._written:
            try:
                write_folder(state, self._recovery.autosave)
            except TechnoganError as error:
                self._failed("autosave", error)
        self._recovery.end()

    def _changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _save(self) -> None:
        if self._background.busy:
            self._timer.start()
            return
        state, folder = self._session.state, self._recovery.autosave
        self._background.submit("autosave", lambda _progress, _stop: _written(state, folder), self._saved)

    def _saved(self, state: State) -> None:
        self._written, self._failing = state, False

    def _failed(self, _what: str, error: Exception) -> None:
        # Told once, not every second while the disk is full.
        if not self._failing:
            self._failing = True
            self._notices.error(error, "The session cannot be kept safe")


def _written(state: State, folder: Path) -> State:
    write_folder(state, folder)
    return state
