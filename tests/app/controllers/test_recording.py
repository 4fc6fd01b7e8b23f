"""Recordings start and stop without blocking the window."""

import threading

import pytest

from app.audio.recorder import Recording
from app.controllers.recording import RecordingController
from technogan.errors import OutputError


class SlowPlayer:
    """A player that answers when `answer` is set."""

    def __init__(self):
        self.answer = threading.Event()
        self.recording = None
        self.error = None
        self.calls = []

    def record(self, path):
        assert self.answer.wait(20)
        self.calls.append("record")
        if self.error is not None:
            raise self.error
        self.recording = Recording(path, 0.0, True, None)

    def stop_recording(self):
        self.calls.append("stop")
        self.recording = None


@pytest.fixture
def player():
    made = SlowPlayer()
    yield made
    made.answer.set()


@pytest.fixture
def recording(player, tasks, notifications):
    return RecordingController(player, tasks, notifications)


def test_the_start_of_a_recording_does_not_block(recording, player, tasks, qtbot):
    recording.toggle()
    assert player.calls == []
    player.answer.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert player.calls == ["record"]
    recording.toggle()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert player.calls == ["record", "stop"]


def test_a_second_press_while_it_starts_stops_it(recording, player, tasks, qtbot):
    recording.toggle()
    recording.toggle()
    player.answer.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert player.calls == ["record", "stop"]


def test_a_recording_that_cannot_start_is_reported(recording, player, tasks, messages, tmp_path, qtbot):
    player.error = OutputError(tmp_path, "the disk is full")
    player.answer.set()
    for _ in range(2):
        recording.toggle()
        qtbot.waitUntil(lambda: not tasks.busy)
    assert player.calls == ["record", "record"]
    assert any("the disk is full" in text for text in messages)
