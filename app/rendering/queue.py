"""Renders the loop of the current seed, one at a time. At most one request waits; a newer one replaces it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.audio.preparation import PreparedLoop
from app.rendering.remote_engine import OpenEngine, WindowEngine
from app.workers.thread import CLOSE_S, WorkerThread
from technogan.errors import Cancelled, RendererLost, TechnoganError
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_LOG = logging.getLogger(__name__)
# A loop that takes longer than this does not delay the choice of another model.
_LONG_S = 1.0


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
        # Set by the GUI thread when it has ended the current call.
        self.interrupted = False

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
                prepared = self._render(self._engine, request)
                self._previous = prepared.source
                self.rendered.emit(prepared)
        except Exception as error:
            self._report(error)
        self.finished.emit()

    def _render(self, engine: WindowEngine, request: _QueuedSeed) -> PreparedLoop:
        for is_last in (False, True):
            try:
                return engine.render_prepared(request.seed, bpm=request.bpm, rate=request.rate, previous=self._previous)
            except RendererLost as error:
                # Something may have ended the renderer; a loop that crashes it does so again.
                if error.hung or is_last or self.interrupted:
                    raise
        raise AssertionError

    def _report(self, error: Exception) -> None:
        if not isinstance(error, TechnoganError):
            _LOG.exception("rendering failed", exc_info=error)
        if not isinstance(error, Cancelled):
            self.failed.emit(error)


class RenderQueue(QObject):
    """The queue in the GUI thread.

    Args:
        open_engine: called in the render thread; raises TechnoganError.
        interrupt: makes the engine's current call fail with RendererLost.
    """

    opened = Signal(str, object)  # the requested name, ModelSpec of the model in use from now on
    rendered = Signal(object)  # PreparedLoop
    failed = Signal(object)  # Exception
    busy_changed = Signal(bool)

    _open = Signal(str)
    _render = Signal(object)

    def __init__(self, open_engine: OpenEngine, *, interrupt: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._worker = _Worker(open_engine)
        self._interrupt = interrupt
        self._busy = False
        self._began = 0.0
        self._waiting_model: str | None = None
        self._waiting: _QueuedSeed | None = None
        self._open.connect(self._worker.open)
        self._render.connect(self._worker.render)
        self._worker.opened.connect(self.opened)
        self._worker.rendered.connect(self.rendered)
        self._worker.failed.connect(self._fail)
        self._worker.finished.connect(self._start_next)
        self._thread = WorkerThread(self._worker, "technogan-render")

    @property
    def busy(self) -> bool:
        """True while a model is being opened or a loop rendered."""
        return self._busy

    def open(self, model: str) -> None:
        """Open another model as soon as the current loop is finished; interrupt that if it takes long."""
        self._waiting_model = model
        if self._busy and time.monotonic() - self._began > _LONG_S:
            self._worker.interrupted = True
            self._interrupt()
        self._start()

    def request(self, seed: Seed, bpm: float, rate: int) -> None:
        """Render this loop next; it replaces a waiting one."""
        self._waiting = _QueuedSeed(seed, bpm, rate)
        self._start()

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Discard waiting requests, finish the current loop and end the thread; return whether it ended in time."""
        self._waiting = self._waiting_model = None
        return self._thread.close(timeout_s)

    def _start(self) -> None:
        if not self._busy:
            self._busy = True
            self.busy_changed.emit(True)
            self._start_next()

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        if not (self._worker.interrupted and isinstance(error, RendererLost)):
            self.failed.emit(error)

    @Slot()
    def _start_next(self) -> None:
        self._began, self._worker.interrupted = time.monotonic(), False
        if self._waiting_model is not None:
            model, self._waiting_model = self._waiting_model, None
            self._open.emit(model)
        elif self._waiting is not None:
            request, self._waiting = self._waiting, None
            self._render.emit(request)
        elif self._busy:
            self._busy = False
            self.busy_changed.emit(False)
