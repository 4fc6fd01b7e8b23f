"""A thread for one worker."""

from PySide6.QtCore import QObject, QThread

_TIMEOUT_MS = 10_000


class WorkerThread(QThread):
    """Runs an event loop for one worker, from its construction until `close`. The GUI thread owns it."""

    def __init__(self, worker: QObject, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        worker.moveToThread(self)
        self.start()

    def close(self) -> bool:
        """Wait for the running slot and end the thread; return whether that worked in time."""
        self.quit()
        return self.wait(_TIMEOUT_MS)
