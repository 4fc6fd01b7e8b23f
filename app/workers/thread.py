"""A thread for a worker: starts with it, ends when it is closed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread

_PATIENCE_MS = 10_000


class WorkerThread(QThread):
    """Runs an event loop for one worker. `close` waits until what runs in it has ended."""

    def __init__(self, worker: QObject, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        worker.moveToThread(self)
        self.start()

    def close(self) -> bool:
        """End the thread; returns whether that worked in time."""
        self.quit()
        return self.wait(_PATIENCE_MS)
