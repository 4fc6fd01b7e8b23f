"""An engine that works in another process, with the methods of one that works in this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from app.audio.preparation import PreparedLoop
from app.rendering.process import RenderProcess, Request
from technogan.network.bundle import ModelBundle
from technogan.network.spec import ModelSpec
from technogan.progress import Progress, Stop
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop


class RemoteEngine:
    """As `technogan.engine.Engine`; what its methods raise, and RendererLost where the process ended.

    Engines may share a process: each request names its model. Raises TechnoganError where the model does not open.
    """

    def __init__(self, bundle: ModelBundle, process: RenderProcess) -> None:
        self._bundle, self._process = bundle, process
        self._last: Loop | None = None
        process.ask(Request(bundle))

    @property
    def spec(self) -> ModelSpec:
        """The model's facts."""
        return self._bundle.spec

    def render(
        self,
        seed: Seed,
        *,
        bpm: float | None = None,
        previous: Loop | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Loop:
        """See `Engine.render`."""
        request = Request(self._bundle, (seed,), bpm, previous=previous, reports=progress is not None)
        return self._loop(request, progress, stop)

    def render_prepared(self, seed: Seed, *, bpm: float, rate: int, previous: Loop | None = None) -> PreparedLoop:
        """The loop of one seed, ready for a device of this rate in Hz at this tempo.

        previous: as for `Engine.render`; the `source` of the loop prepared last need not travel.
        """
        goes_on = previous is not None and previous is self._last
        request = Request(self._bundle, (seed,), bpm, rate, None if goes_on else previous, goes_on)
        prepared = self._process.ask(request)
        assert isinstance(prepared, PreparedLoop)
        self._last = prepared.source
        return prepared

    def render_sequence(
        self,
        seeds: Sequence[Seed],
        *,
        bpm: float | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Loop:
        """See `Engine.render_sequence`."""
        return self._loop(Request(self._bundle, tuple(seeds), bpm, reports=progress is not None), progress, stop)

    def _loop(self, request: Request, progress: Progress | None = None, stop: Stop | None = None) -> Loop:
        loop = self._process.ask(request, progress, stop)
        assert isinstance(loop, Loop)
        return loop


OpenEngine: TypeAlias = Callable[[str], RemoteEngine]
