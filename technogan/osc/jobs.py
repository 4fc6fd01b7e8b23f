"""What waits to be done, for whom, and what is still owed to whom. Safe to use from any thread."""

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
class Request:
    """A command and the way back to whoever sent it.

    client: tells clients apart; ids and /sync are each client's own. answer: called with every reply, from any thread.
    name: the command as it was sent. fixed_names: replace single3.wav rather than write single3-000042.wav.
    """

    command: Command
    client: Hashable
    answer: Callable[[Reply], None]
    name: str = ""
    fixed_names: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What files are made with. sample_rate: for headers, None for the loop's own; bpm: None for the model's own."""

    directory: Path
    sample_rate: int | None = None
    bpm: float | None = None


@dataclass(slots=True, eq=False)
class Job:
    """A request whose turn comes, with the settings of the moment when it was made.

    after: older than what runs no more, but to be answered after it, so that answers for an id keep their order.
    """

    request: Request
    settings: Settings
    number: int = 0
    after: list[tuple[Job, TechnoganError]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> int | None:
        """The slot it fills; None for a job that fills none."""
        return self.request.command.id if isinstance(self.request.command, Generate) else None

    @property
    def key(self) -> Hashable:
        """Equal for jobs that replace each other."""
        return self if self.id is None else (self.request.client, self.id)


class JobQueue:
    """First come, first served; a newer job takes the place of one that waits for the same id of the same client."""

    def __init__(self, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, Job] = {}
        self._running: Job | None = None
        # Of each client, by age: what is not answered yet, and the questions whether all before them is.
        self._owed: dict[Hashable, dict[int, Job]] = {}
        self._syncs: dict[Hashable, deque[tuple[int, Request]]] = {}
        self._count = 0
        self._n_syncs = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, job: Job) -> list[tuple[Job, TechnoganError]]:
        """Queue a job; returns the waiting one that it replaces and what to answer to that. Raises RequestError."""
        with self._changed:
            if self._closed:
                raise RequestError("stopping", "the service is being stopped")
            if job.key not in self._waiting and len(self._waiting) >= self._limit:
                raise RequestError("busy", f"{self._limit} jobs are waiting already")
            self._count += 1
            job.number = self._count
            replaced = self._replace(job)
            self._owed.setdefault(job.request.client, {})[job.number] = job
            self._changed.notify()
            if replaced is None:
                return []
            return self._in_order(replaced, RequestError("superseded", "superseded by a newer request for the same id"))

    def _replace(self, job: Job) -> Job | None:
        replaced = self._waiting.get(job.key)
        if replaced is not None and any(isinstance(each.request.command, LoadModel) for each in self._waiting.values()):
            # Asked for after another model: not before its turn.
            del self._waiting[job.key]
        # Otherwise it keeps the older one's place, or a slider that moves all the time would never be heard.
        self._waiting[job.key] = job
        return replaced

    def _in_order(self, job: Job, error: TechnoganError) -> list[tuple[Job, TechnoganError]]:
        running = self._running
        # The limit keeps the memory bounded when a slider moves all through a long job.
        if running is None or running.key != job.key or len(running.after) >= self._limit:
            return [(job, error)]
        running.after.append((job, error))
        return []

    def take(self) -> Job | None:
        """The next job, waited for; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._running = self._waiting.pop(next(iter(self._waiting)))
            return self._running

    def finished(self, job: Job) -> list[tuple[Job, TechnoganError]]:
        """To be called when the job that `take` gave is answered; returns those that were to be answered after it."""
        with self._changed:
            self._running = None
            return job.after

    def answered(self, job: Job) -> list[Request]:
        """To be called when a job got its answer; returns the /sync requests whose moment this is."""
        client = job.request.client
        with self._changed:
            owed = self._owed.get(client, {})
            owed.pop(job.number, None)
            if not owed:
                self._owed.pop(client, None)
            oldest = next(iter(owed), self._count + 1)
            syncs = self._syncs.get(client, deque())
            due = []
            while syncs and syncs[0][0] < oldest:
                due.append(syncs.popleft()[1])
            if not syncs:
                self._syncs.pop(client, None)
            self._n_syncs -= len(due)
            return due

    def sync(self, request: Request) -> bool:
        """Whether nothing is owed to this client now; if something is, `answered` returns the request in time."""
        with self._changed:
            if request.client not in self._owed:
                return True
            if self._n_syncs >= _MAX_SYNCS:
                raise RequestError("busy", f"{_MAX_SYNCS} questions for a sync are waiting already")
            self._n_syncs += 1
            self._syncs.setdefault(request.client, deque()).append((self._count, request))
            return False

    def cancel(self, client: Hashable, id: int) -> tuple[list[Job], list[tuple[Job, TechnoganError]]]:
        """A client's jobs of an id that are to be stopped; and that of them which waited, with what to answer it."""
        with self._changed:
            waiting = self._waiting.pop((client, id), None)
            running = self._running if self._running is not None and self._running.key == (client, id) else None
            jobs = [job for job in (running, waiting) if job is not None and not job.stop.is_set()]
            return jobs, self._in_order(waiting, Cancelled()) if waiting else []

    def close(self) -> list[Job]:
        """Take no more; `take` returns None, the running job is told to stop. Returns those that waited, unanswered."""
        with self._changed:
            self._closed = True
            left = list(self._waiting.values())
            self._waiting.clear()
            if self._running is not None:
                self._running.stop.set()
            self._changed.notify_all()
            return left
