"""Child processes that answer, crash, freeze and hang."""

import os
import signal
import sys
import threading
from typing import Any

import numpy as np
import pytest

from app.processes import child_process
from app.processes.child_process import ChildLost, ChildProcess, ChildProgram
from technogan.errors import SettingError
from tests.app.audio.test_recorder import until
from tests.app.processes.handlers import open_toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes with signals")
TIMEOUT_S = 20


class Parent:
    """A ChildProcess that keeps what it reports."""

    def __init__(self, **options):
        self.events: list[Any] = []
        self.lost: list[tuple[ChildLost, Any]] = []
        program = ChildProgram("toy", open_toy, deadline_s=1.0, **options)
        self.child = ChildProcess(
            program, on_event=self.events.append, on_lost=lambda error, message: self.lost.append((error, message))
        )
        self.child.start()

    def ask(self, message, **options):
        return self.child.call(message, **options).future.result(TIMEOUT_S)

    def send(self, message):
        """Send a part of the state, with itself as its key."""
        return self.child.set_state(message, message).future

    def signal(self, number):
        process_id = self.child.process_id
        assert process_id is not None
        os.kill(process_id, number)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(child_process, "_PAUSES_S", (0.0,))


@pytest.fixture
def make_parent():
    made = []

    def make(**options):
        made.append(Parent(**options))
        return made[-1]

    yield make
    for parent in made:
        parent.child.close()
        assert parent.child.process_id is None


@pytest.fixture
def parent(make_parent):
    return make_parent()


def test_it_answers_calls_and_sends_events(make_parent):
    parent = make_parent(settings={"greeting": "good morning"})
    assert parent.ask("a") == ["a"]
    assert parent.ask(7) == ["a", 7]
    assert parent.events == ["good morning"]


def test_errors_are_raised_by_the_future(parent):
    with pytest.raises(SettingError, match="refuse"):
        parent.ask("refuse")
    with pytest.raises(RuntimeError, match="ZeroDivisionError: fail"):
        parent.ask("fail")
    assert parent.ask("a") == ["a"]
    assert not parent.lost


def test_large_arrays_arrive_unchanged(parent, rng):
    sent = [rng.random(size, np.float32) for size in (10, 1000, 1 << 22, 5)]
    for count, array in enumerate(sent, 1):
        received = parent.ask(array)
        for before, after in zip(sent[:count], received, strict=True):
            np.testing.assert_array_equal(before, after)


def test_a_running_call_is_cancelled(parent):
    begun = threading.Event()
    call = parent.child.call("until cancelled", progress=lambda _share: begun.set())
    assert begun.wait(TIMEOUT_S)
    parent.child.cancel(call)
    assert call.future.result(TIMEOUT_S) == "cancelled"
    assert parent.ask("a") == ["a"]


def test_a_crash_fails_the_call_in_progress_and_later_calls_are_answered(parent):
    call, later = parent.child.call("crash"), parent.child.call("a")
    with pytest.raises(ChildLost) as raised:
        call.future.result(TIMEOUT_S)
    assert raised.value.exit_code == -signal.SIGABRT
    assert later.future.result(TIMEOUT_S) == ["a"]


def test_a_call_that_hangs_is_ended_after_the_deadline(parent):
    with pytest.raises(ChildLost, match="did not respond"):
        parent.ask("hang")
    assert parent.ask("a") == ["a"]


def test_progress_extends_the_deadline(parent):
    shares: list[float] = []
    assert parent.ask("work", progress=shares.append) == ["work"]
    assert shares == [done / 8 for done in range(8)]


def test_a_frozen_child_is_noticed_and_replaced(parent):
    parent.ask("a")
    parent.signal(signal.SIGSTOP)
    until(lambda: parent.lost, TIMEOUT_S)
    assert parent.lost[0][0].hung
    assert parent.ask("b") == ["b"]


def test_a_child_whose_threads_rest_is_replaced(parent):
    parent.ask("a")
    parent.child.call("rest")
    until(lambda: parent.lost, TIMEOUT_S)
    assert parent.lost[0][0].hung


def test_a_new_child_gets_the_latest_state(parent):
    for message in ("a", "b", "a"):
        parent.send(message).result(TIMEOUT_S)
    parent.signal(signal.SIGKILL)
    until(lambda: parent.lost, TIMEOUT_S)
    assert parent.ask("c") == ["b", "a", "c"]
    ((error, message),) = parent.lost
    assert (error.exit_code, error.hung, message) == (-signal.SIGKILL, False, None)


@pytest.mark.parametrize("message", ["crash", "exit", "hang"])
def test_the_state_that_ended_a_child_is_dropped(parent, message):
    parent.send("a")
    parent.send(message)
    assert parent.send("b").result(TIMEOUT_S) == ["a", "b"]
    assert [message for _, message in parent.lost] == [message]


def test_state_that_was_refused_is_not_sent_again(parent):
    parent.send("a")
    assert isinstance(parent.send("refuse").exception(TIMEOUT_S), SettingError)
    parent.signal(signal.SIGKILL)
    assert parent.ask("b") == ["a", "b"]


def test_state_after_which_children_keep_crashing_is_dropped(parent):
    parent.send("a").result(TIMEOUT_S)
    parent.send("crash soon").result(TIMEOUT_S)
    until(lambda: len(parent.lost) == 2, TIMEOUT_S)
    assert [message for _, message in parent.lost] == [None, "crash soon"]
    assert parent.ask("b") == ["a", "b"]


def test_state_is_reduced_to_the_latest_while_the_child_does_not_take_it(parent):
    parent.ask("a")
    parent.signal(signal.SIGSTOP)
    for value in range(10_000):
        parent.child.set_state(value % 10, value)
    assert len(parent.child._calls._waiting) <= 64
    parent.signal(signal.SIGCONT)
    assert parent.ask("b")[-11:] == [*range(9990, 10_000), "b"]


def test_a_child_without_calls_ends_and_starts_again_with_the_next_call(make_parent):
    parent = make_parent(rest_s=0.3)
    assert parent.child.process_id is None
    assert parent.ask("a") == ["a"]
    until(lambda: parent.child.process_id is None, TIMEOUT_S)
    assert parent.ask("b") == ["b"]
    assert not parent.lost


@pytest.mark.parametrize("grace_s", [0.0, 0.5])
def test_closing_ends_a_frozen_child_and_fails_calls(make_parent, grace_s):
    parent = make_parent(grace_s=grace_s)
    parent.ask("a")
    parent.signal(signal.SIGSTOP)
    call = parent.child.call("b")
    parent.child.close()
    assert isinstance(call.future.exception(0), ChildLost)
    assert isinstance(parent.child.call("c").future.exception(0), ChildLost)
    assert not parent.lost


def test_closing_a_child_that_never_started_fails_its_calls():
    child = ChildProcess(ChildProgram("toy", open_toy))
    call = child.call("a")
    child.close()
    assert isinstance(call.future.exception(0), ChildLost)
