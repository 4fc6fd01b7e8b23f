"""The child's end of a `ChildProcess`: handles calls one after another and shows that it is alive."""

import contextlib
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.processes.channel import Channel, ChannelAddress
from app.processes.crash_log import log_crashes
from app.processes.protocol import BEAT_S, Answer, Beat, Call, Cancel, Event, Progressed, Started
from technogan.errors import TechnoganError

# How long a child may still work after its parent ended or asked it to end.
_END_S = 5.0


@dataclass(frozen=True, slots=True)
class Handler:
    """What handles the calls of a child.

    Attributes:
        handle: called in the main thread with each message; returns the answer or raises an error.
        activity: returns a value that keeps changing while the child works as it should; None to not watch that.
    """

    handle: Callable[[Any], Any]
    activity: Callable[[], object] | None = None


OpenHandler: TypeAlias = "Callable[..., AbstractContextManager[Handler]]"
"""Called in the child with the ChildServer and the program's settings."""


def serve(address: ChannelAddress, open_handler: OpenHandler, settings: dict[str, Any]) -> None:
    """Handle calls until the parent ends or asks for the end: the main function of the process."""
    # Ctrl-C reaches the whole process group; only the parent decides what happens.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_crashes()
    threading.excepthook = _exit
    server = ChildServer(address.open())
    with open_handler(server, **settings) as handler:
        server.run(handler)


def _exit(failed: threading.ExceptHookArgs) -> None:
    """End the process if any thread raises; the parent restarts it."""
    threading.__excepthook__(failed)
    os._exit(1)


class ChildServer:
    """Receives calls in the thread technogan-calls, and sends beats from the thread technogan-beats."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._ending = threading.Event()
        self._current: int | None = None
        # Counts calls and reported progress.
        self._n_steps = 0

    def send_event(self, value: Any) -> bool:
        """Send something that no call asked for; return whether the parent still listens."""
        return self._send(Event(value))

    def report_progress(self, done: float, total: float = 1.0, /) -> None:
        """Report the progress of the current call."""
        self._n_steps += 1
        if self._current is not None:
            self._send(Progressed(self._current, done / total))

    def is_cancelled(self) -> bool:
        """Return whether the parent no longer wants the current call."""
        return self._ending.is_set() or self._current in self._cancelled

    def run(self, handler: Handler) -> None:
        """Handle calls until the parent closes the channel or sends None."""
        threading.Thread(target=self._receive, name="technogan-calls", daemon=True).start()
        threading.Thread(target=self._beat, args=(handler,), name="technogan-beats", daemon=True).start()
        while (call := self._calls.get()) is not None:
            self._answer(call, handler)

    def _answer(self, call: Call, handler: Handler) -> None:
        self._n_steps += 1
        self._current = call.number
        self._send(Started(call.number))
        value: Any = None
        error: Exception | None = None
        try:
            value = handler.handle(call.message)
        except TechnoganError as raised:
            error = raised
        except Exception:
            error = RuntimeError(traceback.format_exc())
        self._current = None
        self._cancelled.discard(call.number)
        self._send(Answer(call.number, value, error))

    def _send(self, message: Any) -> bool:
        with contextlib.suppress(OSError):
            self._channel.send(message)
            return True
        return False

    def _receive(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while (message := self._channel.receive()) is not None:
                if isinstance(message, Cancel):
                    self._cancelled.add(message.number)
                else:
                    self._calls.put(message)
        self._ending.set()
        self._calls.put(None)
        # Work that cannot be stopped must not outlive the parent.
        time.sleep(_END_S)
        os._exit(1)

    def _beat(self, handler: Handler) -> None:
        # Counted in beats, because the clock keeps running while the machine sleeps.
        n_busy = n_still = 0
        step, activity = self._n_steps, object()
        while True:
            time.sleep(BEAT_S)
            n_busy = n_busy + 1 if self._current is not None and self._n_steps == step else 0
            step = self._n_steps
            found = None if handler.activity is None else handler.activity()
            n_still = n_still + 1 if found is not None and found == activity else 0
            activity = found
            if not self._send(Beat(BEAT_S * n_busy, BEAT_S * n_still)):
                return
