"""Work that takes a while, one after another in a thread of its own: sequences, files, sessions."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.workers.thread import WorkerThread
from technogan.errors import Cancelled, TechnoganError
from technogan.progress import Progress, Stop

_LOG = logging.getLogger(__name__)

Work = Callable[[Progress, Stop], Any]
Done = Callable[[Any], None]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Something to do. work: called in the background, with where to say how far it is and whether to stop. done:
    called in the GUI thread with what came out.
    """

    what: str
    work: Work
    done: Done
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to."""
        return self._stop.is_set()


class _Worker(QObject):
    finished = Signal(object, object)  # Task, result
    failed = Signal(object, object)  # Task, Exception
    progressed = Signal(object, float)

    @Slot(object)
    def run(self, task: Task) -> None:
        """Do it; whatever happens is told by exactly one signal."""
        try:
            if task.cancelled:
                raise Cancelled
            result = task.work(lambda done: self.progressed.emit(task, float(done)), lambda: task.cancelled)
        except Exception as error:
            if not isinstance(error, TechnoganError):
                _LOG.exception("%s failed", task.what)
            self.failed.emit(task, error)
        else:
            self.finished.emit(task, result)


class Background(QObject):
    """A queue of tasks, in the GUI thread."""

    started = Signal(str)
    progressed = Signal(float)
    idle = Signal()
    failed = Signal(str, object)  # what, Exception; not for Cancelled

    _run = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._waiting: deque[Task] = deque()
        self._running: Task | None = None
        self._worker = _Worker()
        self._run.connect(self._worker.run)
        self._worker.progressed.connect(self._progressed)
        self._worker.finished.connect(self._finished)
        self._worker.failed.connect(self._failed)
        self._thread = WorkerThread(self._worker, f"technogan-{name}")

    @property
    def busy(self) -> bool:
        """Whether anything runs."""
        return self._running is not None

    def submit(self, what: str, work: Work, done: Done) -> Task:
        """Queue something. done: called in the GUI thread, unless it fails or is cancelled."""
        task = Task(what, work, done)
        self._waiting.append(task)
        if self._running is None:
            self._next()
        return task

    def cancel(self) -> None:
        """Stop what runs and forget what waits."""
        self._waiting.clear()
        if self._running is not None:
            self._running.cancel()

    def close(self) -> bool:
        """As `cancel`, and end the thread."""
        self.cancel()
        return self._thread.close()

    def _next(self) -> None:
        self._running = self._waiting.popleft() if self._waiting else None
        if self._running is None:
            self.idle.emit()
            return
        self.started.emit(self._running.what)
        self._run.emit(self._running)

    @Slot(object, float)
    def _progressed(self, task: Task, done: float) -> None:
        if task is self._running:
            self.progressed.emit(done)

    @Slot(object, object)
    def _finished(self, task: Task, result: Any) -> None:
        if not task.cancelled:
            task.done(result)
        self._next()

    @Slot(object, object)
    def _failed(self, task: Task, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(task.what, error)
        self._next()
