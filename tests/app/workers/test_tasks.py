from __future__ import annotations

import threading

import pytest

from app.workers.tasks import Background
from technogan.errors import Cancelled, OutputError


@pytest.fixture
def background(qtbot):
    made = Background("test")
    yield made
    assert made.close()


def test_one_after_another(background, qtbot):
    done: list = []
    for i in range(5):
        background.submit(f"task {i}", lambda _progress, _stop, i=i: i, done.append)
    qtbot.waitUntil(lambda: len(done) == 5)
    assert done == [0, 1, 2, 3, 4]
    qtbot.waitUntil(lambda: not background.busy)


def test_work_runs_elsewhere_and_is_done_here(background, qtbot):
    threads = []
    background.submit(
        "task",
        lambda _progress, _stop: threads.append(threading.get_ident()),
        lambda _: threads.append(threading.get_ident()),
    )
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[1] == threading.get_ident() != threads[0]


def test_progress_is_told(background, qtbot):
    told: list = []
    background.progressed.connect(told.append)

    def work(progress, _stop):
        for i in range(4):
            progress(i / 4)

    with qtbot.waitSignal(background.idle):
        background.submit("task", work, lambda _: None)
    assert told == [0, 0.25, 0.5, 0.75]


def test_cancelling_stops_what_runs_and_forgets_what_waits(background, qtbot):
    running = threading.Event()
    done: list = []
    failed: list = []

    def work(_progress, stop):
        running.set()
        while not stop():
            pass
        raise Cancelled

    background.failed.connect(lambda what, error: failed.append(what))
    background.submit("long", work, done.append)
    background.submit("next", lambda _progress, _stop: 1, done.append)
    assert running.wait(5)
    with qtbot.waitSignal(background.idle):
        background.cancel()
    assert (done, failed) == ([], [])


@pytest.mark.parametrize("error", [OutputError, ZeroDivisionError])
def test_a_failure_is_told_and_the_next_one_done(background, qtbot, error, tmp_path, caplog):
    def work(_progress, _stop):
        if error is OutputError:
            raise OutputError(tmp_path, "the disk is full")
        raise ZeroDivisionError

    done: list = []
    with qtbot.waitSignal(background.failed) as told:
        background.submit("writing", work, done.append)
        background.submit("next", lambda _progress, _stop: 1, done.append)
    assert told.args[0] == "writing"
    assert isinstance(told.args[1], error)
    qtbot.waitUntil(lambda: done == [1])
    assert ("writing failed" in caplog.text) == (error is ZeroDivisionError)
