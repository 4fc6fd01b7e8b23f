"""A supervised child process.

It starts with the first call. If it crashes, freezes or hangs, it is killed and replaced, and the next process gets
the state of the previous one. The other end is `app.processes.child_server`.

Threads: technogan-NAME starts the child and watches it, technogan-NAME-calls sends, technogan-NAME-answers receives.
"""

import contextlib
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

from app.processes.call_queue import CallQueue, PendingCall
from app.processes.channel import Channel
from app.processes.child_server import OpenHandler, serve
from app.processes.protocol import BEAT_S, Beat, Event
from app.processes.shared_arrays import SharedArrays
from technogan.errors import TechnoganError

_LOG = logging.getLogger(__name__)

# A child that sends nothing for this long is frozen.
_SILENCE_S = 1.5
# A new child on a busy machine may take this long to send its first beat.
_START_S = 30.0
# Pauses before a child that ended soon after its start is replaced for the first, second, ... time.
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_SOON_S = 1.0
_KILL_S = 0.5
# The exit codes of a child that something else ended: the call in progress is not to blame.
_KILLED = (-signal.SIGTERM, -getattr(signal, "SIGKILL", 9))


class ChildLost(TechnoganError):
    """A child process ended unexpectedly.

    Attributes:
        exit_code: negative for the signal that ended it; None if it could not be started.
        hung: True if it was killed because it did not respond.
    """

    def __init__(self, name: str, exit_code: int | None, *, hung: bool = False) -> None:
        super().__init__(f"the {name} process " + ("did not respond" if hung else f"stopped (exit code {exit_code})"))
        self.exit_code = exit_code
        self.hung = hung


@dataclass(frozen=True, slots=True)
class ChildProgram:
    """What a child runs.

    Attributes:
        name: the name of the process and of its threads.
        open_handler: called in the child; see `app.processes.child_server`.
        settings: its keyword arguments.
        deadline_s: how long a call may take without reporting progress.
        grace_s: how long the child may take to end by itself.
        rest_s: the child ends after this long without a call, until the next one; None keeps it running.
    """

    name: str
    open_handler: OpenHandler
    settings: dict[str, Any] = field(default_factory=dict)
    deadline_s: float = 10.0
    grace_s: float = 0.0
    rest_s: float | None = None


