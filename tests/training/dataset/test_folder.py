"""Conversion of sounds of any rate, length and level, and of interrupted runs."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, SettingError, SourceError
from technogan.files.png import read_png
from technogan.files.sound_reader import UNREADABLE
from technogan.formats import FORMATS, SpectrogramFormat, StftSettings
from technogan.image import to_grey
from technogan.sound.resampling import resample
from tests.signals import beat_loop
from tests.training.processes import kill, start, wait_for
from training.dataset.conversion import images_of
from training.dataset.folder import convert_folder
from training.dataset.images import open_images
from training.dataset.manifest import MANIFEST, PICTURES, read_manifest
from training.dataset.png import write_grey
from training.dataset.sounds import find_level, gain_for, read_loops
from training.tracks.slicing import Cut, slice_track

BEAT = FORMATS["beat"]
SMALL = SpectrogramFormat("small", n_frames=32, n_bins=32, beats=1, hop_length=16, transform=StftSettings(64))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def read_journal(data):
    """Return the complete entries in the journal of an unfinished conversion."""
    path = data / ".unfinished.jsonl"
    lines = path.read_text().split("\n") if path.exists() else []
    return [json.loads(line) for line in lines[1:-1]]


def at_rate(loop, rate, beats=1, bpm=128.0):
    n = round(60 * beats * rate / bpm)
    return resample(loop, n + n % 2)[:n]


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
def test_a_sound_of_any_rate_becomes_the_same_image(folder, rate):
    soundfile.write(folder / "beat.wav", at_rate(beat_loop(1), rate), rate, subtype="FLOAT")
    wanted, _ = images_of(beat_loop(1), BEAT)
    image, _ = images_of(read_loops(folder / "beat.wav", BEAT), BEAT)
    kept = round(min(1.0, rate / 34953) * 256) - 8
    assert np.abs(image[0, :kept].astype(int) - wanted[0, :kept]).mean() < 1


@pytest.mark.parametrize(("subtype", "error"), [("PCM_U8", 6), ("PCM_16", 2), ("PCM_24", 1), ("DOUBLE", 1)])
def test_samples_of_any_width(folder, subtype, error):
    loop = beat_loop(1)
    soundfile.write(folder / "beat.wav", loop, 34953, subtype=subtype)
    assert np.abs(read_loops(folder / "beat.wav", BEAT) - loop).max() < error / 256


def test_six_channels_are_mixed(folder):
    loop = beat_loop(1)
    soundfile.write(folder / "surround.wav", np.stack([loop] * 6, axis=1), 34953, subtype="FLOAT")
    np.testing.assert_allclose(read_loops(folder / "surround.wav", BEAT), loop, atol=1e-6)


def test_the_length_in_beats_sets_the_number_of_loops(folder):
    soundfile.write(folder / "bar.wav", at_rate(beat_loop(4), 44100, 4), 44100)
    assert len(read_loops(folder / "bar.wav", BEAT, 4)) == 4 * BEAT.n_samples
    with pytest.raises(SourceError, match="has 4 beats; format small"):
        read_loops(folder / "bar.wav", SpectrogramFormat("small", 128, 256, beats=3), 4)


def test_slices_json_states_the_length_of_slices(folder, tmp_path):
    soundfile.write(tmp_path / "track.wav", np.tile(at_rate(beat_loop(4), 44100, 4, 120), 3), 44100)
    sliced = slice_track(tmp_path / "track.wav", Cut(120, 4, offset=0), folder)
    converted = convert_folder(folder, BEAT, tmp_path / "data", jobs=1)
    assert converted.manifest.images == 4 * len(sliced.paths)
    assert {source["beats"] for source in converted.manifest.sources} == {4}


def write_beat(folder, name):
    soundfile.write(folder / name, at_rate(beat_loop(1), 44100), 44100, subtype="FLOAT")


def rename_format(data, name):
    """Write the manifest as it was written when the formats of 256 rows had names without "-256"."""
    values = json.loads((data / MANIFEST).read_text())
    for described in (values["format"], values["origin"]["choices"]["format"]):
        described["name"] = name
    (data / MANIFEST).write_text(json.dumps(values))


@pytest.mark.parametrize("name", ["beat", "beat-256"])
def test_an_old_dataset_of_256_rows_is_continued(folder, tmp_path, name):
    write_beat(folder, "a.wav")
    convert_folder(folder, FORMATS["beat-256"], tmp_path / "data", jobs=1)
    rename_format(tmp_path / "data", "beat")
    write_beat(folder, "b.wav")
    manifest = convert_folder(folder, FORMATS[name], tmp_path / "data", jobs=1).manifest
    assert (manifest.format.name, manifest.format.n_bins, manifest.images) == ("beat", 256, 2)
    assert open_images(tmp_path / "data").array.shape == (2, 256, 128)


def test_an_old_constant_q_dataset_is_continued(folder, tmp_path):
    soundfile.write(folder / "a.wav", at_rate(beat_loop(2), 44100, 2), 44100, subtype="FLOAT")
    convert_folder(folder, FORMATS["half-cq"], tmp_path / "data", jobs=1)
    values = json.loads((tmp_path / "data" / MANIFEST).read_text())
    for described in (values["format"], values["origin"]["choices"]["format"]):
        described["transform"] = {"kind": "constant-q", "fmin": None, "bins_per_octave": None}
    (tmp_path / "data" / MANIFEST).write_text(json.dumps(values))
    assert convert_folder(folder, FORMATS["half-cq"], tmp_path / "data", jobs=1).manifest.images == 1


def test_another_format_of_the_same_length_is_refused(folder, tmp_path):
    write_beat(folder, "a.wav")
    convert_folder(folder, FORMATS["beat-256"], tmp_path / "data", jobs=1)
    with pytest.raises(OutputError, match="another dataset"):
        convert_folder(folder, FORMATS["beat"], tmp_path / "data", jobs=1)


@pytest.mark.parametrize(("seconds", "reason"), [(180, "0.3 BPM"), (3 * 3600, "10800.00 s long"), (0.01, "6000.0 BPM")])
def test_a_sound_that_cannot_be_a_loop_is_refused(folder, seconds, reason):
    # Only the header of a long file is read.
    with soundfile.SoundFile(folder / "long.wav", "w", 4000, 1) as file:
        for _ in range(max(1, round(seconds / 600))):
            file.write(np.zeros(round(min(seconds, 600) * 4000), np.float32))
    with pytest.raises(SourceError, match=reason):
        read_loops(folder / "long.wav", BEAT)


@pytest.mark.parametrize("comment", ["", "a/ü 響.wav"])
def test_a_written_picture_can_be_read(tmp_path, rng, comment):
    image = rng.integers(0, 256, (256, 128), dtype=np.uint8)
    write_grey(tmp_path / "x.png", image, comment=comment)
    again, text = read_png(tmp_path / "x.png")
    np.testing.assert_array_equal(to_grey(again), image)
    assert text == comment


@pytest.mark.parametrize(
    ("level", "peaks"),
    [("keep", [0.1, 0.4, 0.2, 0]), ("track", [0.2375, 0.95, 0.95, 0]), ("slice", [0.95, 0.95, 0.95, 0])],
)
def test_levels(folder, tmp_path, level, peaks):
    loop = beat_loop(1) / np.abs(beat_loop(1)).max()
    for name, peak in (("a/1.wav", 0.1), ("a/2.wav", 0.4), ("b/1.wav", 0.2), ("c/1.wav", 0)):
        (folder / name).parent.mkdir(exist_ok=True)
        soundfile.write(folder / name, peak * loop, 34953, subtype="FLOAT")
    manifest = convert_folder(folder, BEAT, tmp_path / "data", level=level, jobs=1).manifest
    for source, peak, before in zip(manifest.sources, peaks, (0.1, 0.4, 0.2, 0), strict=True):
        assert source["gain"] * before == pytest.approx(peak, rel=1e-3)
    assert manifest.origin["choices"]["level"] == level
    assert convert_folder(folder, BEAT, tmp_path / "data", level=level, jobs=1).manifest.to_json() == manifest.to_json()


def test_the_gain_is_limited():
    assert gain_for(1e-5) == 100
    assert gain_for(0.0) == 1


def test_an_unknown_level_is_refused():
    with pytest.raises(SettingError, match="keep, track, slice"):
        find_level("loud")


def test_other_options_do_not_change_an_existing_dataset(folder, tmp_path):
    soundfile.write(folder / "beat.wav", beat_loop(1), 34953)
    convert_folder(folder, BEAT, tmp_path / "data", jobs=1)
    with pytest.raises(OutputError, match="another dataset"):
        convert_folder(folder, BEAT, tmp_path / "data", level="slice", jobs=1)


def test_very_long_and_non_ascii_names(folder, tmp_path):
    (folder / "ordner" / ("ä" * 100)).mkdir(parents=True)
    names = [f"{'響' * 80}.wav", f"ordner/{'ä' * 100}/{'x' * 200}.flac", f"ordner/{'ä' * 100}/{'x' * 201}.flac"]
    for name in names:
        soundfile.write(folder / name, beat_loop(1), 34953)
    manifest = convert_folder(folder, BEAT, tmp_path / "data", jobs=1).manifest
    assert manifest.images == len({name.casefold() for name in manifest.names()}) == 3
    assert len(open_images(tmp_path / "data").array) == 3


def test_the_defect_of_each_sound_is_reported(folder, tmp_path):
    loop = at_rate(beat_loop(1), 44100)
    soundfile.write(folder / "good.wav", loop, 44100)
    whole = (folder / "good.wav").read_bytes()
    soundfile.write(folder / "whole.flac", loop, 44100)
    (folder / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.flac").write_bytes((folder / "whole.flac").read_bytes()[:9000])
    (folder / "nothing.wav").write_bytes(b"")
    (folder / "text.mp3").write_bytes(b"not a sound")
    soundfile.write(folder / "zero.wav", loop[:0], 44100)
    soundfile.write(folder / "nan.wav", loop * np.float32(np.nan), 44100, subtype="FLOAT")
    soundfile.write(folder / "silent.wav", 0 * loop, 44100)
    soundfile.write(folder / "dc.wav", 0 * loop + 0.5, 44100)
    converted = convert_folder(folder, BEAT, tmp_path / "data", jobs=1)
    assert {error.path.name: error.reason for error in converted.skipped} == {
        "cut.wav": f"is truncated: it has {len(whole) // 2} of {len(whole)} bytes",
        "cut.flac": "is damaged after 0.0 s",
        "nothing.wav": "is empty: the file has no bytes",
        "text.mp3": UNREADABLE,
        "zero.wav": "is empty: it contains no samples",
        "nan.wav": "contains NaN or infinity",
    }
    assert converted.manifest.names() == ["dc.png", "good.png", "silent.png", "whole.png"]
    assert any("silent" in warning for warning in converted.manifest.origin["warnings"])


def test_a_cluster_makes_the_same_dataset(folder, tmp_path):
    distributed = pytest.importorskip("distributed")
    for i in range(3):
        soundfile.write(folder / f"{i}.wav", beat_loop(1, seed=i), 34953)
    (folder / "broken.wav").write_bytes(b"RIFF")
    here = convert_folder(folder, BEAT, tmp_path / "here", jobs=1)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there = convert_folder(folder, BEAT, tmp_path / "there", scheduler=cluster.scheduler_address)
    assert here.manifest.to_json() == there.manifest.to_json()
    assert [str(error) for error in here.skipped] == [str(error) for error in there.skipped]


def test_a_scheduler_that_does_not_answer_is_refused(folder, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("training.parallel._CLUSTER_TIMEOUT", 0.5)
    soundfile.write(folder / "beat.wav", beat_loop(1), 34953)
    with pytest.raises(SettingError, match="scheduler"):
        convert_folder(folder, BEAT, tmp_path / "data", scheduler="tcp://127.0.0.1:9")


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_killed_conversion_resumes_with_an_identical_manifest(folder, tmp_path):
    for i in range(40):
        soundfile.write(folder / f"{i:02d}.wav", np.tile(beat_loop(1, seed=i), 8), 34953)
    whole = convert_folder(folder, BEAT, tmp_path / "whole", jobs=1).manifest
    data = tmp_path / "data"
    process = start("dataset", "convert", folder, "-f", "beat", "-o", data, "-j", 2)
    try:
        wait_for(lambda: len(read_journal(data)) >= 5 or process.poll() is not None)
    finally:
        kill(process)
    assert not (data / MANIFEST).exists()
    done = [data / PICTURES / name for entry in read_journal(data) for name in entry["images"]]
    made = {path: path.stat().st_mtime_ns for path in done}
    assert 40 <= len(made) < 320
    assert convert_folder(folder, BEAT, data, jobs=1).manifest.to_json() == whole.to_json()
    assert (data / MANIFEST).read_bytes() == (tmp_path / "whole" / MANIFEST).read_bytes()
    assert {path: path.stat().st_mtime_ns for path in done} == made
    assert not list((data / PICTURES).glob(".*"))


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_is_reported_and_the_run_resumes(folder, tmp_path):
    target = tmp_path / "disk"
    target.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", target], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        for i in range(12):
            soundfile.write(folder / f"{i:02d}.wav", beat_loop(1, seed=i), 34953)
        with pytest.raises(OutputError, match="the disk is full"):
            convert_folder(folder, BEAT, target / "data", jobs=1)
        assert not (target / "data" / MANIFEST).exists()
        subprocess.run(["mount", "-o", "remount,size=9m", target], check=True)
        assert convert_folder(folder, BEAT, target / "data", jobs=1).manifest.images == 12
        assert len(open_images(target / "data").array) == 12
    finally:
        subprocess.run(["umount", target], check=True)


def test_a_truncated_line_of_the_journal_costs_one_sound(folder, tmp_path):
    for i in range(3):
        soundfile.write(folder / f"{i}.wav", beat_loop(1, seed=i), 34953)

    def stop(done, total=1.0):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folder(folder, BEAT, tmp_path / "data", jobs=1, progress=stop)
    journal = tmp_path / "data" / ".unfinished.jsonl"
    journal.write_text(journal.read_text()[:-40])
    first = (tmp_path / "data" / PICTURES / "0.png").stat().st_mtime_ns
    assert convert_folder(folder, BEAT, tmp_path / "data", jobs=1).manifest.images == 3
    assert (tmp_path / "data" / PICTURES / "0.png").stat().st_mtime_ns == first
    assert read_manifest(tmp_path / "data").images == 3
