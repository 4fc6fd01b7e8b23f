"""Datasets of sounds and of the corpus: contents, errors and resumed runs."""

import json
import os
import sys

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, SettingError, SourceError, SpecMismatch
from technogan.files.png import write_png
from technogan.formats import FORMATS, SpectrogramFormat, StftSettings
from technogan.image import from_grey
from technogan.sound.wav import write_wav
from tests.signals import RATE, beat_loop
from tests.training.processes import kill, start, wait_for
from training.corpus import bar
from training.dataset import synthesis
from training.dataset.checking import check_dataset
from training.dataset.conversion import images_of
from training.dataset.folder import convert_folder
from training.dataset.images import ARRAY, open_images
from training.dataset.manifest import MANIFEST, PICTURES, Manifest, read_manifest
from training.dataset.synthesis import Selection, write_bars, write_dataset

SMALL = SpectrogramFormat("small", n_frames=32, n_bins=32, beats=1, hop_length=16, transform=StftSettings(64))


@pytest.fixture
def sounds(tmp_path):
    """A folder of three small sounds, one of them in a subfolder and two loops long."""
    folder = tmp_path / "sounds"
    (folder / "more").mkdir(parents=True)
    for i, (name, loops) in enumerate((("a.wav", 1), ("b.wav", 1), ("more/c.wav", 2))):
        write_wav(folder / name, small_sound(i, loops), 44100, bpm=120, beats=loops)
    return folder


def small_sound(seed, loops=1):
    return np.random.default_rng(seed).uniform(-0.3, 0.3, SMALL.n_samples * loops).astype(np.float32)


@pytest.mark.parametrize(("name", "count"), [("bar", 1), ("half", 2), ("beat", 4), ("half-cq", 2)])
def test_a_bar_is_cut_into_the_loops_of_a_format(name, count):
    images, tally = images_of(beat_loop(4), FORMATS[name])
    assert images.shape == (count, FORMATS[name].n_bins, FORMATS[name].n_frames)
    assert images.dtype == np.uint8
    assert tally.images == count
    assert tally.silent == 0


def test_beats_are_columns_of_the_bars_image():
    whole, _ = images_of(beat_loop(4), FORMATS["bar"])
    beats, _ = images_of(beat_loop(4), FORMATS["beat"])
    np.testing.assert_array_equal(np.concatenate(list(beats), axis=1), whole[0])


def test_clipped_and_weak_bins_are_counted():
    t = np.arange(FORMATS["beat"].n_samples)
    _, tally = images_of((1.9 * np.sin(2 * np.pi * t / 64)).astype(np.float32), FORMATS["beat"])
    assert tally.clipped > 0
    assert tally.distorted == 1
    assert tally.weak > 0.5
    _, tally = images_of(np.zeros(len(t), np.float32), FORMATS["beat"])
    assert (tally.silent, tally.weak, tally.level) == (1, 1.0, -120.0)


def test_a_wrong_length_is_refused():
    with pytest.raises(SpecMismatch, match="16384"):
        images_of(np.zeros(16385, np.float32), FORMATS["beat"])


def test_sounds_become_pictures_and_a_manifest(sounds, tmp_path):
    converted = convert_folder(sounds, SMALL, tmp_path / "data", jobs=1)
    manifest = read_manifest(tmp_path / "data")
    assert converted.manifest.to_json() == manifest.to_json()
    assert manifest.names() == ["a.png", "b.png", "more_c-1.png", "more_c-2.png"]
    assert [source["path"] for source in manifest.sources] == ["a.wav", "b.wav", "more/c.wav"]
    assert manifest.images == 4
    images = open_images(tmp_path / "data")
    expected, _ = images_of(soundfile.read(sounds / "more/c.wav", dtype="float32")[0], SMALL)
    np.testing.assert_array_equal(images.array[2:], expected)
    assert not images.array.flags.writeable


def test_several_processes_make_the_same_dataset(sounds, tmp_path):
    one = convert_folder(sounds, SMALL, tmp_path / "one", jobs=1)
    two = convert_folder(sounds, SMALL, tmp_path / "two", jobs=2)
    assert one.manifest.to_json() == two.manifest.to_json()
    np.testing.assert_array_equal(open_images(tmp_path / "one").array, open_images(tmp_path / "two").array)


def test_only_new_and_changed_sounds_are_converted_again(sounds, tmp_path):
    convert_folder(sounds, SMALL, tmp_path / "data", jobs=1)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "data" / PICTURES).iterdir()}
    write_wav(sounds / "b.wav", small_sound(7), 44100, bpm=120, beats=1)
    write_wav(sounds / "d.wav", small_sound(8), 44100, bpm=120, beats=1)
    convert_folder(sounds, SMALL, tmp_path / "data", jobs=1)
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "data" / PICTURES).iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {"b.png", "d.png"}
    assert len(open_images(tmp_path / "data").array) == 5


