from __future__ import annotations

import json
import os
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from app.session import session_content
from app.session.session_file import read_session, write_folder, write_session
from app.session.state import Clip, Live, Morph, SessionState, Slot, Start, Stem, StemMix
from technogan.errors import OutputError, SourceError
from technogan.sound.level import Levels
from tests.app.fakes import STEMS, loop_of, seed_of, with_stems


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
    """Compare two states; of their loops, compare samples and origin."""
    plain = [SessionState(**{f: getattr(s, f) for f in SessionState.__slots__ if f != "slots"}) for s in (a, b)]
    clips = [[(slot.clip.name, slot.clip.loop) if slot.clip else None for slot in s.slots] for s in (a, b)]
    for one, other in zip(*clips, strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert one[0] == other[0]
            np.testing.assert_array_equal(one[1].samples, other[1].samples)
            assert (one[1].origin, one[1].beats) == (other[1].origin, other[1].beats)
            assert one[1].sample_rate == pytest.approx(other[1].sample_rate)
            assert list(one[1].stems) == list(other[1].stems)
            for name, stem in one[1].stems.items():
                np.testing.assert_array_equal(stem, other[1].stems[name])
    played = [[(s.playing, s.muted, s.soloed, s.level_db, s.stems) for s in state.slots] for state in (a, b)]
    return plain[0] == plain[1] and played[0] == played[1]


@pytest.mark.parametrize("write", [write_session, write_folder])
def test_a_session_survives_writing_and_reading(tmp_path, write):
    state, path = full_state(), tmp_path / "a session.technogan"
    write(state, path)
    assert same(read_session(path), state)


def test_the_sounds_of_a_session_are_wav_files(tmp_path):
    write_session(full_state(), tmp_path / "s.technogan")
    with zipfile.ZipFile(tmp_path / "s.technogan") as archive:
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        assert len(sounds) == 2
        assert archive.read(sounds[0]).startswith(b"RIFF")


def test_a_sound_is_written_once_and_deleted_with_its_clip(tmp_path):
    state = full_state()
    write_folder(state, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")}
    write_folder(SessionState(**{f: getattr(state, f) for f in SessionState.__slots__} | {"bpm": 99.0}), tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")} == before
    write_folder(SessionState(), tmp_path)
    assert list(tmp_path.glob("sounds/*")) == []
    assert read_session(tmp_path) == SessionState()


def test_silence_and_odd_lengths_survive_writing_and_reading(tmp_path):
    loop = loop_of(seed_of(1))
    silent = type(loop)(np.zeros(1000, np.float32), 1000.0, 60.0, 1, loop.magnitude, Levels(-np.inf, -np.inf, 0, 0, 0))
    write_session(SessionState(slots=(Slot(Clip("silence", silent)),)), tmp_path / "s.technogan")
    clip = read_session(tmp_path / "s.technogan").slots[0].clip
    assert clip is not None
    assert not clip.loop.samples.any()


def rewritten(path, change):
    """Rewrite the JSON of a session."""
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
        setting("TechnoGAN session", 4),
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
        setting("live", {"stems": 3}),
        setting("live", {"stems": {"stems": [], "solo": None}}),
        setting("live", {"stems": {"stems": {"kick": {"on": 1}}}}),
        setting("live", {"stems": {"stems": {"kick": {"level_db": 99}}}}),
        setting("live", {"stems": {"solo": 1}}),
        setting("morph", {"steps": -1}),
        setting("start", "never"),
    ],
)
def test_impossible_content_is_refused(tmp_path, change):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    rewritten(path, change)
    with pytest.raises(SourceError, match=r"s\.technogan"):
        read_session(path)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path, share):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(SourceError):
        read_session(path)


def test_a_missing_sound_is_reported(tmp_path):
    write_folder(full_state(), tmp_path)
    next(tmp_path.glob("sounds/*")).unlink()
    with pytest.raises(SourceError):
        read_session(tmp_path)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_session(tmp_path / "nothing.technogan")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError):
        write_session(SessionState(), tmp_path / "s.technogan")


