"""The dataset commands on the command line."""

import json

import numpy as np
import pytest
import soundfile

from app.cli import run
from technogan.formats import find_format
from tests.training.track_makers import Truth, samples_of
from training.corpus import bar
from training.dataset.conversion import images_of
from training.dataset.manifest import read_manifest
from training.dataset.png import write_grey

TRUTH = Truth(7, 124.0, "peak-time", rate=44100, offset=0.7, bars=24)


@pytest.fixture
def track(tmp_path):
    """A folder with one track of 124 BPM."""
    (tmp_path / "tracks").mkdir()
    soundfile.write(tmp_path / "tracks" / "one.flac", samples_of(TRUTH), TRUTH.rate)
    return tmp_path / "tracks"


def test_four_commands_from_tracks_to_a_dataset(track, tmp_path, capsys):
    steps = [
        ["tempo", track, "--pictures", tmp_path / "drift"],
        ["conform", track, "--bpm", "126", "-o", tmp_path / "conformed"],
        ["slice", tmp_path / "conformed", "--bpm", "126", "--beats", "4", "-o", tmp_path / "slices"],
        ["convert", tmp_path / "slices", "-f", "beat", "-o", tmp_path / "data", "-j", "1"],
        ["check", tmp_path / "data"],
    ]
    outputs = []
    for step in steps:
        assert run(["dataset", *map(str, step)]) == 0
        outputs.append(capsys.readouterr().out)
    assert "124.000 BPM, first downbeat at 0.70" in outputs[0]
    assert "126.000 BPM" in outputs[1]
    assert "23 slices" in outputs[2] or "24 slices" in outputs[2]
    images = json.loads((tmp_path / "data" / "dataset.json").read_text())["images"]
    assert images in (92, 96)
    assert (tmp_path / "drift" / "one-drift.png").exists()


def test_a_track_that_fails_is_reported_and_the_others_are_measured(track, capsys):
    (track / "cut.wav").write_bytes(b"RIFF\0\0\1\0WAVE")
    assert run(["dataset", "tempo", str(track), "--json"]) == 1
    captured = capsys.readouterr()
    assert [entry["verdict"] for entry in json.loads(captured.out)] == ["exact"]
    assert "cut.wav" in captured.err


def test_tracks_with_the_same_name_do_not_replace_each_other(track, tmp_path, capsys):
    soundfile.write(track / "one.wav", samples_of(TRUTH), TRUTH.rate)
    for command in ("conform", "slice"):
        out = tmp_path / command
        assert run(["dataset", command, str(track), "--bpm", "124", "-o", str(out)]) == 0
        assert sorted(path.stem for path in out.iterdir()) == ["one-1", "one-2"]


def test_slicing_at_a_wrong_tempo_warns(track, tmp_path, capsys):
    assert run(["dataset", "slice", str(track), "--bpm", "125", "-o", str(tmp_path / "out"), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)[0]["slices"] > 20
    assert "not exact at 125 BPM" in captured.err


def test_audition(tmp_path, capsys):
    soundfile.write(tmp_path / "bar.wav", bar.render(1), 34953)
    arguments = ["dataset", "audition", str(tmp_path / "bar.wav"), "-f", "bar", "-o", str(tmp_path / "out")]
    assert run([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["convergence_db"] < -10
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.parametrize("rows", [256, 320])
def test_pictures_are_adopted(tmp_path, capsys, rows):
    found = find_format("bar", rows=rows)
    write_grey(tmp_path / "a.png", images_of(bar.render(1), found)[0][0])
    write_grey(tmp_path / "b.png", np.zeros((3, 3), np.uint8))
    assert run(["dataset", "check", str(tmp_path), "--adopt", "--format", "bar", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["readable"] == 1
    assert "b.png" in captured.err
    assert read_manifest(tmp_path).format == found


def test_synth_convert_check(tmp_path, capsys):
    sounds, data = str(tmp_path / "sounds"), str(tmp_path / "data")
    assert run(["dataset", "synth", "--bars", "2", "--seed", "40", "-o", sounds, "--jobs", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["dataset", "convert", sounds, "--format", "beat", "-o", data, "--jobs", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["images"] == 8
    assert result["left_out"] == []
    assert run(["dataset", "check", data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sound"] is True


def test_synth_writes_a_dataset(tmp_path, capsys):
    arguments = [
        "dataset",
        "synth",
        "--bars",
        "2",
        "--style",
        "dub",
        "--images",
        "--format",
        "half-cq",
        "-o",
        str(tmp_path),
    ]
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 4
    assert run(["dataset", "check", str(tmp_path)]) == 0


def test_the_exit_status_shows_that_sounds_were_left_out(tmp_path, capsys):
    sounds = tmp_path / "sounds"
    assert run(["dataset", "synth", "--bars", "1", "-o", str(sounds), "--jobs", "1"]) == 0
    (sounds / "broken.wav").write_bytes(b"RIFF")
    assert run(["dataset", "convert", str(sounds), "-f", "bar", "-o", str(tmp_path / "data"), "-j", "1"]) == 1
    assert "broken.wav" in capsys.readouterr().err
    assert (tmp_path / "data" / "dataset.json").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["synth", "--bars", "0", "-o", "x"], 1, "bars"),
        (["synth", "--bars", "1", "--format", "brunch", "-o", "x"], 1, "brunch"),
        (["synth", "--bars", "1", "--style", "polka", "-o", "x"], 1, "polka"),
        (["synth", "--bars", "1", "--bpm", "0", "-o", "x"], 1, "bpm"),
        (["synth", "--bars", "1", "--jobs", "0", "-o", "x"], 1, "jobs"),
        (["synth", "-o", "x"], 2, "--bars"),
        (["convert", "nowhere", "-f", "bar", "-o", "x"], 1, "no such folder"),
        (["convert", "nowhere", "-o", "x"], 2, "--format"),
        (["convert", ".", "-f", "bar", "-o", "x", "--level", "loud"], 1, "keep, track, slice"),
        (["convert", ".", "-f", "bar", "-o", "x", "--beats", "0"], 1, "beats"),
        (["check", "nowhere"], 1, "dataset.json"),
        (["check", "nowhere", "--adopt"], 1, "format"),
        (["check", "nowhere", "--adopt", "-f", "bar"], 1, "no such folder"),
        (["tempo", "nowhere.wav"], 1, "nowhere.wav: no such file"),
        (["tempo", "."], 1, "contains no tracks"),
        (["tempo"], 2, "TRACK"),
        (["conform", "nowhere.wav", "-o", "x"], 2, "--bpm"),
        (["conform", "nowhere.wav", "--bpm", "128", "-o", "x", "--method", "squeeze"], 1, "stretch, resample"),
        (["conform", "nowhere.wav", "--bpm", "nan", "-o", "x"], 1, "bpm"),
        (["slice", "nowhere.wav", "--bpm", "0", "-o", "x"], 1, "bpm"),
        (["slice", "nowhere.wav", "--bpm", "128", "--every", "0", "-o", "x"], 1, "every"),
        (["audition", "nowhere.wav", "-f", "bar", "-o", "x"], 1, "no such file"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path, monkeypatch, capsys, arguments, status, message):
    monkeypatch.chdir(tmp_path)
    assert run(["dataset", *arguments]) == status
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x" / "dataset.json").exists()