def test_a_stopped_conversion_resumes(sounds, tmp_path):
    whole = convert_folder(sounds, SMALL, tmp_path / "whole", jobs=1).manifest

    def stop(done, total=1.0):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folder(sounds, SMALL, tmp_path / "data", jobs=1, progress=stop)
    assert not (tmp_path / "data" / MANIFEST).exists()
    made = (tmp_path / "data" / PICTURES / "a.png").stat().st_mtime_ns
    assert convert_folder(sounds, SMALL, tmp_path / "data", jobs=1).manifest.to_json() == whole.to_json()
    assert (tmp_path / "data" / PICTURES / "a.png").stat().st_mtime_ns == made


def test_unreadable_sounds_are_reported_and_the_others_converted(sounds, tmp_path):
    (sounds / "noise.wav").write_bytes(b"not a sound")
    (sounds / "empty.wav").write_bytes(b"")
    (sounds / "cut.wav").write_bytes((sounds / "a.wav").read_bytes()[:600])
    write_wav(sounds / "odd.wav", small_sound(1)[:-1], 44100, bpm=120, beats=1)
    soundfile.write(sounds / "none.wav", small_sound(1)[:0], 44100)
    write_wav(sounds / "nan.wav", small_sound(1) * np.float32(np.nan), 44100, bpm=120, beats=1, subtype="float")
    (sounds / "._a.wav").write_bytes(b"metadata of macOS")
    converted = convert_folder(sounds, SMALL, tmp_path / "data", jobs=2)
    assert converted.manifest.images == 4
    assert {error.path.name for error in converted.skipped} == {
        "noise.wav", "empty.wav", "cut.wav", "odd.wav", "none.wav", "nan.wav"
    }  # fmt: skip
    assert {left["path"] for left in converted.manifest.origin["left_out"]} >= {"noise.wav", "nan.wav"}
    assert "511 samples" in next(str(error) for error in converted.skipped if error.path.name == "odd.wav")


@pytest.mark.parametrize("make", [lambda folder: None, lambda folder: folder.mkdir(), lambda folder: folder.touch()])
def test_a_folder_without_sounds_is_refused(tmp_path, make):
    make(tmp_path / "none")
    with pytest.raises(SourceError):
        convert_folder(tmp_path / "none", SMALL, tmp_path / "data", jobs=1)


def test_a_folder_without_fitting_sounds_is_refused(sounds, tmp_path):
    with pytest.raises(SourceError, match="none of 3 sounds"):
        convert_folder(sounds, FORMATS["beat"], tmp_path / "data", jobs=1)
    assert not (tmp_path / "data" / MANIFEST).exists()


def test_stereo_flac_of_another_rate_is_mixed(tmp_path):
    (tmp_path / "in").mkdir()
    left = small_sound(0)
    soundfile.write(tmp_path / "in" / "ü ß 響.flac", np.stack([left, -left], axis=1), 48000)
    assert convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1).manifest.figures["silent_images"] == 1


def test_a_target_that_cannot_be_written_is_reported(sounds, tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError):
            convert_folder(sounds, SMALL, target, jobs=1)
        with pytest.raises(OutputError):
            write_dataset(Selection(1), FORMATS["beat"], target, jobs=1)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not apply here")
def test_a_read_only_target_is_reported(sounds, tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="permission"):
        convert_folder(sounds, SMALL, tmp_path / "shut" / "data", jobs=1)


def test_a_dataset_of_another_format_is_not_changed(sounds, tmp_path):
    convert_folder(sounds, SMALL, tmp_path / "data", jobs=1)
    with pytest.raises(OutputError, match="another dataset"):
        convert_folder(sounds, FORMATS["beat"], tmp_path / "data", jobs=1)
    with pytest.raises(OutputError, match="another dataset"):
        write_dataset(Selection(1), FORMATS["beat"], tmp_path / "data", jobs=1)


def test_sounds_with_the_same_name_get_distinct_pictures(tmp_path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    write_wav(tmp_path / "in" / "a" / "b.wav", small_sound(0), 44100, bpm=120, beats=1)
    write_wav(tmp_path / "in" / "A_b.wav", small_sound(1), 44100, bpm=120, beats=1)
    names = convert_folder(tmp_path / "in", SMALL, tmp_path / "data", jobs=1).manifest.names()
    assert len({name.casefold() for name in names}) == 2


def test_a_dataset_of_the_corpus_has_its_bars_in_order(tmp_path):
    manifest = write_dataset(Selection(3, first_seed=5), FORMATS["half"], tmp_path, jobs=1)
    expected = [images_of(bar.render(seed), FORMATS["half"])[0] for seed in (5, 6, 7)]
    array = open_images(tmp_path).array
    assert isinstance(array, np.memmap)
    np.testing.assert_array_equal(array, np.concatenate(expected))
    assert manifest.images == 6
    assert manifest.origin["first_seed"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, ARRAY]


def test_a_stopped_corpus_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesis, "_SAVE_EVERY", 2)
    whole = write_dataset(Selection(5), FORMATS["beat"], tmp_path / "whole", jobs=1)

    def stop(done, total=1.0):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(Selection(5), FORMATS["beat"], tmp_path / "data", jobs=1, progress=stop)
    with pytest.raises(OutputError, match="unfinished"):
        write_dataset(Selection(6), FORMATS["beat"], tmp_path / "data", jobs=1)
    seen: list[float] = []

    def note(done, total=1.0):
        seen.append(done)

    manifest = write_dataset(Selection(5), FORMATS["beat"], tmp_path / "data", jobs=1, progress=note)
    assert seen == [3, 4, 5]
    assert manifest.to_json() == whole.to_json()
    assert (tmp_path / "data" / ARRAY).read_bytes() == (tmp_path / "whole" / ARRAY).read_bytes()
    assert write_dataset(Selection(5), FORMATS["beat"], tmp_path / "data", jobs=1, progress=note) == manifest


