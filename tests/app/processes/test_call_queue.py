"""The order of calls to a child, and what the next child gets."""

import pytest

from app.processes.call_queue import CallQueue
from app.processes.protocol import Answer, Call, Cancel, Progressed, Started
from technogan.errors import Cancelled, SettingError

LOST = SettingError("child", "gone", "there")


@pytest.fixture
def calls():
    return CallQueue()


def take_all(calls, count):
    return [taken.message for taken in (calls.take() for _ in range(count)) if isinstance(taken, Call)]


def answer(calls, number, value=None, error=None):
    calls.receive(Started(number))
    calls.receive(Answer(number, value, error))


def test_calls_are_taken_in_their_order_and_answered(calls):
    first, second = calls.add("a"), calls.add("b")
    assert take_all(calls, 2) == ["a", "b"]
    answer(calls, first.number, 5)
    answer(calls, second.number, error=LOST)
    assert first.future.result(0) == 5
    assert second.future.exception(0) is LOST


def test_progress_is_passed_on(calls):
    shares: list[float] = []
    call = calls.add("a", progress=shares.append)
    calls.take()
    calls.receive(Started(call.number))
    calls.receive(Progressed(call.number, 0.5))
    assert shares == [0.5]


def test_a_waiting_call_is_withdrawn_and_a_taken_one_cancelled(calls):
    taken, waiting = calls.add("a"), calls.add("b")
    calls.take()
    calls.cancel(waiting)
    assert isinstance(waiting.future.exception(0), Cancelled)
    calls.cancel(taken)
    assert calls.take() == Cancel(taken.number)
    assert not taken.future.done()
    answer(calls, taken.number, 1)
    calls.cancel(taken)
    calls.end_child()
    assert calls.take() is None


def test_the_next_child_gets_the_state_and_then_what_was_not_started(calls):
    state = [calls.add(name, key=name) for name in "ab"]
    request = calls.add("request")
    take_all(calls, 3)
    answer(calls, state[0].number)
    answer(calls, state[1].number)
    calls.add("new a", key="a")
    assert calls.restart(LOST, blame=True) is None
    assert take_all(calls, 3) == ["b", "new a", "request"]
    assert not request.future.done()


@pytest.mark.parametrize(("blame", "dropped", "rest"), [(True, "a", ["b"]), (False, None, ["a", "b"])])
def test_the_state_in_progress_is_dropped_if_it_is_to_blame(calls, blame, dropped, rest):
    call = calls.add("a", key="a")
    calls.add("b", key="b")
    take_all(calls, 2)
    calls.receive(Started(call.number))
    assert calls.restart(LOST, blame=blame) == dropped
    assert take_all(calls, len(rest)) == rest


def test_a_request_in_progress_fails(calls):
    call = calls.add("a")
    calls.take()
    calls.receive(Started(call.number))
    assert calls.restart(LOST, blame=False) is None
    assert call.future.exception(0) is LOST
    assert not calls.wait_for_work(0)


def test_a_key_is_dropped_from_the_state(calls):
    for name in "ab":
        calls.add(name, key=name)
    assert calls.newest_state() == "b"
    assert calls.drop_state("b") == "b"
    assert calls.drop_state("b") is None
    calls.restart(LOST, blame=False)
    assert take_all(calls, 1) == ["a"]
    assert not calls.wait_for_work(0)


def test_a_closed_queue_fails_calls(calls):
    call = calls.add("a")
    calls.close(LOST)
    assert calls.take() is None
    calls.fail_all(LOST)
    assert call.future.exception(0) is LOST
    assert calls.add("b").future.exception(0) is LOST
    assert calls.wait_for_close(0)
    assert calls.idle_s() >= 0
