"""A queue of longer tasks in a thread of its own: sequences, files, sessions."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.workers.thread import CLOSE_S, WorkerThread
from technogan.errors import Cancelled, TechnoganError
from technogan.progress import Progress, Stop

_LOG = logging.getLogger(__name__)

Work = Callable[[Progress, Stop], Any]
Done = Callable[[Any], None]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One task.

    Attributes:
        what: its name in messages.
        work: called in the queue's thread, to report progress to and to ask whether to stop.
        done: called in the GUI thread with the result.
        ended: called in the GUI thread exactly once: after `done`, or when the task has failed or was cancelled.
    """

    what: str
    work: Work
    done: Done
    ended: Callable[[], object]
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the task to stop."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """True once it was asked to stop."""
        return self._stop.is_set()


class _Worker(QObject):
    finished = Signal(object, object)  # Task, result
    failed = Signal(object, object)  # Task, Exception
    progressed = Signal(object, float)  # Task, 0..1

    @Slot(object)
    def run(self, task: Task) -> None:
        """Run a task; emit exactly one of `finished`, `failed`."""

        def report(done: float, total: float = 1.0, /) -> None:
            self.progressed.emit(task, done / total)

        try:
            if task.is_cancelled:
                raise Cancelled
            result = task.work(report, lambda: task.is_cancelled)
        except Exception as error:
            if not isinstance(error, TechnoganError):
                _LOG.exception("%s failed", task.what)
            self.failed.emit(task, error)
        else:
            self.finished.emit(task, result)


class TaskQueue(QObject):
    """Runs tasks one after another. Lives in the GUI thread."""

    started = Signal(str)
    progressed = Signal(float)
    idle = Signal()
    failed = Signal(str, object)  # the task's name, Exception; not for Cancelled

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
        """True while a task runs."""
        return self._running is not None

    def submit(self, what: str, work: Work, done: Done, *, ended: Callable[[], object] = lambda: None) -> Task:
        """Queue a task. `done` is called in the GUI thread, unless the task fails or is cancelled; then comes `ended`.

        `ended` comes in any case, also if the task never ran.
        """
        task = Task(what, work, done, ended)
        self._waiting.append(task)
        if self._running is None:
            self._start_next()
        return task

    def cancel(self) -> None:
        """Stop the running task and discard those that wait."""
        waiting = list(self._waiting)
        self._waiting.clear()
        if self._running is not None:
            self._running.cancel()
        for task in waiting:
            task.ended()

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Cancel all tasks and end the thread; return whether it ended in time."""
        self.cancel()
        return self._thread.close(timeout_s)

    def _start_next(self) -> None:
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
        try:
            if not task.is_cancelled:
                task.done(result)
        except TechnoganError as error:
            self.failed.emit(task.what, error)
        finally:
            self._end(task)

    @Slot(object, object)
    def _failed(self, task: Task, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(task.what, error)
        self._end(task)

    def _end(self, task: Task) -> None:
        task.ended()
        self._start_next()
