import functools
import json

import pytest

from app.session.recovery import Recovery
from app.session.session_file import write_folder
from app.session.state import Clip, SessionState, Slot
from tests.app.fakes import loop_of, seed_of, with_stems

STATE = SessionState(bpm=99.0)


def left_behind(folder):
    write_folder(STATE, folder / "autosave")


def test_the_first_start_is_fresh(tmp_path):
    found = Recovery(tmp_path).begin()
    assert (found.state, found.note) == (None, "")


def test_after_a_normal_end_the_session_is_restored_silently(tmp_path):
    recovery = Recovery(tmp_path)
    recovery.begin()
    left_behind(tmp_path)
    recovery.end()
    found = Recovery(tmp_path).begin()
    assert (found.state, found.note) == (STATE, "")


def test_after_a_crash_the_session_is_restored_with_a_message(tmp_path):
    Recovery(tmp_path).begin()
    left_behind(tmp_path)
    found = Recovery(tmp_path).begin()
    assert found.state == STATE
    assert "unexpectedly" in found.note


def test_damaged_stems_are_reported(tmp_path):
    write_folder(SessionState(slots=(Slot(Clip("a", with_stems(loop_of(seed_of(1))))),)), tmp_path / "autosave")
    content = json.loads((tmp_path / "autosave" / "session.json").read_text())
    kick = content["slots"][0]["clip"]["stems"]["kick"]
    (tmp_path / "autosave" / kick).unlink()
    found = Recovery(tmp_path).begin()
    assert found.state is not None
    assert found.serious
    assert found.note.startswith(f"a is loaded without its stems: {kick} is missing. It was moved to ")


def test_a_session_that_crashes_twice_is_set_aside(tmp_path):
    left_behind(tmp_path)
    for _ in range(2):
        assert Recovery(tmp_path).begin().state == STATE
    found = Recovery(tmp_path).begin()
    assert (found.state, found.serious) == (None, True)
    assert "autosave-set-aside-1" in found.note
    assert (tmp_path / "autosave-set-aside-1" / "session.json").is_file()
    assert Recovery(tmp_path).begin().state is None


def test_a_crash_long_after_the_start_does_not_count(tmp_path):
    left_behind(tmp_path)
    for _ in range(5):
        recovery = Recovery(tmp_path)
        assert recovery.begin().state == STATE
        recovery.settle()


@pytest.mark.parametrize("content", [b"", b"{}", b"\0" * 100, b'{"TechnoGAN session": 1}'])
def test_an_unreadable_session_is_set_aside(tmp_path, content):
    left_behind(tmp_path)
    (tmp_path / "autosave" / "session.json").write_bytes(content)
    found = Recovery(tmp_path).begin()
    assert (found.state, found.serious) == (None, True)
    assert (tmp_path / "autosave-set-aside-1").is_dir()


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("bpm",), float("inf")),
        (("bpm",), 0),
        (("slots", 0, "clip", "beats"), 0),
        (("slots", 0, "clip", "bpm"), float("inf")),
        (("slots", 0, "clip", "bpm"), 0),
        (("slots", 0, "clip", "beats"), float("inf")),
    ],
)
def test_the_first_start_recovers_from_impossible_numbers(tmp_path, keys, value):
    """Whatever the number, the session that starts can be played, and the damaged one is kept."""
    clips = (Clip("first", loop_of(seed_of(1))), Clip("second", loop_of(seed_of(2))))
    write_folder(SessionState(slots=tuple(map(Slot, clips))), tmp_path / "autosave")
    path = tmp_path / "autosave" / "session.json"
    content = json.loads(path.read_text())
    functools.reduce(lambda table, key: table[key], keys[:-1], content)[keys[-1]] = value
    path.write_text(json.dumps(content))
    Recovery(tmp_path).earlier.keep(STATE)
    found = Recovery(tmp_path).begin()
    assert found.serious
    assert str(tmp_path / "autosave-set-aside-1") in found.note
    assert ".".join(map(str, keys[:1])) in found.note
    assert (tmp_path / "autosave-set-aside-1" / "session.json").is_file()
    assert found.state is not None
    if keys == ("bpm",):
        assert found.state == STATE
        assert "This is the session of" in found.note
    else:  # only that loop is lost
        assert [slot.clip.name if slot.clip else None for slot in found.state.slots] == [None, "second"]


def test_a_damaged_sound_costs_only_its_loop(tmp_path):
    clips = (Clip("first", loop_of(seed_of(1))), Clip("second", loop_of(seed_of(2))))
    write_folder(SessionState(slots=tuple(map(Slot, clips))), tmp_path / "autosave")
    content = json.loads((tmp_path / "autosave" / "session.json").read_text())
    sound = tmp_path / "autosave" / content["slots"][1]["clip"]["sound"]
    sound.write_bytes(bytes(sound.stat().st_size))
    found = Recovery(tmp_path).begin()
    assert found.state is not None
    assert [slot.clip.name if slot.clip else None for slot in found.state.slots] == ["first", None]
    assert found.note.startswith("slots[1].clip: ")


def test_a_folder_that_cannot_be_renamed_is_copied(tmp_path, monkeypatch):
    left_behind(tmp_path)
    monkeypatch.setattr("pathlib.Path.rename", refuse)
    assert Recovery(tmp_path).begin(safe=True).state is None
    for name in ("autosave", "autosave-set-aside-1"):
        assert (tmp_path / name / "session.json").is_file()


def refuse(*_arguments):
    raise PermissionError


def test_safe_mode_sets_the_saved_session_aside(tmp_path):
    left_behind(tmp_path)
    found = Recovery(tmp_path).begin(safe=True)
    assert found.state is None
    assert (tmp_path / "autosave-set-aside-1" / "session.json").is_file()


def test_an_unreadable_counter_counts_as_one_crash(tmp_path):
    left_behind(tmp_path)
    (tmp_path / "running").write_text("many")
    assert "unexpectedly" in Recovery(tmp_path).begin().note
