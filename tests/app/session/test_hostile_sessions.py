"""Sessions from strangers: every value is checked, nothing outside is read, and nothing fills the memory."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import struct
import sys
import zipfile

import numpy as np
import pytest
import soundfile

from app.controllers.loop_files import file_name_of
from app.session.session_file import read_session, write_folder, write_session
from app.session.state import Clip, SessionState, Slot
from technogan.errors import SourceError, TechnoganError
from tests.app.fakes import loop_of, seed_of, with_stems

SOUND = "sounds/" + 24 * "0" + ".wav"


@functools.cache
def template():
    """The parts of a session with one clip, by name."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.technogan"
        write_session(SessionState(slots=(Slot(Clip("Kanuto", with_stems(loop_of(seed_of(3))))), Slot())), path)
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path, parts, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def changed(*keys_and_value):
    """Return the template with one value of its JSON changed."""
    *keys, last, value = keys_and_value
    content = json.loads(template()["session.json"])
    functools.reduce(lambda table, key: table[key], keys, content)[last] = value
    return template() | {"session.json": json.dumps(content).encode()}


def refusal(path):
    with pytest.raises(SourceError) as caught:
        read_session(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 400 + len(str(path))
    return message


CLIP = ("slots", 0, "clip")
HUGE = int("9" * 400)


@pytest.mark.parametrize(
    ("keys_and_value", "key"),
    [
        ((*CLIP, "beats", -4), "slots[0].clip: beats is -4"),
        ((*CLIP, "beats", 0), "beats is 0"),
        ((*CLIP, "beats", 5000), "beats is 5000"),
        ((*CLIP, "beats", HUGE), "beats"),
        ((*CLIP, "beats", 1e9), "beats must be a whole number"),
        ((*CLIP, "bpm", -128), "slots[0].clip: bpm is -128"),
        ((*CLIP, "bpm", 1e9), "bpm is 1e+09"),
        ((*CLIP, "bpm", float("inf")), "bpm is inf"),
        ((*CLIP, "bpm", float("nan")), "bpm is nan"),
        ((*CLIP, "bpm", HUGE), "bpm"),
        ((*CLIP, "beats", 4000), "is not a sound of 4000 beats"),
        ((*CLIP, "sound", "../../secret.wav"), "slots[0].clip: sound is '../../secret.wav'"),
        ((*CLIP, "sound", "x" * 10_000_000), "sound is 'xxx"),
        ((*CLIP, "stems", {"kick": "/etc/passwd", "rest": SOUND}), "stems.kick is '/etc/passwd'"),
        ((*CLIP, "stems", {f"s{i}": SOUND for i in range(1000)}), "stems has 1000 sounds"),
        ((*CLIP, "origin", {"TechnoGAN": {"model": "bar", "bpm": 1, "beats": -4, "seeds": [[0]]}}), "origin"),
        (("bpm", 1e9), "bpm is 1e+09"),
        (("bpm", 0), "bpm is 0"),
        (("model", "../bar"), "'../bar' cannot be the name of a model"),
        (("model", "bar\nbar"), "cannot be the name of a model"),
        (("model", "m" * 10_000_000), "model is a name of more than"),
        (("seed", [0] * 5000), "number of values in seed is 5000"),
        (("seed", [HUGE] * 64), "seed"),
        (("slots", [json.loads(template()["session.json"])["slots"][0]] * 2000), "number of slots is 2000"),
        (("slots", 0, "level_db", 1e308), "slots[0]: level"),
        (("live", "level_db", float("nan")), "live: level"),
        (("morph", "steps", HUGE), "morph: steps"),
        (("morph", "amount", float("nan")), "morph: amount"),
        (("morph", "a", HUGE), "morph: a"),
    ],
)
def test_every_value_is_checked_and_its_key_named(tmp_path, keys_and_value, key):
    assert key in refusal(write_parts(tmp_path / "s.technogan", changed(*keys_and_value)))


def test_deep_json_is_refused(tmp_path):
    deep = template() | {"session.json": b'{"TechnoGAN session": 3, "model": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"}
    assert "nested" in refusal(write_parts(tmp_path / "s.technogan", deep))


@pytest.mark.parametrize("name", ["n" * 1_000_000, "two\nlines\0 and \ud800 half a pair"])
def test_a_name_is_shortened_to_one_line(tmp_path, name):
    clip = read_session(write_parts(tmp_path / "s.technogan", changed(*CLIP, "name", name))).slots[0].clip
    assert clip is not None
    assert len(clip.name) <= 100
    assert clip.name.isprintable()
    clip.name.encode()


def sound_of(content):
    return json.loads(content["session.json"])["slots"][0]["clip"]["sound"]


def wav_of(tmp_path, samples, **options):
    soundfile.write(tmp_path / "part", samples, 44100, **({"format": "WAV", "subtype": "FLOAT"} | options))
    return (tmp_path / "part").read_bytes()


@pytest.mark.parametrize(
    ("samples", "options", "why"),
    [
        (np.full(16384, np.nan, np.float32), {}, "NaN"),
        (np.full(16384, np.inf, np.float32), {}, "infinity"),
        (np.full(16384, 1e30, np.float32), {}, "peak"),
        (np.zeros((16384, 2), np.float32), {}, "one channel"),
        (np.zeros(0, np.float32), {}, "0 samples"),
        (np.zeros(2_000_000, np.float32), {}, "2000000 samples"),
        (np.zeros(3_000_000, np.float32), {}, "is too large: 11.4 MB"),
        (np.zeros(16384, np.float32), {"format": "FLAC", "subtype": "PCM_16"}, "is not a WAV file"),
    ],
)
def test_the_sounds_are_checked(tmp_path, samples, options, why):
    parts = template()
    parts = parts | {sound_of(parts): wav_of(tmp_path, samples, **options)}
    assert why in refusal(write_parts(tmp_path / "s.technogan", parts))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    parts = template() | {sound_of(template()): bytes(64 << 20)}
    path = write_parts(tmp_path / "s.technogan", parts, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    monkeypatch.setattr(zipfile.ZipExtFile, "read", read_only_json(zipfile.ZipExtFile.read))
    assert "it was made to fill the memory" in refusal(path)


def read_only_json(read):
    def checked(file, n=-1):
        assert file.name == "session.json"
        return read(file, n)

    return checked


def test_json_that_is_too_large_is_not_read(tmp_path):
    parts = template() | {"session.json": b" " * (17 << 20)}
    assert "session.json" in refusal(write_parts(tmp_path / "s.technogan", parts))


def test_compression_that_cannot_be_limited_is_refused(tmp_path):
    path = write_parts(tmp_path / "s.technogan", template(), zipfile.ZIP_LZMA)
    assert "compressed with a method" in refusal(path)


def test_a_session_packed_again_opens(tmp_path):
    path = write_parts(tmp_path / "s.technogan", template(), zipfile.ZIP_DEFLATED)
    assert read_session(path).slots[0].clip is not None


def test_entries_that_lie_about_their_size(tmp_path):
    path = write_parts(tmp_path / "s.technogan", template() | {"session.json": b"{}" + bytes(5000)})
    data = path.read_bytes()
    true = struct.pack("<I", 5002)
    for lie in (2, 4999, 5003, 1 << 20, 0xFFFFFFF0):
        path.write_bytes(data.replace(true, struct.pack("<I", lie)))
        refusal(path)


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")
@pytest.mark.parametrize("name", ["session.json", "sound"])
def test_a_pipe_in_a_session_folder_does_not_block(tmp_path, name):
    write_folder(SessionState(slots=(Slot(Clip("a", loop_of(seed_of(1)))),)), tmp_path)
    path = next(tmp_path.glob("sounds/*")) if name == "sound" else tmp_path / name
    path.unlink()
    os.mkfifo(path)
    assert "is not a file" in refusal(tmp_path)
    os.mkfifo(tmp_path / "s.technogan")
    assert "is not a file" in refusal(tmp_path / "s.technogan")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
@pytest.mark.parametrize("linked", ["session.json", "sounds"])
def test_links_to_other_folders_are_not_followed(tmp_path, linked):
    folder, other = tmp_path / "session", tmp_path / "other"
    write_folder(SessionState(slots=(Slot(Clip("a", loop_of(seed_of(1)))),)), folder)
    (folder / linked).rename(other)
    (folder / linked).symlink_to(other)
    assert "a link to another folder" in refusal(folder)


# --- no name leaves its folder

PIECES = (
    "..",
    ".",
    "/",
    "\\",
    "~",
    "sounds",
    "C:",
    "%2e%2e",
    "\0",
    "\u2215",
    "\u202e",
    "con",
    "a",
    "🔊",
    " ",
    "session.json",
)


def random_name(rng):
    name = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 9)))
    return rng.choice(
        (name, f"sounds/{name}", f"sounds/../{name}.wav", f"/{name}", f"sounds/{rng.randbytes(12).hex()}.wav")
    )