class ChildProcess:
    """The parent's end. Any thread may call its methods.

    Args:
        program: what the child runs.
        on_event: called with every event of the child, in the thread technogan-NAME-answers.
        on_lost: called when the child ended unexpectedly, in the thread technogan-NAME, with the reason and with the
            message that is to blame and is therefore no longer part of the state; None if there is none.
    """

    def __init__(
        self,
        program: ChildProgram,
        *,
        on_event: Callable[[Any], None] | None = None,
        on_lost: Callable[[ChildLost, Any], None] | None = None,
    ) -> None:
        self._program, self._on_event, self._on_lost = program, on_event, on_lost
        self._calls = CallQueue()
        self._closed = ChildLost(program.name, None)
        self._process: BaseProcess | None = None
        self._beat = Beat(0.0, 0.0)
        self._heard = threading.Event()
        self._ready_at: float | None = None
        self._thread = threading.Thread(target=self._supervise, name=f"technogan-{program.name}", daemon=True)
        self._starting = threading.Lock()

    @property
    def process_id(self) -> int | None:
        """The id of the running child; None if none runs."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start the child, unless it was started before. Returns at once."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def call(self, message: Any, *, progress: Callable[[float], None] | None = None) -> PendingCall:
        """Queue a message. `progress` is called in the thread technogan-NAME-answers."""
        if self._program.rest_s is not None:
            self.start()
        return self._calls.add(message, progress=progress)

    def set_state(self, key: Hashable, message: Any) -> PendingCall:
        """Queue a message that is part of the child's state: the latest for each key is sent to every new child."""
        return self._calls.add(message, key=key)

    def cancel(self, call: PendingCall) -> None:
        """Ask the child to stop working on a call, whose future then raises Cancelled unless it is done already."""
        self._calls.cancel(call)

    def kill(self) -> None:
        """End the child at once; the next call starts another. The call in progress fails with ChildLost."""
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError, ValueError):  # it has just ended
                process.kill()

    def ask_to_close(self) -> None:
        """Ask the child to end for good. Returns at once. Calls that come later fail with ChildLost."""
        self._calls.close(self._closed)

    def close(self) -> None:
        """End the child for good: ask it, and kill it if it does not end in time."""
        self.ask_to_close()
        if self._thread.ident is not None:
            self._thread.join(self._program.grace_s)
            self.kill()
            self._thread.join(_KILL_S)
        self._calls.fail_all(self._closed)

    # --- technogan-NAME

    def _supervise(self) -> None:
        deaths = _Deaths()
        while self._wait_until_needed(deaths.pause_s):
            lost = self._run_child()
            blame = lost is not None and (lost.hung or lost.exit_code not in _KILLED)
            message = self._calls.restart(lost or self._closed, blame=blame)
            if lost is None:
                continue
            suspect = deaths.add(self._lived_s(), self._calls.newest_state() if blame else None)
            if message is None and suspect is not None:
                message = self._calls.drop_state(suspect)
            if self._on_lost is not None:
                self._on_lost(lost, message)

    def _lived_s(self) -> float:
        """Return for how long the child has worked after its start."""
        return 0.0 if self._ready_at is None else time.monotonic() - self._ready_at

    def _wait_until_needed(self, pause_s: float) -> bool:
        """Return True when a child is needed, False when the queue is closed."""
        if self._program.rest_s is None:
            return not self._calls.wait_for_close(pause_s)
        return self._calls.wait_for_work()

    def _run_child(self) -> ChildLost | None:
        """Run one child until it ends; return None if it ended because it was asked to."""
        self._heard.clear()
        self._ready_at, self._beat = None, Beat(0.0, 0.0)
        try:
            process, channel = self._start_child()
        except OSError as error:
            _LOG.error("cannot start the %s process: %s", self._program.name, error)
            return ChildLost(self._program.name, None)
        self._process = process
        threads = [
            threading.Thread(target=work, args=(channel,), name=f"technogan-{self._program.name}-{what}", daemon=True)
            for what, work in (("answers", self._receive), ("calls", self._send))
        ]
        for thread in threads:
            thread.start()
        hung = self._watch(threads[0])
        if hung:
            process.kill()
        asked = self._calls.end_child()
        process.join(_KILL_S)
        self.kill()
        process.join()
        for thread in threads:
            thread.join()
        self._process = None
        channel.close()
        return None if asked and not hung else ChildLost(self._program.name, process.exitcode, hung=hung)

    def _start_child(self) -> tuple[BaseProcess, Channel]:
        # Spawned on every system: forking a process that has threads can hang.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        channel = Channel(ours, SharedArrays.create(), SharedArrays.create())
        process = context.Process(
            target=serve,
            args=(channel.make_address(theirs), self._program.open_handler, self._program.settings),
            name=f"technogan-{self._program.name}",
            daemon=True,
        )
        try:
            process.start()
        except OSError:
            channel.close()
            raise
        finally:
            theirs.close()
        return process, channel

    def _watch(self, receiver: threading.Thread) -> bool:
        """Wait until the child closes its end of the channel; return True at once if the child does not respond."""
        n_silent, limit_s = 0, _START_S
        while receiver.is_alive():
            receiver.join(BEAT_S)
            if self._heard.is_set():
                self._heard.clear()
                self._ready_at = self._ready_at or time.monotonic()
                n_silent, limit_s = 0, _SILENCE_S
            else:
                n_silent += 1  # counted, because the clock keeps running while this process is suspended
            beat = self._beat
            if n_silent * BEAT_S > limit_s or beat.still_s > _SILENCE_S or beat.busy_s > self._program.deadline_s:
                return True
            if self._program.rest_s is not None and self._calls.idle_s() > self._program.rest_s:
                self._calls.end_child()
        return False

    def _send(self, channel: Channel) -> None:
        with contextlib.suppress(OSError):
            while (message := self._calls.take()) is not None:
                channel.send(message)
            channel.send(None)

    def _receive(self, channel: Channel) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = channel.receive()
                self._heard.set()
                if isinstance(message, Beat):
                    self._beat = message
                elif isinstance(message, Event):
                    if self._on_event is not None:
                        self._on_event(message.value)
                else:
                    self._calls.receive(message)


class _Deaths:
    """Decides how long to wait for the next child, and which message to suspect of ending one child after another."""

    def __init__(self) -> None:
        self._n_soon = 0
        self._suspect: Hashable = None
        self._has_dropped = False

    @property
    def pause_s(self) -> float:
        """Seconds to wait before the next start."""
        return _PAUSES_S[min(self._n_soon, len(_PAUSES_S) - 1)]

    def add(self, lived_s: float, newest: Hashable) -> Hashable:
        """Note a death; return the key of the suspect if it should be dropped.

        The suspect is what was newest when a child ended. If the next child ends soon as well, it is dropped; only
        once, so that a child that always crashes does not lose its whole state.
        """
        is_soon = lived_s < _SOON_S
        suspect, self._suspect = self._suspect, newest
        if not is_soon:
            self._n_soon, self._has_dropped = 0, False
            return None
        self._n_soon += 1
        if suspect is None or self._has_dropped:
            return None
        self._has_dropped = True
        return suspect
