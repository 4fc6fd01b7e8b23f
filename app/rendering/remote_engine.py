"""The engine of the window, and an implementation of it in another process."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from app.audio.preparation import PreparedLoop
from app.rendering.process import RenderProcess, RenderRequest
from technogan.network.bundle import ModelBundle
from technogan.network.spec import ModelSpec
from technogan.osc.loop_writer import Renderer
from technogan.progress import Progress, Stop
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop


class WindowEngine(Renderer, Protocol):
    """The part of an engine that the window uses."""

    def render_prepared(self, seed: Seed, *, bpm: float, rate: int, previous: Loop | None = None) -> PreparedLoop:
        """Return the loop of one seed, prepared for the sound device; see `RemoteEngine`."""


class RemoteEngine:
    """Renders with one model in a RenderProcess, which several engines may share.

    Its methods raise what those of `Engine` raise, and RendererLost if the process has ended. The constructor raises
    TechnoganError if the model cannot be opened.
    """

    def __init__(self, bundle: ModelBundle, process: RenderProcess) -> None:
        self._bundle, self._process = bundle, process
        self._last: Loop | None = None
        process.request(RenderRequest(bundle))

    @property
    def spec(self) -> ModelSpec:
        """The model's specification."""
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
        request = RenderRequest(self._bundle, (seed,), bpm, previous=previous)
        return self._request_loop(request, progress, stop)

    def render_prepared(self, seed: Seed, *, bpm: float, rate: int, previous: Loop | None = None) -> PreparedLoop:
        """Return the loop of one seed, prepared for a device of this rate in Hz at this tempo.

        previous: as for `Engine.render`. The `source` of the latest prepared loop is not sent to the process again.
        """
        continues = previous is not None and previous is self._last
        request = RenderRequest(self._bundle, (seed,), bpm, rate, None if continues else previous, continues)
        prepared = self._process.request(request)
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
        request = RenderRequest(self._bundle, tuple(seeds), bpm)
        return self._request_loop(request, progress, stop)

    def _request_loop(self, request: RenderRequest, progress: Progress | None, stop: Stop | None) -> Loop:
        loop = self._process.request(request, progress, stop)
        assert isinstance(loop, Loop)
        return loop


OpenEngine: TypeAlias = Callable[[str], WindowEngine]
