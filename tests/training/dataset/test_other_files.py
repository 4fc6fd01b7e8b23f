"""Conversion keeps what it did not make, also if a manifest of a stranger names it."""

import contextlib
import json
import os
import random
import shutil
import sys

import numpy as np
import pytest

from technogan.errors import OutputError, SourceError, SpecError, TechnoganError
from technogan.files.png import read_png_header
from technogan.formats import FORMATS, SpectrogramFormat, StftSettings
from technogan.run_folder import RunFolder
from technogan.sound.wav import write_wav
from tests.training.hostile_names import decoys_of, plant_decoys, random_name
from training.dataset.folder import convert_folder
from training.dataset.journal import JOURNAL
from training.dataset.manifest import MANIFEST, PICTURES, Manifest, read_manifest

SMALL = SpectrogramFormat("small", n_frames=32, n_bins=32, beats=1, hop_length=16, transform=StftSettings(64))


def write_sounds(folder, names, beats=1):
    """Write sounds of one beat each, or of more, all different."""
    for i, name in enumerate(names):
        samples = np.sin(np.arange(512 * beats) * (0.1 + 0.01 * i)).astype(np.float32)
        write_wav(folder / name, samples, 44100, bpm=120, beats=beats)


def owners(data):
    """Return the sound of every picture, as the pictures store it."""
    return {path.name: read_png_header(path).comment for path in (data / PICTURES).iterdir()}


def check_pictures(data, n):
    """Check that there are n pictures, each of them of the sound that the manifest says."""
    listed = {name: source["path"] for source in read_manifest(data).sources for name in source["images"]}
    assert len(listed) == n
    assert owners(data) == listed


@pytest.mark.parametrize(
    "names",
    [
        ["a.flac", "a.wav", "a_1.wav"],
        ["a-2.wav", "a.flac", "a.wav"],
        ["a/b.wav", "a_b.wav", "A_B.wav"],
        ["a?.wav", "a*.wav", "a_.wav"] if sys.platform != "win32" else ["a_.wav"],
        ["\u00e9.wav", "e\u0301.wav"],
    ],
)
def test_no_two_sounds_share_a_picture(tmp_path, names):
    write_sounds(tmp_path / "in", names)
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    check_pictures(tmp_path / "data", len(names))