def test_bars_are_written_with_tempo_and_only_once(tmp_path):
    paths = write_bars(Selection(2, style="dub"), tmp_path, bpm=130, jobs=1)
    assert [path.name for path in paths] == ["bar-000000-dub.wav", "bar-000001-dub.wav"]
    samples, rate = soundfile.read(paths[0])
    assert (len(samples), rate) == (65536, round(RATE * 130 / 128))
    assert b"acid" in paths[0].read_bytes()
    before = paths[0].stat().st_mtime_ns
    paths[1].unlink()
    write_bars(Selection(2, style="dub"), tmp_path, bpm=130, jobs=1)
    assert paths[0].stat().st_mtime_ns == before
    assert paths[1].exists()


@pytest.mark.parametrize("wrong", [{"bars": 0}, {"bars": 1, "first_seed": -1}, {"bars": 1, "style": "polka"}])
def test_impossible_selections_are_refused(wrong):
    with pytest.raises(SettingError):
        Selection(**wrong)


def test_a_manifest_survives_json():
    manifest = Manifest(
        FORMATS["half-cq"], "png", 2, {"folder": "x"}, {"silent_images": 0}, ({"path": "ü", "images": []},)
    )
    assert Manifest.from_json(manifest.to_json()) == manifest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "format": {}}', "\xff"])
def test_a_damaged_manifest_is_reported(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(SourceError, match=r"dataset\.json"):
        open_images(tmp_path)


def test_a_damaged_picture_is_refused_or_left_out(sounds, tmp_path):
    data = tmp_path / "data"
    convert_folder(sounds, SMALL, data, jobs=1)
    (data / PICTURES / "b.png").write_bytes(b"\x89PNG no more")
    with pytest.raises(SourceError, match=r"b\.png"):
        open_images(data)
    images = open_images(data, damaged="skip")
    assert len(images.array) == 3
    assert [error.path.name for error in images.skipped] == ["b.png"]
    with pytest.raises(SourceError, match="1 of 4"):
        open_images(data)


def test_the_array_follows_the_pictures(sounds, tmp_path):
    data, cache = tmp_path / "data", tmp_path / "cache"
    convert_folder(sounds, SMALL, data, jobs=1)
    cache.mkdir()
    open_images(data, cache=cache)
    write_png(data / PICTURES / "a.png", from_grey(np.full((32, 32), 77, np.uint8)))
    assert (open_images(data, cache=cache).array[0] == 77).all()
    assert len(list(cache.iterdir())) == 1
    assert not list(data.glob(".images*"))


def test_an_array_of_another_size_is_refused(tmp_path):
    write_dataset(Selection(1), FORMATS["beat"], tmp_path, jobs=1)
    np.save(tmp_path / ARRAY, np.zeros((4, 256, 64), np.uint8))
    with pytest.raises(SourceError, match="uint8"):
        open_images(tmp_path)
    assert not check_dataset(tmp_path).is_consistent


def test_a_check_finds_what_is_wrong(sounds, tmp_path):
    data = tmp_path / "data"
    write_wav(sounds / "twin.wav", small_sound(0), 44100, bpm=120, beats=1)
    write_wav(sounds / "silent.wav", 0 * small_sound(0), 44100, bpm=120, beats=1)
    convert_folder(sounds, SMALL, data, jobs=1)
    report = check_dataset(data)
    assert (report.is_consistent, report.readable) == (True, 6)
    assert (report.duplicates, report.silent) == ([("twin.png", "a.png")], ["silent.png"])
    (data / PICTURES / "b.png").unlink()
    write_png(data / PICTURES / "a.png", from_grey(np.zeros((32, 31), np.uint8)))
    write_png(data / PICTURES / "stranger.png", from_grey(np.zeros((32, 32), np.uint8)))
    report = check_dataset(data)
    assert not report.is_consistent
    assert [fault.split(":")[0] for fault in report.faults] == ["a.png", "b.png"]
    assert report.unlisted == ["stranger.png"]
    assert json.loads(json.dumps(report.to_dict()))["readable"] == 4


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_workers_end_with_a_killed_parent(tmp_path):
    process = start("dataset", "synth", "--bars", 9999, "--images", "-o", tmp_path, "-j", 2)
    array = tmp_path / ".unfinished.npy"
    try:
        # The header is in the file before the workers start, the first image is not.
        wait_for(lambda: array.exists() and array.stat().st_size > 1000)
    finally:
        n_children = kill(process)
    assert n_children >= 2
