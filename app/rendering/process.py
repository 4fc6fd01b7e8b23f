"""Loops made in a process of their own: nothing that paints or plays shares the interpreter with network and phases.

One request is answered at a time. A crash of the network's runtime ends that process only; the next request begins
another. It ends by itself when this one does, however that comes about. No Qt here: the child imports this module.
"""

from __future__ import annotations

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
from app.processes.shared_arrays import Parcel, freed, opened, packed, shared, unpacked
from technogan.engine import Engine
from technogan.errors import RendererLost, TechnoganError
from technogan.network.bundle import ModelBundle
from technogan.progress import Progress, Stop
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_POLL_S = 0.05
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """Seeds to be rendered as one loop by a model; without seeds the model is only opened.

    rate: Hz of the device it is prepared for, at its tempo; None where it is not to be played at once. goes_on: take up
    the phases of the loop made last, which then need not travel. reports: tell of progress.
    """

    bundle: ModelBundle
    seeds: tuple[Seed, ...] = ()
    bpm: float | None = None
    rate: int | None = None
    previous: Loop | None = None
    goes_on: bool = False
    reports: bool = False


# Prepared where a rate was given; None where there were no seeds.
Answer: TypeAlias = Loop | PreparedLoop | None


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class RenderProcess:
    """The parent's end. Safe to call from several threads: one waits for the other."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._child: tuple[BaseProcess, Connection] | None = None
        self._memory: SharedMemory | None = None

    def start(self) -> None:
        """Begin the process, unless it runs; returns at once."""
        with self._asking:
            self._running()

    def ask(self, request: Request, progress: Progress | None = None, stop: Stop | None = None) -> Answer:
        """What came of a request.

        progress: called with 0..1. stop: polled. Raises what the engine raises, and RendererLost where the process
        ended.
        """
        answer: Answer | _Failed
        with self._asking:
            process, connection = self._running()
            try:
                connection.send(request)
                answer = unpacked(_answer(connection, progress, stop), self._memory)
            except (EOFError, OSError) as error:
                self._give_up()
                raise RendererLost(process.exitcode) from error
        if isinstance(answer, _Failed):
            raise answer.error
        return answer

    def close(self) -> None:
        """End the process; what it was making is lost."""
        child = self._child
        if child is not None:
            child[0].terminate()
        # Whoever waits for an answer hears first that there will be none, and closes the pipe it waits at.
        with self._asking:
            self._give_up()

    def _give_up(self) -> None:
        child, self._child = self._child, None
        memory, self._memory = self._memory, None
        if child is not None:
            process, connection = child
            connection.close()
            process.join(_PATIENCE_S)
        freed(memory)

    def _running(self) -> tuple[BaseProcess, Connection]:
        if self._child is None:
            # Spawned, as on every system: forking a process that has threads of its own can hang.
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._memory = shared()
            name = None if self._memory is None else self._memory.name
            process = context.Process(target=_serve, args=(theirs, name), name="technogan-render", daemon=True)
            process.start()
            theirs.close()
            self._child = (process, ours)
        return self._child


def _answer(connection: Connection, progress: Progress | None, stop: Stop | None) -> Parcel:
    stopped = False
    while True:
        while stop is not None and not stopped and not connection.poll(_POLL_S):
            if stop():
                connection.send(None)
                stopped = True
        answer: Parcel | float = connection.recv()
        if isinstance(answer, Parcel):
            return answer
        if progress is not None:
            progress(answer)


# --- in the child


def _serve(connection: Connection, memory_name: str | None) -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory = opened(memory_name)
    renderer = _Renderer(connection)
    with contextlib.suppress(EOFError, OSError):  # the parent has gone
        while True:
            request = connection.recv()
            if request is not None:  # a wish to stop that came too late
                connection.send(packed(renderer.answer(request), memory))


class _Renderer:
    """Keeps the model that was asked for last, and the loop made last with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bundle: ModelBundle | None = None
        self._engine: Engine | None = None
        self._last: Loop | None = None

    def answer(self, request: Request) -> Answer | _Failed:
        try:
            engine = self._opened(request.bundle)
            if not request.seeds:
                return None
            loop = self._rendered(engine, request)
            return loop if request.rate is None else prepare(loop, bpm=loop.bpm, sample_rate=request.rate)
        except TechnoganError as error:
            return _Failed(error)
        except Exception:
            return _Failed(RuntimeError(traceback.format_exc()))

    def _opened(self, bundle: ModelBundle) -> Engine:
        if self._engine is None or bundle != self._bundle:
            self._engine = Engine(bundle)
            self._bundle, self._last = bundle, None
        return self._engine

    def _rendered(self, engine: Engine, request: Request) -> Loop:
        progress = self._connection.send if request.reports else None
        # Whatever comes from the parent while it waits is its wish to stop.
        stop = self._connection.poll
        if len(request.seeds) > 1:
            return engine.render_sequence(request.seeds, bpm=request.bpm, progress=progress, stop=stop)
        previous = self._last if request.goes_on else request.previous
        self._last = engine.render(request.seeds[0], bpm=request.bpm, previous=previous, progress=progress, stop=stop)
        return self._last
