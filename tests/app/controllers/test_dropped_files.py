"""Dropped files: every loop lands where it was dropped, or a message says why not."""

import os
import sys

import numpy as np
import pytest
import soundfile

from app.controllers.dropped_files import DroppedFiles
from app.session.session_file import write_folder
from app.session.state import Clip, SessionState
from technogan.seeds.origin import Origin
from tests.app.fakes import SPEC, loop_of, seed_of


@pytest.fixture
def opened():
    """The sessions that were opened."""
    return []


@pytest.fixture
def dropped(session, tasks, notifications, opened):
    return DroppedFiles(session, tasks, notifications, opened.append, lambda: SPEC)


@pytest.fixture
def sounds(tmp_path):
    """Return the paths of sounds of these names."""

    def write(names):
        paths = [tmp_path / f"{name}.wav" for name in names]
        tone = np.sin(np.arange(20672) / 20).astype(np.float32)
        for path in paths:
            soundfile.write(path, tone, 44100)
        return [str(path) for path in paths]

    return write


@pytest.fixture
def load(dropped, tasks, qtbot):
    """Drop files and wait until all are read."""

    def drop(paths, slot=None):
        dropped.load(paths, slot)
        qtbot.waitUntil(lambda: not tasks.busy)

    return drop


def names(session):
    return " ".join(slot.clip.name if slot.clip else "-" for slot in session.state.slots)


def clip(value):
    return Clip(f"kept{value}", loop_of(seed_of(value)))


def test_every_file_gets_a_slot_of_its_own(session, load, sounds, messages):
    load(sounds("abc"))
    assert names(session) == "a b c - - - - -"
    assert messages == []


def test_files_dropped_onto_a_slot_replace_only_that_one(session, load, sounds, messages):
    for i in (5, 7):
        session.fill(i, clip(i))
    load(sounds("abcd"), 5)
    assert names(session) == "c d - - - a b kept7"
    assert messages == []


def test_files_for_which_no_slot_is_empty_are_named(session, load, sounds, messages):
    for i in range(1, 8):
        session.fill(i, clip(i))
    load(sounds("abc"), 6)
    assert names(session) == "b kept1 kept2 kept3 kept4 kept5 a kept7"
    assert messages == ["No slot is empty for c.wav; clear slots, or drop single files onto the slots to replace"]


def test_a_second_drop_while_the_first_is_read(session, dropped, tasks, sounds, messages, qtbot):
    for name in "abc":
        dropped.load(sounds(name), 2)
    dropped.load(sounds("de"))
    qtbot.waitUntil(lambda: not tasks.busy)
    assert names(session) == "d e a - - - - -"
    assert [("slot 3" in text, "waits for a.wav" in text) for text in messages] == [(True, True)] * 2
    assert "b.wav" in messages[0]


def test_a_slot_is_free_again_after_a_file_that_cannot_be_read(session, load, tmp_path, messages):
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    for _ in range(2):
        load([str(tmp_path / "bad.wav")], 2)
    assert len(messages) == 2
    assert all("cannot be read as sound" in text for text in messages)
    assert session.first_empty(after=1) == 2


def test_files_beyond_the_sixteenth_are_reported(session, dropped, tasks, sounds, messages, qtbot):
    dropped.load([*sounds("a") * 100])
    assert messages[0] == "100 files were dropped; only the first 16 are loaded; drop the others after them"
    qtbot.waitUntil(lambda: not tasks.busy)


def test_a_link_and_a_folder_are_reported(load, tmp_path, messages, opened):
    load([""])
    load([str(tmp_path)])
    assert "A link cannot be dropped here" in messages[0]
    assert f"{tmp_path}: is a folder; drop the sounds in it instead" in messages[1]
    assert opened == []


def test_the_folder_of_a_session_is_opened(load, tmp_path, opened):
    write_folder(SessionState(), tmp_path / "autosave")
    load([str(tmp_path / "autosave")])
    assert opened == [tmp_path / "autosave"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")
@pytest.mark.parametrize("name", ["a.wav", "a.json", "a.png", "a"])
def test_a_pipe_does_not_block(load, tmp_path, messages, name):
    os.mkfifo(tmp_path / name)
    load([str(tmp_path / name)])
    assert len(messages) == 1
    assert name in messages[0]


def test_several_files_with_seeds_go_into_slots(session, load, tmp_path):
    paths = [str(tmp_path / f"{i}.wav") for i in (1, 2)]
    for i, path in enumerate(paths):
        loop_of(seed_of(i + 1)).save(path)
    load(paths)
    assert [session.state.slots[i].clip.seed for i in (0, 1)] == [seed_of(1), seed_of(2)]
    assert session.state.seed == seed_of(0)


@pytest.mark.parametrize(
    ("model", "version", "said"),
    [("beat", "1", ""), ("bar", "1", "belongs to the model bar"), ("beat", "2", "beat (version 2)")],
)
def test_a_seed_of_another_model_is_reported(session, load, tmp_path, messages, model, version, said):
    loop = loop_of(seed_of(7))
    comment = Origin(model, (seed_of(7),), 128.0, 1, version)
    type(loop)(**{name: getattr(loop, name) for name in loop.__slots__} | {"origin": comment}).save(tmp_path / "a.wav")
    load([str(tmp_path / "a.wav")])
    assert session.state.seed == seed_of(7)
    assert messages[0].startswith("Loaded the seed of a.wav")
    assert (said in messages[0]) if said else (messages[0] == "Loaded the seed of a.wav")


def test_nothing_is_read_in_the_gui_thread(dropped, tasks, sounds, monkeypatch):
    """Dropping a hundred files only submits tasks: no file is opened meanwhile."""
    paths = [*sounds("abcdefghijklmnop"), *sounds("q") * 84]
    monkeypatch.setattr(tasks, "submit", lambda *_arguments, **_named: None)
    monkeypatch.setattr("pathlib.Path.open", None)
    monkeypatch.setattr("pathlib.Path.stat", None)
    dropped.load(paths)
    for path in (paths[0], "a.png", "a.json", "folder"):
        dropped.load([path])
