"""The queue of jobs, and the order in which their requests are answered. Safe to use from any thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path

from technogan.errors import Cancelled, RequestError, TechnoganError
from technogan.osc.commands import Command, Generate, LoadModel
from technogan.osc.protocol import Reply

MAX_WAITING = 2048
_MAX_SYNCS = 2048


@dataclass(frozen=True, slots=True, eq=False)
class OscRequest:
    """A command and the means to answer it.

    client: identifies the client, which has its own ids and /sync. answer: called with every reply, from any thread.
    name: the command as it was sent. fixed_names: replace single3.wav instead of writing single3-000042.wav.
    """

    command: Command
    client: Hashable
    answer: Callable[[Reply], None]
    name: str = ""
    fixed_names: bool = False


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Settings of output files. sample_rate: for headers, None for the loop's own. bpm: None for the model's own."""

    directory: Path
    sample_rate: int | None = None
    bpm: float | None = None


@dataclass(slots=True, eq=False)
class OscJob:
    """A queued request, with the settings at the time of the request.

    number: counts the jobs of a queue. after: replaced or cancelled jobs that must be answered after this one, so that
    the answers for an id keep their order. stop: set to cancel the job.
    """

    request: OscRequest
    settings: FileSettings
    number: int = 0
    after: list[tuple[OscJob, TechnoganError]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> int | None:
        """The client's id of a generating job; None for other jobs."""
        return self.request.command.id if isinstance(self.request.command, Generate) else None

    @property
    def key(self) -> Hashable:
        """A key that a newer job shares with the older job that it replaces."""
        return self if self.id is None else (self.request.client, self.id)


class JobQueue:
    """A first-in, first-out queue. A newer job replaces a waiting one with the same id of the same client."""

    def __init__(self, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, OscJob] = {}
        self._running: OscJob | None = None
        # For each client, oldest first: the unanswered jobs, and the /sync requests that wait for them.
        self._unanswered: dict[Hashable, dict[int, OscJob]] = {}
        self._syncs: dict[Hashable, deque[tuple[int, OscRequest]]] = {}
        self._count = 0
        self._n_syncs = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, job: OscJob) -> list[tuple[OscJob, TechnoganError]]:
        """Queue a job; return the waiting job that it replaces, with the error to answer it. Raises RequestError."""
        with self._changed:
            if self._closed:
                raise RequestError("stopping", "the service is stopping")
            if job.key not in self._waiting and len(self._waiting) >= self._limit:
                raise RequestError("busy", f"{self._limit} jobs are already waiting")
            self._count += 1
            job.number = self._count
            replaced = self._replace(job)
            self._unanswered.setdefault(job.request.client, {})[job.number] = job
            self._changed.notify()
            if replaced is None:
                return []
            return self._in_order(replaced, RequestError("superseded", "superseded by a newer request for the same id"))

    def _replace(self, job: OscJob) -> OscJob | None:
        replaced = self._waiting.get(job.key)
        if replaced is not None and any(isinstance(each.request.command, LoadModel) for each in self._waiting.values()):
            # A job requested after a change of model must not run before it.
            del self._waiting[job.key]
        # Otherwise the new job takes the older one's place; at the end it might wait as long as a slider moves.
        self._waiting[job.key] = job
        return replaced

    def _in_order(self, job: OscJob, error: TechnoganError) -> list[tuple[OscJob, TechnoganError]]:
        running = self._running
        # The limit bounds the memory while a slider moves during a long job.
        if running is None or running.key != job.key or len(running.after) >= self._limit:
            return [(job, error)]
        running.after.append((job, error))
        return []

    def take(self) -> OscJob | None:
        """Wait for the next job; return None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._running = self._waiting.pop(next(iter(self._waiting)))
            return self._running

    def finish(self, job: OscJob) -> list[tuple[OscJob, TechnoganError]]:
        """End the running job once it is answered; return the jobs to answer after it."""
        with self._changed:
            self._running = None
            return job.after

    def mark_answered(self, job: OscJob) -> list[OscRequest]:
        """Record that a job was answered; return the /sync requests that are now due."""
        client = job.request.client
        with self._changed:
            unanswered = self._unanswered.get(client, {})
            unanswered.pop(job.number, None)
            if not unanswered:
                self._unanswered.pop(client, None)
            oldest = next(iter(unanswered), self._count + 1)
            syncs = self._syncs.get(client, deque())
            due = []
            while syncs and syncs[0][0] < oldest:
                due.append(syncs.popleft()[1])
            if not syncs:
                self._syncs.pop(client, None)
            self._n_syncs -= len(due)
            return due

    def defer_sync(self, request: OscRequest) -> bool:
        """Keep a /sync request until `mark_answered` returns it; return False if it can be answered now."""
        with self._changed:
            if request.client not in self._unanswered:
                return False
            if self._n_syncs >= _MAX_SYNCS:
                raise RequestError("busy", f"{_MAX_SYNCS} sync requests are already waiting")
            self._n_syncs += 1
            self._syncs.setdefault(request.client, deque()).append((self._count, request))
            return True

    def cancel(self, client: Hashable, id: int) -> tuple[list[OscJob], list[tuple[OscJob, TechnoganError]]]:
        """Return a client's jobs with an id, which must be stopped, and the waiting one with the error to answer it."""
        with self._changed:
            waiting = self._waiting.pop((client, id), None)
            running = self._running if self._running is not None and self._running.key == (client, id) else None
            jobs = [job for job in (running, waiting) if job is not None and not job.stop.is_set()]
            return jobs, self._in_order(waiting, Cancelled()) if waiting else []

    def close(self) -> list[OscJob]:
        """Stop the running job and accept no more jobs; return the waiting ones, which are not answered yet."""
        with self._changed:
            self._closed = True
            left = list(self._waiting.values())
            self._waiting.clear()
            if self._running is not None:
                self._running.stop.set()
            self._changed.notify_all()
            return left
