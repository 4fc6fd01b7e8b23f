"""Renders loops in a process of its own, so that painting and playing never wait for its interpreter.

It answers one request at a time. A crash of ONNX Runtime ends only that process; the next request starts another. The
process always ends with its parent. It imports this module, which therefore does not import Qt.
"""

import contextlib
import multiprocessing
import signal
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from typing import TypeAlias

from app.audio.preparation import PreparedLoop, prepare
from app.processes.crash_log import log_crashes
from app.processes.shared_arrays import PackedMessage, create_memory, free_memory, open_memory, pack, unpack
from technogan.engine import Engine
from technogan.errors import RendererLost, TechnoganError
from technogan.network.bundle import ModelBundle
from technogan.progress import Progress, Stop
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_POLL_S = 0.05
_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Seeds to render as one loop.

    Attributes:
        bundle: the model.
        seeds: one seed, or those of a sequence; without seeds the model is only opened.
        bpm: the tempo; None is the model's own.
        rate: Hz of the device to prepare the loop for; None if it is not played at once.
        previous: continue the phases of this loop.
        continues_last: continue the phases of the loop that was rendered last, which need not be sent back.
        reports_progress: send the progress.
    """

    bundle: ModelBundle
    seeds: tuple[Seed, ...] = ()
    bpm: float | None = None
    rate: int | None = None
    previous: Loop | None = None
    continues_last: bool = False
    reports_progress: bool = False


# A PreparedLoop if the request had a rate; None if it had no seeds.
Answer: TypeAlias = Loop | PreparedLoop | None


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class RenderProcess:
    """The parent's end of the process. Any thread may call it; requests of several threads wait for one another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: tuple[BaseProcess, Connection] | None = None
        self._memory: SharedMemory | None = None

    def start(self) -> None:
        """Start the process unless it runs. Return at once."""
        with self._lock:
            self._ensure_running()

    def request(self, request: RenderRequest, progress: Progress | None = None, stop: Stop | None = None) -> Answer:
        """Return the answer to a request.

        Args:
            request: what to render.
            progress: called with 0..1.
            stop: polled; the request is cancelled once it returns True.

        Raises:
            RendererLost: the process ended.
            TechnoganError: as raised by the engine.
        """
        answer: Answer | _Failed
        with self._lock:
            process, connection = self._ensure_running()
            try:
                connection.send(request)
                answer = unpack(_receive_answer(connection, progress, stop), self._memory)
            except (EOFError, OSError) as error:
                self._discard()
                raise RendererLost(process.exitcode) from error
        if isinstance(answer, _Failed):
            raise answer.error
        return answer

    def close(self) -> None:
        """End the process; discard what it was rendering."""
        child = self._child
        if child is not None:
            child[0].terminate()
        # A thread that waits for an answer gets RendererLost first, and releases the lock.
        with self._lock:
            self._discard()

    def _discard(self) -> None:
        child, self._child = self._child, None
        memory, self._memory = self._memory, None
        if child is not None:
            process, connection = child
            connection.close()
            process.join(_TIMEOUT_S)
        free_memory(memory)

    def _ensure_running(self) -> tuple[BaseProcess, Connection]:
        if self._child is None:
            # Spawned on every system: forking a process that has threads can hang.
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._memory = create_memory()
            name = None if self._memory is None else self._memory.name
            process = context.Process(target=_serve, args=(theirs, name), name="technogan-render", daemon=True)
            process.start()
            theirs.close()
            self._child = (process, ours)
        return self._child


def _receive_answer(connection: Connection, progress: Progress | None, stop: Stop | None) -> PackedMessage:
    stopped = False
    while True:
        while stop is not None and not stopped and not connection.poll(_POLL_S):
            if stop():
                connection.send(None)
                stopped = True
        answer: PackedMessage | float = connection.recv()
        if isinstance(answer, PackedMessage):
            return answer
        if progress is not None:
            progress(answer)


# --- in the child


def _serve(connection: Connection, memory_name: str | None) -> None:
    # Ctrl-C reaches the whole process group; only the parent decides what happens.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_crashes()
    memory = open_memory(memory_name)
    renderer = _Renderer(connection)
    with contextlib.suppress(EOFError, OSError):  # the parent has ended
        while True:
            request = connection.recv()
            if request is not None:  # a request to stop that came too late
                connection.send(pack(renderer.answer(request), memory))


class _Renderer:
    """Keeps the engine of the last model, and the loop that it rendered last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bundle: ModelBundle | None = None
        self._engine: Engine | None = None
        self._last: Loop | None = None

    def answer(self, request: RenderRequest) -> Answer | _Failed:
        try:
            engine = self._open(request.bundle)
            if not request.seeds:
                return None
            loop = self._render(engine, request)
            return loop if request.rate is None else prepare(loop, bpm=loop.bpm, sample_rate=request.rate)
        except TechnoganError as error:
            return _Failed(error)
        except Exception:
            return _Failed(RuntimeError(traceback.format_exc()))

    def _open(self, bundle: ModelBundle) -> Engine:
        if self._engine is None or bundle != self._bundle:
            self._engine = Engine(bundle)
            self._bundle, self._last = bundle, None
        return self._engine

    def _render(self, engine: Engine, request: RenderRequest) -> Loop:
        progress = self._report if request.reports_progress else None
        # Anything that the parent sends while it waits is its request to stop.
        stop = self._connection.poll
        if len(request.seeds) > 1:
            return engine.render_sequence(request.seeds, bpm=request.bpm, progress=progress, stop=stop)
        previous = self._last if request.continues_last else request.previous
        self._last = engine.render(request.seeds[0], bpm=request.bpm, previous=previous, progress=progress, stop=stop)
        return self._last

    def _report(self, done: float, total: float = 1.0, /) -> None:
        self._connection.send(done / total)
