"""The service behind the bridge: accepts commands, works on one thread, and answers each command exactly once.

It does not depend on sockets or windows. Its host, the UDP server or the window, submits requests from any thread.
`OscRequest.answer` and the listeners are called in the submitting thread (quick commands) or in the worker (jobs), so
they must return at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from technogan import __version__
from technogan.errors import RequestError, TechnoganError
from technogan.osc import commands as c
from technogan.osc.jobs import FileSettings, JobQueue, OscJob, OscRequest
from technogan.osc.loop_writer import LoopWriter, Renderer
from technogan.osc.protocol import NO_ID, Reply, error_reply
from technogan.osc.target import KEPT, default_directory, format_directory, make_directory, open_directory
from technogan.progress import Progress
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_LOG = logging.getLogger(__name__)

# Seconds between two messages about the progress of a long job.
_PROGRESS_INTERVAL_S = 1.0


class Listener:
    """Events for the host, which overrides the methods that it needs. They are called in several threads."""

    def received(self, sender: str, message: object) -> None:
        """Handle a message that was received."""

    def sent(self, receiver: str, message: object) -> None:
        """Handle a message that was sent."""

    def dropped(self, sender: str, reason: str) -> None:
        """Handle a datagram that is not answered."""

    def job_started(self, job: OscJob) -> None:
        """Handle the start of a job."""

    def job_progressed(self, job: OscJob, done: float) -> None:
        """Handle the progress of the running job, 0 to 1."""

    def job_finished(self, job: OscJob, reply: Reply, loop: Loop | None) -> None:
        """Handle the reply to a job. loop: None if it generated none."""

    def model_loaded(self, engine: Renderer) -> None:
        """Handle a change of the model."""


class Service:
    """A job queue, and a worker thread that renders the jobs with an engine.

    Args:
        engine: the first model; only the worker renders with it from now on.
        open_model: opens a model by its name; by default one of the library.
        list_models: returns the names of the models; by default those of the library.
        directory: the folder for files; created if it does not exist.
        allowed: folders below which clients may create folders, besides the home folder and the temporary folder.
        listeners: receive events.
        kept_files: the number of jobs whose files with unique names are kept.

    Raises:
        OutputError: the directory cannot be written.
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
        kept_files: int = KEPT,
    ) -> None:
        self.listeners = list(listeners)
        self._engine = engine
        self._open_model = open_model or open_library_model
        self._list_models = list_models or model_names
        self._allowed = tuple(allowed)
        # Clients need a full path.
        self._settings = FileSettings(make_directory((directory or default_directory()).expanduser().absolute()))
        self._queue = JobQueue()
        self._writer = LoopWriter(kept_files)
        self._initialised = False
        self._settings_lock = threading.Lock()
        # Held while a job replaces another and the older one is answered, so that the newer answer cannot come first.
        self._answering = threading.RLock()
        self._worker = threading.Thread(target=self._work, name="osc-worker", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._worker.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Answer waiting jobs with an error, cancel the running one, and end the worker; return False on a timeout."""
        for job in self._queue.close():
            self._refuse(job, RequestError("stopping", "the service is stopping"))
        if self._worker.is_alive():
            self._worker.join(timeout_s)
        return not self._worker.is_alive()

    @property
    def latent_size(self) -> int:
        """Values in a seed of the current model."""
        return self._engine.spec.latent_size

    @property
    def settings(self) -> FileSettings:
        """The settings of new jobs."""
        return self._settings

    def submit(self, request: OscRequest) -> None:
        """Execute or queue a command; never raises. The server handles Register and Unregister itself."""
        try:
            reply = self._execute(request)
        except Exception as error:
            reply = _fail(request.name, _command_id(request.command), error)
        if reply is not None:
            _answer(request, reply)

    def notify(self, send: Callable[[Listener], None]) -> None:
        """Send an event to every listener; an exception in one does not affect the others."""
        for listener in self.listeners:
            try:
                send(listener)
            except Exception:
                _LOG.exception("a listener failed")

    def _execute(self, request: OscRequest) -> Reply | None:
        """Return the reply, or None if it is sent later."""
        match request.command:
            case c.Generate() | c.LoadModel():
                self._enqueue(request)
                return None
            case c.Sync(number):
                return None if self._queue.defer_sync(request) else Reply("synced", (number,))
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
                return self._initialise()
            case c.GetTargetDir():
                return Reply("msg", (f"target dir is: {format_directory(self._settings.directory)}",))
            case _:
                return self._set(request.command)

    def _set(self, command: c.Command) -> Reply:
        with self._settings_lock:
            match command:
                case c.SetTargetDir(text):
                    directory = open_directory(text, self._allowed)
                    self._settings = replace(self._settings, directory=directory)
                    return Reply("msg", (f"target directory set to: {format_directory(directory)}",))
                case c.SetTargetRate(rate):
                    self._settings = replace(self._settings, sample_rate=rate)
                    return Reply("msg", (f"target sampling rate set to: {rate}",))
                case c.SetBpm(bpm):
                    self._settings = replace(self._settings, bpm=bpm, sample_rate=None)
                    return Reply("msg", (f"tempo set to: {bpm:g} BPM",))
        raise TypeError(f"the service does not handle {type(command).__name__}")

    def _initialise(self) -> Reply:
        # In the prototype the first of these commands loaded the network; here it is loaded from the start.
        before, self._initialised = self._initialised, True
        return Reply("msg", (f"Init Generator: network {'already up' if before else 'loaded'}",))

    def _status(self) -> Reply:
        spec, settings = self._engine.spec, self._settings
        bpm = settings.bpm or spec.bpm
        rate = settings.sample_rate or round(spec.format.sample_rate(bpm))
        directory = format_directory(settings.directory)
        return Reply("status", (__version__, spec.name, spec.latent_size, bpm, rate, directory, len(self._queue)))

    def _enqueue(self, request: OscRequest) -> None:
        with self._answering:
            for replaced, error in self._queue.put(OscJob(request, self._settings)):
                self._refuse(replaced, error)

    def _cancel(self, request: OscRequest, id: int) -> None:
        with self._answering:
            jobs, waiting = self._queue.cancel(request.client, id)
            _answer(request, Reply("cancelled", (id, len(jobs))))
            for job in jobs:
                job.stop.set()
            for job, error in waiting:
                self._refuse(job, error)

    def _work(self) -> None:
        while (job := self._queue.take()) is not None:
            self.notify(lambda listener, job=job: listener.job_started(job))  # type: ignore[misc]
            reply, loop = self._run(job)
            with self._answering:
                _answer(job.request, reply)
                for other, error in self._queue.finish(job):
                    self._refuse(other, error)
                self._settle(job, reply, loop)

    def _run(self, job: OscJob) -> tuple[Reply, Loop | None]:
        try:
            if isinstance(job.request.command, c.LoadModel):
                return self._load(job.request.command.name), None
            return self._writer.write(job, self._engine, self._report_progress(job))
        except Exception as error:
            return _fail(job.request.name, _id(job), error), None

    def _load(self, name: str) -> Reply:
        self._engine = engine = self._open_model(name)
        self.notify(lambda listener: listener.model_loaded(engine))
        spec = engine.spec
        return Reply("model", (spec.name, spec.latent_size, float(spec.format.beats), spec.bpm))

    def _refuse(self, job: OscJob, error: TechnoganError) -> None:
        reply = error_reply(job.request.name, _id(job), error)
        _answer(job.request, reply)
        self._settle(job, reply, None)

    def _settle(self, job: OscJob, reply: Reply, loop: Loop | None) -> None:
        """Answer the /sync requests that waited for this job, and notify the listeners."""
        for request in self._queue.mark_answered(job):
            if isinstance(request.command, c.Sync):
                _answer(request, Reply("synced", (request.command.number,)))
        self.notify(lambda listener: listener.job_finished(job, reply, loop))

    def _report_progress(self, job: OscJob) -> Progress:
        reported = time.monotonic()

        def report(done: float, total: float = 1.0, /) -> None:
            nonlocal reported
            share = done / total
            self.notify(lambda listener: listener.job_progressed(job, share))
            command = job.request.command
            if isinstance(command, c.Generate) and time.monotonic() - reported >= _PROGRESS_INTERVAL_S and share < 1:
                reported = time.monotonic()
                _answer(job.request, Reply("msg", (f"{command.kind.value} {command.id}: {share:.0%}",)))

        return report


def _answer(request: OscRequest, reply: Reply) -> None:
    # An exception in a host's `answer` must not end the worker.
    try:
        request.answer(reply)
    except Exception:
        _LOG.exception("the answer to %s could not be delivered", request.name)


def _fail(name: str, id: int, error: Exception) -> Reply:
    """Return the reply to a command that failed; log the error if it is a bug."""
    if not isinstance(error, TechnoganError):
        _LOG.error("%s failed", name, exc_info=error)
    return error_reply(name, id, error)


def open_library_model(name: str) -> Renderer:
    """Open a model of the library and warm it up; clients cannot give a path.

    Raises ModelNotFound, BundleError or SpecMismatch.
    """
    from technogan.engine import Engine
    from technogan.network.library import find_installed_model

    engine = Engine(find_installed_model(name))
    warm_up(engine)
    return engine


def warm_up(engine: Renderer) -> None:
    """Render a loop, so that the first request does not take longer than others."""
    engine.render(Seed((0.0,) * engine.spec.latent_size))


def model_names() -> list[str]:
    """Return the names of the models in the library."""
    from technogan.network.library import available_models

    return [bundle.spec.name for bundle in available_models()]


def _id(job: OscJob) -> int:
    return NO_ID if job.id is None else job.id


def _command_id(command: c.Command) -> int:
    return command.id if isinstance(command, c.Generate | c.Cancel) else NO_ID