def test_a_full_disk_leaves_the_previous_file(tmp_path):
    path = tmp_path / "s.technogan"
    write_session(SessionState(), path)
    with pytest.raises(OutputError):
        write_session(full_state(), path / "below")
    assert read_session(path) == SessionState()


def test_a_session_of_a_newer_version_is_refused_by_name(tmp_path):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    rewritten(path, setting("TechnoGAN session", 4))
    with pytest.raises(SourceError, match="TechnoGAN session is 4: a newer TechnoGAN wrote it; this one reads up to 3"):
        read_session(path)


def test_a_session_of_an_older_version_is_migrated(tmp_path, monkeypatch):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)
    monkeypatch.setattr(session_content, "_VERSION", 4)
    monkeypatch.setattr(session_content, "_MIGRATIONS", {3: lambda content: content | {"bpm": 99}})
    assert read_session(path).bpm == 99


def stems_state():
    mix = StemMix({"kick": Stem(on=False), "voice": Stem(level_db=-6)}, solo="music")
    slots = [Slot(Clip("Kanuto", with_stems(loop_of(seed_of(3)))), stems=mix), Slot(Clip("Plain", loop_of(seed_of(4))))]
    return SessionState(slots=tuple(slots), live=Live(stems=mix))


@pytest.mark.parametrize("write", [write_session, write_folder])
def test_stems_survive_writing_and_reading(tmp_path, write):
    state, path = stems_state(), tmp_path / "s.technogan"
    problems: list[str] = []
    write(state, path)
    read = read_session(path, problems.append)
    assert same(read, state)
    assert read.live == state.live
    assert problems == []


def test_stems_are_sounds_of_their_own_written_once(tmp_path):
    write_folder(stems_state(), tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")}
    write_folder(stems_state(), tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sounds/*")} == before
    assert len(before) == 2 + len(STEMS)


def test_a_session_of_version_1_opens_without_stems(tmp_path):
    path = tmp_path / "s.technogan"
    write_session(full_state(), path)

    def to_version_1(content):
        del content["live"]["stems"]
        for slot in content["slots"]:
            del slot["stems"]
            if "clip" in slot:
                del slot["clip"]["stems"]
        return setting("TechnoGAN session", 1)(content)

    rewritten(path, to_version_1)
    assert same(read_session(path), full_state())


def test_odd_lengths_keep_their_stems(tmp_path):
    loop = with_stems(loop_of(seed_of(1)))
    cut = replace(loop, samples=loop.samples[:1000], stems={name: stem[:1000] for name, stem in loop.stems.items()})
    write_session(SessionState(slots=(Slot(Clip("odd", cut)),)), tmp_path / "s.technogan")
    clip = read_session(tmp_path / "s.technogan").slots[0].clip
    assert clip is not None
    assert {len(stem) for stem in clip.loop.stems.values()} == {len(clip.loop.samples)} == {16384}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda sound: sound.unlink(), "is missing"),
        (lambda sound: sound.write_bytes(b"no sound"), "is not a WAV file, or is damaged"),
        (lambda sound: sound.write_bytes(sound.read_bytes()[:30000]), "do not add up"),
        (lambda sound: soundfile.write(sound, np.zeros(16384), 44100), "do not add up"),
    ],
)
def test_a_clip_with_a_damaged_stem_has_only_its_sum(tmp_path, damage, reason):
    state = stems_state()
    problems: list[str] = []
    clip = state.slots[0].clip
    assert clip is not None
    write_folder(state, tmp_path)
    content = json.loads((tmp_path / "session.json").read_text())
    damage(tmp_path / content["slots"][0]["clip"]["stems"]["drums"])
    read = read_session(tmp_path, problems.append).slots
    assert read[0].clip is not None
    np.testing.assert_array_equal(read[0].clip.loop.samples, clip.loop.samples)
    assert read[0].clip.loop.stems == {}
    assert read[0].stems == state.slots[0].stems
    (problem,) = problems
    assert problem.startswith("Kanuto is loaded without its stems: ")
    assert reason in problem
