"""The service behind the bridge: takes commands from anybody, does the work on one thread, answers each exactly once.

It knows no socket and no window. Whoever hosts it (the UDP server, the window) submits requests from any thread; a
request's `answer` and the listeners are called from the thread that submits (quick commands) or from the worker (jobs),
so they must return at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from technogan import __version__
from technogan.errors import ModelNotFound, RequestError, TechnoganError
from technogan.network.bundle import ModelBundle
from technogan.osc import commands as c
from technogan.osc.jobs import Job, JobQueue, Request, Settings
from technogan.osc.maker import Maker, Renderer
from technogan.osc.protocol import NO_ID, Reply, failure
from technogan.osc.target import default_directory, make_directory, open_directory, shown_directory
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_LOG = logging.getLogger(__name__)

# A sequence that takes longer tells how far it is, this often.
_PROGRESS_PAUSE_S = 1.0


class Listener:
    """What a host may want to hear of; override what is of interest. Called from several threads."""

    def received(self, sender: str, message: object) -> None:
        """A message came in over the wire."""

    def sent(self, receiver: str, message: object) -> None:
        """A message went out over the wire."""

    def dropped(self, sender: str, reason: str) -> None:
        """A datagram was not answered."""

    def job_started(self, job: Job) -> None:
        """The worker begins."""

    def job_progressed(self, job: Job, done: float) -> None:
        """How far the running job is, 0..1."""

    def job_finished(self, job: Job, reply: Reply, loop: Loop | None) -> None:
        """A job is answered. loop: what was made, None where nothing was."""

    def model_loaded(self, engine: Renderer) -> None:
        """Another model plays from now on."""


class Service:
    """One job queue, one worker over an engine.

    engine: the model to begin with; used by the worker alone from then on. open_model: opens another by name.
    directory: for files, made where it is not there. allowed: folders below which clients may make new ones, beside
    the home and the temporary folder. Raises OutputError where the directory cannot be written.
    """

    def __init__(
        self,
        engine: Renderer,
        *,
        open_model: Callable[[str], Renderer] | None = None,
        list_models: Callable[[], Sequence[str]] | None = None,
        directory: Path | None = None,
        allowed: Iterable[Path] = (),
        listeners: Iterable[Listener] = (),
    ) -> None:
        self.listeners = list(listeners)
        self._engine = engine
        self._open_model = open_model or open_named
        self._list_models = list_models or model_names
        self._allowed = tuple(allowed)
        # A full path, because that is what clients can use.
        self._settings = Settings(make_directory((directory or default_directory()).expanduser().absolute()))
        self._queue = JobQueue()
        self._maker = Maker()
        self._announced = False
        self._settling = threading.Lock()
        # Held from when a job replaces another until that is answered, so that the new one's answer cannot come first.
        self._answering = threading.RLock()
        self._worker = threading.Thread(target=self._work, name="osc-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._worker.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Answer what waits with an error, stop what runs, end the worker. Returns whether it ended in time."""
        for job in self._queue.close():
            self._refuse(job, RequestError("stopping", "the service is being stopped"))
        if self._worker.is_alive():
            self._worker.join(timeout_s)
        return not self._worker.is_alive()

    @property
    def latent_size(self) -> int:
        """How many values a seed has now."""
        return self._engine.spec.latent_size

    @property
    def settings(self) -> Settings:
        """What files are made with from now on."""
        return self._settings

    def submit(self, request: Request) -> None:
        """Follow a command; never raises. Register and Unregister are the server's and not understood here."""
        try:
            reply = self._follow(request)
        except TechnoganError as error:
            reply = failure(request.name, _command_id(request.command), error)
        except Exception as error:
            _LOG.exception("%s failed", request.name)
            reply = failure(request.name, _command_id(request.command), error)
        if reply is not None:
            _say(request, reply)

    def tell(self, what: Callable[[Listener], None]) -> None:
        """Tell the listeners; one that fails harms nobody else."""
        for listener in self.listeners:
            try:
                what(listener)
            except Exception:
                _LOG.exception("a listener failed")

    def _follow(self, request: Request) -> Reply | None:
        """The answer, or None where it comes later."""
        match request.command:
            case c.Generate() | c.LoadModel():
                self._enqueue(request)
                return None
            case c.Sync(number):
                return Reply("synced", (number,)) if self._queue.sync(request) else None
            case c.Cancel(id):
                self._cancel(request, id)
                return None
            case c.IsAlive():
                return Reply("alive")
            case c.Status():
                return self._status()
            case c.ListModels():
                return Reply("models", tuple(self._list_models()))
            case c.InitGenerator():
                return self._init()
            case c.GetTargetDir():
                return Reply("msg", (f"target dir is: {shown_directory(self._settings.directory)}",))
            case _:
                return self._set(request.command)

    def _set(self, command: c.Command) -> Reply:
        with self._settling:
            match command:
                case c.SetTargetDir(text):
                    directory = open_directory(text, self._allowed)
                    self._settings = replace(self._settings, directory=directory)
                    return Reply("msg", (f"target directory set to: {shown_directory(directory)}",))
                case c.SetTargetRate(rate):
                    self._settings = replace(self._settings, sample_rate=rate)
                    return Reply("msg", (f"target sampling rate set to: {rate}",))
                case c.SetBpm(bpm):
                    self._settings = replace(self._settings, bpm=bpm, sample_rate=None)
                    return Reply("msg", (f"tempo set to: {bpm:g} BPM",))
        raise TypeError(f"{type(command).__name__} is not for the service")

    def _init(self) -> Reply:
        # In the prototype the first of these loaded the network; here it is up before anybody can ask.
        self._announced, before = True, self._announced
        return Reply("msg", (f"Init Generator: network {'already up' if before else 'loaded'}",))

    def _status(self) -> Reply:
        spec, settings = self._engine.spec, self._settings
        bpm = settings.bpm or spec.bpm
        rate = settings.sample_rate or round(spec.format.sample_rate(bpm))
        directory = shown_directory(settings.directory)
        return Reply("status", (__version__, spec.name, spec.latent_size, bpm, rate, directory, len(self._queue)))

    def _enqueue(self, request: Request) -> None:
        with self._answering:
            for replaced, error in self._queue.put(Job(request, self._settings)):
                self._refuse(replaced, error)

    def _cancel(self, request: Request, id: int) -> None:
        with self._answering:
            jobs, waiting = self._queue.cancel(request.client, id)
            _say(request, Reply("cancelled", (id, len(jobs))))
            for job in jobs:
                job.stop.set()
            for job, error in waiting:
                self._refuse(job, error)

    def _work(self) -> None:
        while (job := self._queue.take()) is not None:
            self.tell(lambda listener, job=job: listener.job_started(job))  # type: ignore[misc]
            reply, loop = self._done(job)
            with self._answering:
                _say(job.request, reply)
                for other, error in self._queue.finished(job):
                    self._refuse(other, error)
                self._settle(job, reply, loop)

    def _done(self, job: Job) -> tuple[Reply, Loop | None]:
        try:
            if isinstance(job.request.command, c.LoadModel):
                return self._load(job.request.command.name), None
            return self._maker.make(job, self._engine, self._reporting(job))
        except TechnoganError as error:
            return failure(job.request.name, _id(job), error), None
        except Exception as error:
            _LOG.exception("%s failed", job.request.name)
            return failure(job.request.name, _id(job), error), None

    def _load(self, name: str) -> Reply:
        self._engine = engine = self._open_model(name)
        self.tell(lambda listener: listener.model_loaded(engine))
        spec = engine.spec
        return Reply("model", (spec.name, spec.latent_size, float(spec.format.beats), spec.bpm))

    def _refuse(self, job: Job, error: TechnoganError) -> None:
        reply = failure(job.request.name, _id(job), error)
        _say(job.request, reply)
        self._settle(job, reply, None)

    def _settle(self, job: Job, reply: Reply, loop: Loop | None) -> None:
        for request in self._queue.answered(job):
            if isinstance(request.command, c.Sync):
                _say(request, Reply("synced", (request.command.number,)))
        self.tell(lambda listener: listener.job_finished(job, reply, loop))

    def _reporting(self, job: Job) -> Callable[[float], None]:
        told = time.monotonic()

        def report(done: float) -> None:
            nonlocal told
            self.tell(lambda listener: listener.job_progressed(job, done))
            command = job.request.command
            if isinstance(command, c.Generate) and time.monotonic() - told >= _PROGRESS_PAUSE_S and done < 1:
                told = time.monotonic()
                _say(job.request, Reply("msg", (f"{command.kind.value} {command.id}: {done:.0%}",)))

        return report


