"""Every reader of files meets a stream of damaged files: a short one in each run, a long one in `make stage`.

Files that broke a reader are kept in tests/damaged/READER, and are read in each run.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.session.sound_file import read_sound
from technogan.files.png import read_png, write_png
from technogan.files.seed_source import read_origin, read_seed_file
from technogan.files.sound_paths import read_playlist
from technogan.files.sound_reader import LengthLimit, read_sound_file
from technogan.formats import FORMATS
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.wav import read_comment, read_tempo, write_wav
from tests.fuzz import check_reader, mutations
from training.dataset.manifest import Manifest, read_manifest
from training.networks.files import read_network
from training.tracks.grids import read_grids
from training.tracks.slicing import NOTE, read_note

# audioread leaves some files open that it cannot read.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

DAMAGED = Path(__file__).parent / "damaged"
RATE = 8000
TONE = (0.5 * np.sin(np.arange(RATE // 2) / 5)).astype(np.float32)
ORIGIN = Origin("bar", (Seed.from_integer(1),), 120.0, 1)
LIMIT = LengthLimit(1, "cut it")


@dataclass(frozen=True)
class Reader:
    """A reader, the name of the file that it reads, and functions that write whole files."""

    read: Callable[[Path], object]
    name: str
    writers: tuple[Callable[[Path], object], ...]


def read_all_of_wav(path):
    read_comment(path)
    read_tempo(path)
    read_sound_file(path, limit=LIMIT, allow_truncated=True)
    read_sound_file(path, limit=LIMIT)


def sound(kind, **options):
    return lambda path: soundfile.write(path, TONE, RATE, format=kind, **options)


def write_ours(path):
    write_wav(path, TONE, RATE, bpm=120, beats=1, comment=ORIGIN.to_json())


def write_picture(path):
    write_png(path, np.zeros((16, 16), np.float32), comment=ORIGIN.to_json())


def write_manifest(path):
    sources = ({"path": "a.wav", "sha256": "0", "images": ["a.png"]},)
    Manifest(FORMATS["beat"], "png", 1, {"folder": "x"}, {}, sources).save(path.parent)


def text(values):
    return lambda path: path.write_text(values if isinstance(values, str) else json.dumps(values))


READERS = {
    "wav": Reader(read_all_of_wav, "a.wav", (write_ours, sound("WAV"), sound("RF64"), sound("WAV", endian="BIG"))),
    "slot": Reader(lambda path: read_sound(path, 120.0), "a.wav", (write_ours,)),
    "aiff": Reader(read_all_of_wav, "a.aiff", (sound("AIFF"), sound("W64"))),
    "flac": Reader(read_all_of_wav, "a.flac", (sound("FLAC"),)),
    "ogg": Reader(read_all_of_wav, "a.ogg", (sound("OGG"),)),
    "mp3": Reader(read_all_of_wav, "a.mp3", (sound("MP3"),)),
    "png": Reader(read_png, "a.png", (write_picture,)),
    "origin": Reader(read_origin, "a.png", (write_picture,)),
    "seed": Reader(lambda path: read_seed_file(path, 64), "a.json", (text({"seed": [1] * 64}), text([0.5] * 64))),
    "playlist": Reader(read_playlist, "a.m3u", (text("#EXTM3U\na.wav\n..\\b%20c.mp3\nfile:///C:/x\n"),)),
    "manifest": Reader(lambda path: read_manifest(path.parent), "dataset.json", (write_manifest,)),
    "grids": Reader(read_grids, "a.json", (text([{"path": "a", "bpm": 120, "first_downbeat_s": 0, "name": "b"}]),)),
    "note": Reader(lambda path: read_note(path.parent), NOTE, (text({"beats": 4, "slices": ["a.wav"], "bpm": 120}),)),
    "network": Reader(read_network, "a.toml", (lambda path: path.write_bytes(network("bar")), )),
}  # fmt: skip


def network(name):
    return (Path(__file__).parents[1] / "training" / "networks" / f"{name}.toml").read_bytes()


def whole_files(reader, path):
    """Return whole files that the reader reads."""
    files = []
    for write in reader.writers:
        write(path)
        reader.read(path)
        files.append(path.read_bytes())
    return files


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_raise_our_errors_only(tmp_path, name):
    reader = READERS[name]
    path = tmp_path / reader.name
    known = [file.read_bytes() for file in sorted((DAMAGED / name).glob("*"))]
    damaged = mutations(whole_files(reader, path), 0, count=150)
    assert check_reader(reader.read, path, iter([*known, *damaged])) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many_damaged_files_raise_our_errors_only(tmp_path, name):
    reader = READERS[name]
    path = tmp_path / reader.name
    damaged = mutations(whole_files(reader, path), 1, seconds=60)
    check_reader(reader.read, path, damaged, keep=DAMAGED / name)
