"""A thread for one worker."""

from PySide6.QtCore import QObject, QThread

# How long `close` waits for the running slot.
CLOSE_S = 1.0
# Threads that did not end in time. Qt aborts the process if a running thread is destroyed.
_left_running: "list[WorkerThread]" = []


class WorkerThread(QThread):
    """Runs an event loop for one worker, from its construction until `close`. The GUI thread owns it."""

    def __init__(self, worker: QObject, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._worker = worker
        worker.moveToThread(self)
        self.start()

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Wait for the running slot and end the thread; return whether it ended in time.

        A thread that did not ends with the process; see `is_any_left_running`.
        """
        self.quit()
        ended = self.wait(max(round(1000 * timeout_s), 0))
        if not ended:
            _left_running.append(self)
        return ended


def is_any_left_running() -> bool:
    """Return whether a closed thread still runs. Then the process must end without destroying Qt's objects."""
    return any(thread.isRunning() for thread in _left_running)