def _say(request: Request, reply: Reply) -> None:
    # Whatever a host's `answer` does, the worker goes on.
    try:
        request.answer(reply)
    except Exception:
        _LOG.exception("an answer to %s could not be given", request.name)


def open_named(name: str) -> Renderer:
    """An engine with a model of the library, warm. Raises ModelNotFound, BundleError or SpecMismatch."""
    from technogan.engine import Engine

    engine = Engine(in_library(name))
    warm(engine)
    return engine


def in_library(name: str) -> ModelBundle:
    """A model by its name; over the wire a name is a name, not a path. Raises ModelNotFound or BundleError."""
    from technogan.network.library import find_model

    if Path(name).name != name or name.casefold().endswith(".onnx"):
        raise ModelNotFound(name, model_names())
    return find_model(name)


def warm(engine: Renderer) -> None:
    """Render once, so that the first request takes no longer than the others."""
    engine.render(Seed((0.0,) * engine.spec.latent_size))


def model_names() -> list[str]:
    """The models of the library."""
    from technogan.network.library import available_models

    return [bundle.spec.name for bundle in available_models()]


def _id(job: Job) -> int:
    return NO_ID if job.id is None else job.id


def _command_id(command: c.Command) -> int:
    return command.id if isinstance(command, c.Generate | c.Cancel) else NO_ID
