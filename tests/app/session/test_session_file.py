from __future__ import annotations

import json
import os
import sys
import zipfile

import numpy as np
import pytest

from app.session.session_file import read_session, write_folder, write_session
from app.session.state import Clip, Live, Morph, SessionState, Slot, Start
from technogan.errors import OutputError, SourceError
from technogan.sound.level import Levels
from tests.app.fakes import loop_of, seed_of


def full_state():
    slots = [Slot() for _ in range(8)]
    slots[0] = Slot(Clip("Kanuto", loop_of(seed_of(3))), playing=True, level_db=-6.5)
    slots[5] = Slot(Clip("Ähm: a/b", loop_of(seed_of(-3), beats=2)), muted=True, soloed=True)
    return SessionState(
        model="beat",
        bpm=131.5,
        seed=seed_of(12.5),
        reference=seed_of(1),
        locked=frozenset({0, 63}),
        slots=tuple(slots),
        live=Live(on=False, level_db=-3),
        morph=Morph(a=5, b=0, position=0.25, steps=3, amount=4.5, spherical=True, target=7),
        start=Start.bar,
    )


def same(a, b):
    """Equal, but for the loops, whose sound and origin have to be."""
    plain = [SessionState(**{f: getattr(s, f) for f in SessionState.__slots__ if f != "slots"}) for s in (a, b)]
    clips = [[(slot.clip.name, slot.clip.loop) if slot.clip else None for slot in s.slots] for s in (a, b)]
    for one, other in zip(*clips, strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert one[0] == other[0]
            np.testing.assert_array_equal(one[1].samples, other[1].samples)
            assert (one[1].origin, one[1].beats) == (other[1].origin, other[1].beats)
            assert one[1].sample_rate == pytest.approx(other[1].sample_rate)
    played = [[(s.playing, s.muted, s.soloed, s.level_db) for s in state.slots] for state in (a, b)]
    return plain[0] == plain[1] and played[0] == played[1]


@pytest.mark.parametrize("write", [write_session, write_folder])
def test_a_session_comes_back(tmp_path, write):
    state, path = full_state(), tmp_path / "a session.technogan"
    write(state, path)
    assert same(read_session(path), state)


def test_sounds_in_it_are_wav_files(tmp_path):
    write_session(full_state(), tmp_path / "s.technogan")
    with zipfile.ZipFile(tmp_path / "s.technogan") as archive:
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        assert len(sounds) == 2
        assert archive.read(sounds[0]).startswith(b"RIFF")


def test_the_folder_writes_a_sound_once_and_drops_it_when_it_is_gone(tmp_path):
    state = full_state()
    write_folder(state, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")}
    write_folder(SessionState(**{f: getattr(state, f) for f in SessionState.__slots__} | {"bpm": 99.0}), tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")} == before
    write_folder(SessionState(), tmp_path)
    assert list(tmp_path.glob("sounds/*")) == []
    assert read_session(tmp_path) == SessionState()


def test_a_magnitude_of_silence_and_odd_lengths_come_back(tmp_path):
    loop = loop_of(seed_of(1))
    silent = type(loop)(np.zeros(1000, np.float32), 1000.0, 60.0, 1, loop.magnitude, Levels(-np.inf, -np.inf, 0, 0, 0))
    write_session(SessionState(slots=(Slot(Clip("silence", silent)),)), tmp_path / "s.technogan")
    clip = read_session(tmp_path / "s.technogan").slots[0].clip
    assert clip is not None
    assert not clip.loop.samples.any()


def rewritten(path, change):
    """The session's JSON, changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(parts["session.json"])
    parts["session.json"] = change(content)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def setting(name, value):
    return lambda content: json.dumps(content | {name: value}).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"null",
        lambda _: b"{" * 100_000,
        lambda _: b"\xff\xfe",
        lambda content: json.dumps({name: content[name] for name in content if name != "morph"}).encode(),
        setting("TechnoGAN session", 2),
        setting("bpm", 0),
        setting("bpm", "fast"),
        setting("bpm", float("nan")),
        setting("seed", [1e9] * 64),
        setting("seed", []),
        setting("seed", ["a"]),
        setting("reference", [0]),
        setting("slots", []),
        setting("slots", [{}] * 8),
        setting("slots", 3),
        setting("live", {"on": True, "level_db": 99}),
        setting("live", {"unknown": 1}),
        setting("morph", {"steps": -1}),
        setting("start", "never"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(tmp_path, change):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    rewritten(path, change)
    with pytest.raises(SourceError, match=r"s\.technogan"):
        read_session(path)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path, share):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(SourceError):
        read_session(path)


def test_a_sound_that_is_missing_is_told(tmp_path):
    write_folder(full_state(), tmp_path)
    next(tmp_path.glob("sounds/*")).unlink()
    with pytest.raises(SourceError):
        read_session(tmp_path)


def test_no_file_is_no_session(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_session(tmp_path / "nothing.technogan")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError):
        write_session(SessionState(), tmp_path / "s.technogan")


def test_a_disk_that_is_full_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "s.technogan"
    write_session(SessionState(), path)
    with pytest.raises(OutputError):
        write_session(full_state(), path / "below")
    assert read_session(path) == SessionState()