def test_the_loops_of_a_sound_do_not_share_the_picture_of_another(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav"], beats=3)
    write_sounds(tmp_path / "in", ["a-1.wav", "a-2.wav"])
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    check_pictures(tmp_path / "data", 5)


def test_a_sound_that_is_added_later_takes_no_picture(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav"], beats=3)
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    for name in ("a-1.wav", "A.wav", "0.wav", "a_2.wav"):
        write_sounds(tmp_path / "in", [name])
        convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    check_pictures(tmp_path / "data", 7)
    (tmp_path / "in" / "a.wav").unlink()
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    check_pictures(tmp_path / "data", 4)


def test_a_sound_may_take_the_name_of_one_that_is_gone(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav", "b.wav"])
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    (tmp_path / "in" / "a.wav").rename(tmp_path / "in" / "a.flac")
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    check_pictures(tmp_path / "data", 2)


def test_a_picture_of_somebody_else_is_kept(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav"])
    (tmp_path / "data" / PICTURES).mkdir(parents=True)
    (tmp_path / "data" / PICTURES / "a.png").write_bytes(b"a photograph")
    with pytest.raises(OutputError, match="another file is there"):
        convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    assert (tmp_path / "data" / PICTURES / "a.png").read_bytes() == b"a photograph"


def test_the_dataset_of_another_folder_is_kept(tmp_path):
    for album, beats in (("one", 1), ("two", 2)):
        write_sounds(tmp_path / album / "slices", ["01.wav"], beats)
    convert_folder(tmp_path / "one" / "slices", SMALL, tmp_path / "data", jobs=1)
    before = owners(tmp_path / "data")
    with pytest.raises(OutputError, match="dataset of another folder of sounds"):
        convert_folder(tmp_path / "two" / "slices", SMALL, tmp_path / "data", jobs=1)
    assert owners(tmp_path / "data") == before


def test_a_folder_that_was_moved_or_cut_again_is_continued(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav", "b.wav"])
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    write_sounds(tmp_path / "in", ["a.wav", "b.wav"], beats=2)
    assert convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1).manifest.images == 4
    (tmp_path / "in").rename(tmp_path / "moved")
    write_sounds(tmp_path / "moved", ["b.wav"])
    assert convert_folder(tmp_path / "moved", SMALL, tmp_path / "data", jobs=1).manifest.images == 3


@pytest.mark.parametrize("options", [{"level": "slice"}, {"beats": 2}])
def test_a_second_run_with_other_options_is_refused(tmp_path, options):
    write_sounds(tmp_path / "in", ["a.wav"], 2)
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    before = owners(tmp_path / "data")
    with pytest.raises(OutputError, match="another dataset is there"):
        convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1, **options)
    assert owners(tmp_path / "data") == before


def test_two_runs_at_once_are_refused(tmp_path):
    write_sounds(tmp_path / "in", ["a.wav"])
    (tmp_path / "data").mkdir()
    with RunFolder(tmp_path / "data").lock(), pytest.raises(OutputError, match="another process"):
        convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems accept UTF-8 only")
def test_a_name_that_is_not_utf_8_is_converted(tmp_path):
    write_sounds(tmp_path / "in", [os.fsdecode(b"M\xfcller.wav"), "other.wav"])
    convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1)
    assert convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1).manifest.images == 2
    assert [source["path"] for source in read_manifest(tmp_path / "data").sources] == ["M\udcfcller.wav", "other.wav"]


@pytest.fixture
def hostile(tmp_path):
    """Return a dataset between files that its manifest must not reach."""
    data = tmp_path / "home" / "data"
    write_sounds(tmp_path / "in", ["a.wav"])
    convert_folder(tmp_path / "in", SMALL, data, jobs=1)
    plant_decoys(tmp_path, data / PICTURES)
    return data


def list_names(data, names, *, journal):
    """Replace the images in the manifest or the journal of a dataset."""
    values = json.loads((data / MANIFEST).read_text())
    entry = values["sources"][0] | {"path": "gone.wav", "images": names}
    if journal:
        (data / JOURNAL).write_text("".join(json.dumps(each) + "\n" for each in (values["origin"]["choices"], entry)))
        (data / MANIFEST).unlink()
    else:
        (data / MANIFEST).write_text(json.dumps(values | {"sources": [entry]}))


def attack(data, sounds, names, *, journal):
    """Convert again with a manifest or journal that lists these names."""
    original = (data / MANIFEST).read_bytes()
    list_names(data, names, journal=journal)
    with contextlib.suppress(TechnoganError):
        convert_folder(sounds, SMALL, data, jobs=1)
    (data / MANIFEST).write_bytes(original)


@pytest.mark.parametrize("journal", [False, True])
def test_a_hostile_manifest_deletes_nothing(tmp_path, hostile, journal):
    decoys = [str(path) for path in decoys_of(tmp_path, hostile / PICTURES)]
    for name in (*decoys, *(os.path.relpath(path, hostile / PICTURES) for path in decoys)):
        attack(hostile, tmp_path / "in", [name], journal=journal)
    assert all(path.read_text() == "kept" for path in decoys_of(tmp_path, hostile / PICTURES))


def attack_at_random(tmp_path, data, n):
    """Convert with n generated manifests."""
    dice = random.Random(1)
    for _ in range(n):
        names = [random_name(dice, tmp_path) for _ in range(dice.choice([1, 1, 1, 3]))]
        attack(data, tmp_path / "in", names, journal=dice.random() < 0.3)
    assert all(path.read_text() == "kept" for path in decoys_of(tmp_path, data / PICTURES))


def test_no_generated_manifest_deletes_anything(tmp_path, hostile):
    attack_at_random(tmp_path, hostile, 300)


def test_no_generated_manifest_names_a_file_elsewhere(tmp_path, hostile):
    dice = random.Random(2)
    home = os.path.realpath(hostile / PICTURES)
    values = json.loads((hostile / MANIFEST).read_text())
    accepted = 0
    for name in (random_name(dice, tmp_path) for _ in range(3000)):
        values["sources"][0]["images"] = [name]
        with contextlib.suppress(SpecError):
            (read,) = Manifest.from_json(json.dumps(values)).names()
            accepted += 1
            assert os.path.realpath(hostile / PICTURES / read).startswith(home + os.sep)
    assert 300 < accepted < 2700


@pytest.mark.slow
def test_none_of_many_generated_manifests_deletes_anything(tmp_path, hostile):
    attack_at_random(tmp_path, hostile, 100_000)


@pytest.mark.parametrize("names", [None, "a.png", {"a.png": 1}, [1], [None], [["a.png"]], ["a\0b"], ["/a.png"], [""]])
def test_names_that_are_not_files_of_the_dataset_are_refused(hostile, names):
    list_names(hostile, names, journal=False)
    with pytest.raises(SourceError, match=r"dataset\.json: .*(must be a list|is not a file in the folder)"):
        read_manifest(hostile)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_nothing_is_deleted_through_a_link(tmp_path, hostile):
    shutil.rmtree(hostile / PICTURES)
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "b.png").write_text("kept")
    (hostile / PICTURES).symlink_to(tmp_path / "photographs")
    list_names(hostile, ["b.png"], journal=False)
    convert_folder(tmp_path / "in", SMALL, hostile, jobs=1)
    assert (tmp_path / "photographs" / "b.png").read_text() == "kept"


def test_a_manifest_of_the_corpus_needs_no_sources(tmp_path):
    Manifest(FORMATS["beat"], "array", 0, {}, {}).save(tmp_path)
    assert read_manifest(tmp_path).names() == []
