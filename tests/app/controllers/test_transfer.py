"""Sessions that replace each other: none is lost."""

import json
import threading

import pytest

from app.controllers.transfer import Transfer
from app.session.earlier_sessions import EarlierSessions
from app.session.session_file import read_session, write_folder, write_session
from app.session.state import Clip, SessionState, Slot
from technogan.seeds.paths import MAX_STEPS
from technogan.sound.loop import BEATS_PER_BAR
from tests.app.fakes import loop_of, seed_of


@pytest.fixture
def earlier(tmp_path):
    return EarlierSessions(tmp_path / "earlier")


@pytest.fixture
def transfer(session, tasks, notifications, earlier):
    return Transfer(session, tasks, notifications, earlier)


def clip(value):
    return Clip(f"clip {value}", loop_of(seed_of(value)))


def name_in(state, index=0):
    clip = state.slots[index].clip
    return clip.name if clip else None


def test_a_new_session_can_be_undone_and_the_earlier_one_opened(session, transfer, earlier, tasks, messages, qtbot):
    session.fill(0, clip(1))
    session.set_bpm(141)
    transfer.new()
    assert session.state.slots[0].clip is None
    assert "undo brings the previous one back" in messages[0]
    qtbot.waitUntil(lambda: not tasks.busy)
    session.undo_stack.undo()
    assert name_in(session.state) == "clip 1"
    session.undo_stack.redo()
    transfer.open_earlier(earlier.paths()[0])
    qtbot.waitUntil(lambda: session.state.slots[0].clip is not None)
    assert session.path is None
    assert not session.is_saved


def test_new_sessions_without_any_work_are_not_kept(session, transfer, earlier, tasks, qtbot):
    session.fill(0, clip(1))
    for _ in range(3):
        transfer.new()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert len(earlier.paths()) == 1


def test_the_session_that_an_opened_one_replaces_is_kept(session, transfer, earlier, tasks, tmp_path, qtbot):
    write_session(SessionState(bpm=99.0), tmp_path / "a.technogan")
    session.fill(0, clip(1))
    transfer.open(tmp_path / "a.technogan")
    qtbot.waitUntil(lambda: session.state.bpm == 99 and not tasks.busy)
    assert session.path == tmp_path / "a.technogan"
    assert session.is_saved
    assert name_in(read_session(earlier.paths()[0])) == "clip 1"
    transfer.new()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert len(earlier.paths()) == 1  # the file has that session


def test_what_waits_to_be_written_is_written_at_the_end(session, transfer, earlier, tasks, tmp_path):
    release = threading.Event()
    tasks.submit("long", lambda _progress, _stop: release.wait(20), lambda _: None)
    session.fill(0, clip(1))
    transfer.save(tmp_path / "a.technogan")
    transfer.new()
    tasks.cancel()
    release.set()
    transfer.close()
    assert name_in(read_session(tmp_path / "a.technogan")) == "clip 1"
    assert len(earlier.paths()) == 1


def test_saving_never_overwrites_a_file_with_loops_that_do_not_fit(session, transfer, tasks, messages, tmp_path, qtbot):
    path = tmp_path / "large.technogan"
    write_session(SessionState(slots=tuple(Slot(clip(i)) for i in range(10))), path)
    transfer.open(path)
    qtbot.waitUntil(lambda: session.state.slots[0].clip is not None)
    assert session.path is None
    assert any("left out: clip 8, clip 9" in text for text in messages)


def test_opening_cancels_what_was_to_come_for_the_previous_session(session, transfer):
    reserved = session.reserve(0, "fade")
    transfer.new()
    assert "another session" in session.land(reserved, clip(1))


def test_a_damaged_session_opens_without_the_loop_that_cannot_be_read(
    session, transfer, tasks, messages, tmp_path, qtbot
):
    folder = tmp_path / "damaged"
    write_folder(SessionState(bpm=99.0, slots=(Slot(clip(0)), Slot(clip(1)))), folder)
    content = json.loads((folder / "session.json").read_text())
    content["slots"][0]["clip"]["beats"] = -4
    (folder / "session.json").write_text(json.dumps(content))
    transfer.open(folder)
    qtbot.waitUntil(lambda: session.state.bpm == 99)
    assert [name_in(session.state, i) for i in (0, 1)] == [None, "clip 1"]
    assert session.path is None
    assert messages[-1] == (
        f"damaged: slots[0].clip: beats is -4; it must be from 1 to {MAX_STEPS * BEATS_PER_BAR}; that slot is empty"
    )