class OpenedFiles:
    """Records the paths of the files that are opened while it is active. An audit hook cannot be removed."""

    active: list[str] | None = None

    @classmethod
    def hook(cls, event, arguments):
        if cls.active is not None and event == "open" and isinstance(arguments[0], (str, bytes)):
            cls.active.append(os.fsdecode(arguments[0]))


@functools.cache
def install_hook():
    sys.addaudithook(OpenedFiles.hook)


def check_that_no_name_escapes(folder, n_sessions):
    """Read sessions of four clips each."""
    install_hook()
    rng = random.Random(0)
    content = json.loads(template()["session.json"])
    content |= {"seed": [0], "reference": [0]}
    slot = content["slots"][0]
    content["slots"] = [slot | {"clip": dict(slot["clip"])} for _ in range(4)]
    for _ in range(n_sessions):
        content["model"] = rng.choice(("bar", random_name(rng)))
        for clip in (slot["clip"] for slot in content["slots"]):
            clip["name"], clip["sound"] = random_name(rng), random_name(rng)
            clip["stems"] = rng.choice(({}, {"kick": random_name(rng), "rest": random_name(rng)}))
        (folder / "session.json").write_text(json.dumps(content))
        OpenedFiles.active = []
        try:
            read_session(folder, partly=rng.random() < 0.9)
        except SourceError:
            pass
        finally:
            opened, OpenedFiles.active = OpenedFiles.active, None
        assert all(os.path.realpath(path).startswith(f"{folder}{os.sep}") for path in opened), opened
        name = file_name_of(Clip(random_name(rng), LOOP), 128.0, random_name(rng))
        assert (folder / name).parent == folder
        assert os.path.realpath(folder / f"{name}.wav") == f"{folder / name}.wav"


