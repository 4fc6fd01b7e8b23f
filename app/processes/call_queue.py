"""The calls that a child process has not answered, and those that make up its state."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from app.processes.protocol import Answer, Call, Cancel, Progressed, Started
from technogan.errors import Cancelled

# The child has at most this many calls that it has not answered.
_MAX_SENT = 4
# More waiting calls than this are reduced to the latest of each key.
_MAX_WAITING = 64


@dataclass(frozen=True, slots=True, eq=False)
class PendingCall:
    """A call and its answer.

    Attributes:
        number: counts the calls, from 1.
        message: what the child handles.
        key: calls with a key make up the child's state: a later one replaces an earlier one with the same key.
        progress: called with 0..1 while the child works.
        future: the answer, the error that the child raised, or ChildLost or Cancelled.
    """

    number: int
    message: Any
    key: Hashable = None
    progress: Callable[[float], None] | None = None
    future: "Future[Any]" = field(default_factory=Future)

    def fail(self, error: Exception) -> None:
        """Give up waiting for an answer."""
        if not self.future.done():
            self.future.set_exception(error)


class CallQueue:
    """A queue of calls for one child after another. Any thread may call it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._waiting: deque[PendingCall] = deque()
        self._sent: dict[int, PendingCall] = {}
        self._cancels: deque[int] = deque()
        self._state: dict[Hashable, PendingCall] = {}
        self._started: int | None = None
        self._ending = False
        self._closed: Exception | None = None
        self._used_at = time.monotonic()

    def add(
        self, message: Any, *, key: Hashable = None, progress: Callable[[float], None] | None = None
    ) -> PendingCall:
        """Queue a message; it fails at once if the queue is closed."""
        with self._changed:
            call = PendingCall(next(self._numbers), message, key, progress)
            if self._closed is not None:
                call.fail(self._closed)
                return call
            if key is not None:
                self._state.pop(key, None)
                self._state[key] = call
            self._waiting.append(call)
            if len(self._waiting) > _MAX_WAITING:
                self._waiting = deque(self._without_replaced(self._waiting))
            self._changed.notify_all()
            return call

    def cancel(self, call: PendingCall) -> None:
        """Withdraw a call that waits, or have the child asked to stop working on it."""
        with self._changed:
            if call in self._waiting:
                self._waiting.remove(call)
                call.fail(Cancelled())
            elif call.number in self._sent:
                self._cancels.append(call.number)
                self._changed.notify_all()

    def wait_for_work(self, timeout: float | None = None) -> bool:
        """Wait until a call waits or the queue is closed; return whether a call waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed is not None, timeout)
            return bool(self._waiting) and self._closed is None

    def wait_for_close(self, timeout: float) -> bool:
        """Wait until the queue is closed; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed is not None, timeout)

    def take(self) -> Call | Cancel | None:
        """Wait for the next message to the child, and return it; None asks the child to end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ending or self._cancels or (self._waiting and len(self._sent) < _MAX_SENT)
            )
            if self._ending:
                return None
            if self._cancels:
                return Cancel(self._cancels.popleft())
            call = self._waiting.popleft()
            self._sent[call.number] = call
            return Call(call.number, call.message)

    def receive(self, message: Started | Progressed | Answer) -> None:
        """Note what the child reports about a call."""
        with self._changed:
            call = self._sent.get(message.number)
            if isinstance(message, Started):
                self._started = message.number
            elif isinstance(message, Answer):
                self._started = None
                self._sent.pop(message.number, None)
                self._used_at = time.monotonic()
                if message.error is not None and call is not None:
                    self._forget(call)
                self._changed.notify_all()
        if call is None or call.future.done():
            return
        if isinstance(message, Progressed) and call.progress is not None:
            call.progress(message.share)
        elif isinstance(message, Answer):
            if message.error is None:
                call.future.set_result(message.value)
            else:
                call.future.set_exception(message.error)

    def idle_s(self) -> float:
        """Return the seconds since the last answer; 0 while a call has no answer yet."""
        with self._changed:
            return 0.0 if self._sent or self._waiting else time.monotonic() - self._used_at

    def end_child(self) -> bool:
        """Make `take` return None until `restart`; return whether it does so already."""
        with self._changed:
            before, self._ending = self._ending, True
            self._changed.notify_all()
            return before

    def restart(self, error: Exception, *, blame: bool) -> Any:
        """Queue for the next child what the previous one did not finish, after its whole state.

        A call that the previous child was working on fails with `error`, unless it is part of the state and `blame`
        is False.

        Returns:
            The message that the child was working on if it was dropped from the state; otherwise None.
        """
        with self._changed:
            started = self._sent.pop(self._started, None) if self._started is not None else None
            self._started = None
            if started is not None and (blame or started.key is None):
                self._forget(started)
                started.fail(error)
            others = [call for call in (*self._sent.values(), *self._waiting) if call.key is None]
            self._sent.clear()
            self._cancels.clear()
            self._waiting = deque([*self._state.values(), *others])
            self._ending = self._closed is not None
            self._used_at = time.monotonic()
            return started.message if started is not None and started.key is not None and blame else None

    def newest_state(self) -> Hashable:
        """Return the key of the newest part of the state; None without state."""
        with self._changed:
            return next(reversed(self._state), None)

    def drop_state(self, key: Hashable) -> Any:
        """Remove one part of the state; return its message, or None if the part does not exist."""
        with self._changed:
            call = self._state.pop(key, None)
            if call is not None and call in self._waiting:
                self._waiting.remove(call)
            return None if call is None else call.message

    def close(self, error: Exception) -> None:
        """Ask the child to end for good. Later calls fail with `error`."""
        with self._changed:
            self._closed, self._ending = error, True
            self._changed.notify_all()

    def fail_all(self, error: Exception) -> None:
        """Fail every call without an answer."""
        with self._changed:
            calls = [*self._sent.values(), *self._waiting]
            self._sent.clear()
            self._waiting.clear()
        for call in calls:
            call.fail(error)

    def _forget(self, call: PendingCall) -> None:
        if call.key is not None and self._state.get(call.key) is call:
            del self._state[call.key]

    def _without_replaced(self, calls: deque[PendingCall]) -> list[PendingCall]:
        return [call for call in calls if call.key is None or self._state.get(call.key) is call]
