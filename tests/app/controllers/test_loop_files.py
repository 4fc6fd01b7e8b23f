"""Files that are dragged out of slots."""

import threading
from types import SimpleNamespace

import pytest

from app.controllers import loop_files
from app.controllers.loop_files import LoopFiles
from app.session.state import Clip
from tests.app.fakes import loop_of, seed_of

PLAYER = SimpleNamespace(status=SimpleNamespace(sample_rate=44100))


@pytest.fixture
def files(session, tasks, notifications):
    made = LoopFiles(session, tasks, notifications, PLAYER)
    yield made
    made.close()


def drag_out(files, qtbot, index):
    ready: list = []
    files.prepare_drag(index, ready.append)
    qtbot.waitUntil(lambda: bool(ready))
    return ready[0]


def test_loops_are_resampled_and_written_outside_of_the_gui_thread(session, files, tasks, monkeypatch, qtbot):
    session.fill(0, Clip("a", loop_of(seed_of(1), beats=32)))
    threads = []
    write = loop_files._write_whole

    def write_here(*arguments):
        threads.append(threading.get_ident())
        return write(*arguments)

    monkeypatch.setattr(loop_files, "_write_whole", write_here)
    (path,) = drag_out(files, qtbot, 0)
    assert path.name == "a 128 bpm.wav"
    assert threads
    assert threading.get_ident() not in threads


def test_loops_of_the_same_name_do_not_replace_each_other(session, files, qtbot):
    for i in (0, 1):
        session.fill(i, Clip("same", loop_of(seed_of(i))))
    (first,), (second,) = (drag_out(files, qtbot, i) for i in (0, 1))
    assert first.name == second.name
    assert first.read_bytes() != second.read_bytes()


def test_another_tempo_or_loop_is_written_again(session, files, qtbot):
    session.fill(0, Clip("a", loop_of(seed_of(1))))
    first = drag_out(files, qtbot, 0)
    assert drag_out(files, qtbot, 0) == first
    session.set_bpm(140)
    assert drag_out(files, qtbot, 0)[0].name == "a 140 bpm.wav"
    session.fill(0, Clip("b", loop_of(seed_of(2))))
    assert drag_out(files, qtbot, 0)[0].name == "b 140 bpm.wav"


def test_suggested_names_are_file_names(session, files):
    session.fill(0, Clip("../../a/b", loop_of(seed_of(1))))
    assert files.suggest_name(0) == "_.._a_b 128 bpm.wav"
    assert files.suggest_name(1) == ""
