"""Renders the loop of the current seed, one at a time. At most one request waits; a newer one replaces it."""

import logging
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.rendering.remote_engine import OpenEngine, WindowEngine
from app.workers.thread import WorkerThread
from technogan.errors import Cancelled, TechnoganError
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _QueuedSeed:
    """A loop to render. rate: sample rate of the device, Hz."""

    seed: Seed
    bpm: float
    rate: int


class _Worker(QObject):
    """The owner of the engine, in the thread technogan-render."""

    opened = Signal(str, object)  # the requested name, ModelSpec
    rendered = Signal(object)  # PreparedLoop
    failed = Signal(object)  # Exception
    finished = Signal()

    def __init__(self, open_engine: OpenEngine) -> None:
        super().__init__()
        self._open_engine = open_engine
        self._engine: WindowEngine | None = None
        self._previous: Loop | None = None

    @Slot(str)
    def open(self, model: str) -> None:
        """Open a model; if that fails, keep the current one."""
        try:
            engine = self._open_engine(model)
        except Exception as error:
            self._report(error)
        else:
            self._engine, self._previous = engine, None
            self.opened.emit(model, engine.spec)
        self.finished.emit()

    @Slot(object)
    def render(self, request: _QueuedSeed) -> None:
        """Render a loop that continues the phases of the previous one."""
        try:
            if self._engine is not None and len(request.seed) == self._engine.spec.latent_size:
                prepared = self._engine.render_prepared(
                    request.seed, bpm=request.bpm, rate=request.rate, previous=self._previous
                )
                self._previous = prepared.source
                self.rendered.emit(prepared)
        except Exception as error:
            self._report(error)
        self.finished.emit()

    def _report(self, error: Exception) -> None:
        if not isinstance(error, TechnoganError):
            _LOG.exception("rendering failed", exc_info=error)
        if not isinstance(error, Cancelled):
            self.failed.emit(error)


class RenderQueue(QObject):
    """The queue in the GUI thread. The render thread calls `open_engine`, which raises TechnoganError."""

    opened = Signal(str, object)  # the requested name, ModelSpec of the model in use from now on
    rendered = Signal(object)  # PreparedLoop
    failed = Signal(object)  # Exception
    busy_changed = Signal(bool)

    _open = Signal(str)
    _render = Signal(object)

    def __init__(self, open_engine: OpenEngine) -> None:
        super().__init__()
        self._worker = _Worker(open_engine)
        self._busy = False
        self._waiting_model: str | None = None
        self._waiting: _QueuedSeed | None = None
        self._open.connect(self._worker.open)
        self._render.connect(self._worker.render)
        self._worker.opened.connect(self.opened)
        self._worker.rendered.connect(self.rendered)
        self._worker.failed.connect(self.failed)
        self._worker.finished.connect(self._start_next)
        self._thread = WorkerThread(self._worker, "technogan-render")

    @property
    def busy(self) -> bool:
        """True while a model is being opened or a loop rendered."""
        return self._busy

    def open(self, model: str) -> None:
        """Open another model as soon as the current loop is finished."""
        self._waiting_model = model
        self._start()

    def request(self, seed: Seed, bpm: float, rate: int) -> None:
        """Render this loop next; it replaces a waiting one."""
        self._waiting = _QueuedSeed(seed, bpm, rate)
        self._start()

    def close(self) -> bool:
        """Discard waiting requests, finish the current loop and end the thread. Returns whether it ended in time."""
        self._waiting = self._waiting_model = None
        return self._thread.close()

    def _start(self) -> None:
        if not self._busy:
            self._busy = True
            self.busy_changed.emit(True)
            self._start_next()

    @Slot()
    def _start_next(self) -> None:
        if self._waiting_model is not None:
            model, self._waiting_model = self._waiting_model, None
            self._open.emit(model)
        elif self._waiting is not None:
            request, self._waiting = self._waiting, None
            self._render.emit(request)
        elif self._busy:
            self._busy = False
            self.busy_changed.emit(False)
