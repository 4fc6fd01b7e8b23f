"""The queue of tasks."""

import gc
import threading

import pytest

from app.workers.tasks import TaskQueue
from app.workers.thread import is_any_left_running
from technogan.errors import Cancelled, OutputError


@pytest.fixture
def queue(qtbot):
    made = TaskQueue("test")
    yield made
    assert made.close()


def test_tasks_run_one_after_another(queue, qtbot):
    done: list = []
    for i in range(5):
        queue.submit(f"task {i}", lambda _progress, _stop, i=i: i, done.append)
    qtbot.waitUntil(lambda: len(done) == 5)
    assert done == [0, 1, 2, 3, 4]
    qtbot.waitUntil(lambda: not queue.busy)


def test_work_runs_in_its_thread_and_done_in_this_one(queue, qtbot):
    threads = []
    queue.submit(
        "task",
        lambda _progress, _stop: threads.append(threading.get_ident()),
        lambda _: threads.append(threading.get_ident()),
    )
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[1] == threading.get_ident() != threads[0]


def test_progress_is_reported(queue, qtbot):
    reported: list = []
    queue.progressed.connect(reported.append)

    def work(progress, _stop):
        for i in range(4):
            progress(i, 4)

    with qtbot.waitSignal(queue.idle):
        queue.submit("task", work, lambda _: None)
    assert reported == [0, 0.25, 0.5, 0.75]


def test_cancel_stops_the_running_task_and_discards_the_rest(queue, qtbot):
    running = threading.Event()
    done: list = []
    failed: list = []

    def work(_progress, stop):
        running.set()
        while not stop():
            pass
        raise Cancelled

    queue.failed.connect(lambda what, error: failed.append(what))
    queue.submit("long", work, done.append)
    queue.submit("next", lambda _progress, _stop: 1, done.append)
    assert running.wait(5)
    with qtbot.waitSignal(queue.idle):
        queue.cancel()
    assert (done, failed) == ([], [])


@pytest.mark.parametrize("error", [OutputError, ZeroDivisionError])
def test_a_failure_is_reported_and_the_next_task_runs(queue, qtbot, error, tmp_path, caplog):
    def work(_progress, _stop):
        if error is OutputError:
            raise OutputError(tmp_path, "the disk is full")
        raise ZeroDivisionError

    done: list = []
    with qtbot.waitSignal(queue.failed) as failure:
        queue.submit("writing", work, done.append)
        queue.submit("next", lambda _progress, _stop: 1, done.append)
    assert failure.args[0] == "writing"
    assert isinstance(failure.args[1], error)
    qtbot.waitUntil(lambda: done == [1])
    assert ("writing failed" in caplog.text) == (error is ZeroDivisionError)


def test_every_task_ends_once_however_it_goes(queue, qtbot, caplog):
    ended: list = []
    release = threading.Event()

    def fail(_progress, _stop):
        raise ZeroDivisionError

    def wait(_progress, stop):
        release.wait(20)
        if stop():
            raise Cancelled

    queue.submit("done", lambda _progress, _stop: 1, lambda _: ended.append("result"), ended=lambda: ended.append(1))
    queue.submit("failed", fail, ended.append, ended=lambda: ended.append(2))
    queue.submit("cancelled", wait, ended.append, ended=lambda: ended.append(3))
    queue.submit("never begun", wait, ended.append, ended=lambda: ended.append(4))
    qtbot.waitUntil(lambda: 2 in ended)
    with qtbot.waitSignal(queue.idle):
        queue.cancel()
        release.set()
    assert ended == ["result", 1, 2, 4, 3]


def test_a_result_that_cannot_be_used_is_reported_and_the_next_task_runs(queue, qtbot, tmp_path):
    def use(_):
        raise OutputError(tmp_path, "gone")

    done: list = []
    with qtbot.waitSignal(queue.failed) as failure:
        queue.submit("using", lambda _progress, _stop: 1, use)
        queue.submit("next", lambda _progress, _stop: 1, done.append)
    assert failure.args[0] == "using"
    qtbot.waitUntil(lambda: done == [1])


def test_a_task_that_ignores_the_request_to_stop_is_left_running(qtbot):
    queue = TaskQueue("stubborn")
    running, ending = threading.Event(), threading.Event()

    def work(_progress, _stop):
        running.set()
        assert ending.wait(20)

    queue.submit("work", work, lambda _: None)
    assert running.wait(20)
    assert not queue.close(0.05)
    assert is_any_left_running()
    # Qt would abort the process here if nothing kept the thread.
    del queue
    gc.collect()
    ending.set()
    qtbot.waitUntil(lambda: not is_any_left_running())
