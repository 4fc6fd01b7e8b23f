"""Autosave: writes the session in the background, soon after every change."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.notifications import Notifications
from app.session.recovery import Recovery
from app.session.session import Session
from app.session.session_file import write_folder
from app.session.state import SessionState
from app.workers.tasks import TaskQueue
from technogan.errors import TechnoganError

_DELAY_MS = 1000
_SETTLED_MS = 15_000


class Autosave(QObject):
    """Saves the session in the background. A change is on disk little more than a second later."""

    def __init__(self, session: Session, recovery: Recovery, tasks: TaskQueue, notifications: Notifications) -> None:
        super().__init__()
        self._session, self._recovery, self._tasks = session, recovery, tasks
        self._notifications = notifications
        self._written: SessionState | None = None
        self._failing = False
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._save)
        session.changed.connect(self._schedule)
        self._schedule()
        tasks.failed.connect(self._fail)
        QTimer.singleShot(_SETTLED_MS, self, self.settle)

    def close(self) -> None:
        """Save the latest changes. Close the task queue first."""
        self._timer.stop()
        state = self._session.state
        if state is not self._written:
            try:
                write_folder(state, self._recovery.autosave)
            except TechnoganError as error:
                self._fail("autosave", error)
        self._recovery.end()

    def settle(self) -> None:
        """Record that the session has run for a while, and keep it to fall back to."""
        state, recovery = self._session.state, self._recovery

        def work(_progress: object, _stop: object) -> None:
            recovery.settle()
            if any(slot.clip for slot in state.slots):
                recovery.earlier.keep(state)

        self._tasks.submit("keeping the session", work, lambda _: None)

    def _schedule(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _save(self) -> None:
        if self._tasks.busy:
            self._timer.start()
            return
        state, folder = self._session.state, self._recovery.autosave
        self._tasks.submit("autosave", lambda _progress, _stop: _write(state, folder), self._finish)

    def _finish(self, state: SessionState) -> None:
        self._written, self._failing = state, False

    def _fail(self, _what: str, error: Exception) -> None:
        # Reported once, not every second while the disk is full.
        if not self._failing:
            self._failing = True
            self._notifications.error(error, "Autosave failed")


def _write(state: SessionState, folder: Path) -> SessionState:
    write_folder(state, folder)
    return state
