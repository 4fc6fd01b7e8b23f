"""Renders loops in a process of its own, so that painting and playing never wait for its interpreter.

It answers one request at a time. A crash of ONNX Runtime ends only that process; the next request starts another. The
process always ends with its parent. It imports this module, which therefore does not import Qt.
"""

import concurrent.futures
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from app.audio.preparation import PreparedLoop, prepare
from app.processes.child_process import ChildLost, ChildProcess, ChildProgram
from app.processes.child_server import ChildServer, Handler
from technogan.engine import Engine
from technogan.errors import RendererLost
from technogan.network.bundle import ModelBundle
from technogan.progress import Progress, Stop
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_POLL_S = 0.05
# Even a long loop of a large model, on a slow computer, takes less.
_DEADLINE_S = 15.0
_REST_S = 60.0


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
    """

    bundle: ModelBundle
    seeds: tuple[Seed, ...] = ()
    bpm: float | None = None
    rate: int | None = None
    previous: Loop | None = None
    continues_last: bool = False


# A PreparedLoop if the request had a rate; None if it had no seeds.
Answer: TypeAlias = Loop | PreparedLoop | None


class RenderProcess:
    """The parent's end of the process. Any thread may call it; requests of several threads wait for one another.

    The process starts with the first request, and ends after a minute without one.
    """

    def __init__(self) -> None:
        self.child = ChildProcess(
            ChildProgram("render", open_renderer, deadline_s=_DEADLINE_S, rest_s=_REST_S),
        )

    def request(self, request: RenderRequest, progress: Progress | None = None, stop: Stop | None = None) -> Answer:
        """Return the answer to a request.

        Args:
            request: what to render.
            progress: called with 0..1, in another thread.
            stop: polled; the request is cancelled once it returns True.

        Raises:
            RendererLost: the process ended, or was ended because the request took too long.
            TechnoganError: as raised by the engine.
        """
        call = self.child.call(request, progress=progress)
        while stop is not None and not concurrent.futures.wait([call.future], _POLL_S).done:
            if stop():
                self.child.cancel(call)
                break
        try:
            answer: Answer = call.future.result()
        except ChildLost as lost:
            raise RendererLost(lost.exit_code, hung=lost.hung) from lost
        return answer

    def warm_up(self) -> None:
        """Start the process ahead of the first request. Returns at once."""
        self.child.call(None)

    def interrupt(self) -> None:
        """End the process, and with it the request that it works on; the next request starts another."""
        self.child.kill()

    def close(self) -> None:
        """End the process for good; discard what it was rendering."""
        self.child.close()


# --- in the child


@contextlib.contextmanager
def open_renderer(server: ChildServer) -> Iterator[Handler]:
    """Keep an engine that answers requests."""
    yield Handler(_Renderer(server).answer)


class _Renderer:
    """Keeps the engine of the last model, and the loop that it rendered last."""

    def __init__(self, server: ChildServer) -> None:
        self._server = server
        self._bundle: ModelBundle | None = None
        self._engine: Engine | None = None
        self._last: Loop | None = None

    def answer(self, request: RenderRequest | None) -> Answer:
        """Render what was requested; for None, do nothing. Raises TechnoganError."""
        if request is None:
            return None
        engine = self._open(request.bundle)
        if not request.seeds:
            return None
        loop = self._render(engine, request)
        return loop if request.rate is None else prepare(loop, bpm=loop.bpm, sample_rate=request.rate)

    def _open(self, bundle: ModelBundle) -> Engine:
        if self._engine is None or bundle != self._bundle:
            self._engine = Engine(bundle)
            self._bundle, self._last = bundle, None
        return self._engine

    def _render(self, engine: Engine, request: RenderRequest) -> Loop:
        progress, stop = self._server.report_progress, self._server.is_cancelled
        if len(request.seeds) > 1:
            return engine.render_sequence(request.seeds, bpm=request.bpm, progress=progress, stop=stop)
        previous = self._last if request.continues_last else request.previous
        self._last = engine.render(request.seeds[0], bpm=request.bpm, previous=previous, progress=progress, stop=stop)
        return self._last