LOOP = loop_of(seed_of(1))


def test_no_name_leaves_its_folder(tmp_path):
    check_that_no_name_escapes(tmp_path, 1000)


@pytest.mark.slow
def test_no_name_of_very_many_leaves_its_folder(tmp_path):
    check_that_no_name_escapes(tmp_path, 25_000)


# --- fuzz


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if not data:
            break
        kind, at = rng.randrange(4), rng.randrange(len(data))
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + 4] = rng.choice(
                (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"-1e9", b"PK\x05\x06")
            )
        elif kind == 2:
            del data[at : at + rng.randint(1, 200)]
        else:
            data[at:at] = data[at : at + rng.randint(1, 200)]
    return bytes(data)


def fuzz(tmp_path, n_sessions):
    """Read mutated sessions: of the archive, and of its JSON, whose checksum is then right."""
    rng = random.Random(0)
    path = tmp_path / "s.technogan"
    whole = write_parts(path, template()).read_bytes()
    packed = write_parts(path, template(), zipfile.ZIP_DEFLATED).read_bytes()
    for i in range(n_sessions):
        if i % 2:
            path.write_bytes(mutate(rng, rng.choice((whole, packed))))
        else:
            name = rng.choice(list(template()))
            write_parts(path, template() | {name: mutate(rng, template()[name])})
        with contextlib.suppress(TechnoganError):
            read_session(path, partly=bool(i % 3))


def test_mutated_sessions_are_read_or_refused(tmp_path):
    fuzz(tmp_path, 400)


@pytest.mark.slow
def test_very_many_mutated_sessions_are_read_or_refused(tmp_path):
    fuzz(tmp_path, 20_000)
