"""The dataset commands as a user types them."""

from __future__ import annotations

import json

import pytest

from app.cli import run


def test_synth_convert_check(tmp_path, capsys):
    sounds, data = str(tmp_path / "sounds"), str(tmp_path / "data")
    assert run(["dataset", "synth", "--bars", "2", "--seed", "40", "-o", sounds, "--jobs", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["dataset", "convert", sounds, "--format", "beat", "-o", data, "--jobs", "1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["images"] == 8
    assert facts["left_out"] == []
    assert run(["dataset", "check", data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sound"] is True


def test_synth_makes_a_dataset_at_once(tmp_path, capsys):
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


def test_a_sound_that_was_left_out_shows_in_the_exit_status(tmp_path, capsys):
    sounds = tmp_path / "sounds"
    assert run(["dataset", "synth", "--bars", "1", "-o", str(sounds), "--jobs", "1"]) == 0
    (sounds / "broken.wav").write_bytes(b"RIFF")
    assert run(["dataset", "convert", str(sounds), "-f", "bar", "-o", str(tmp_path / "data"), "-j", "1"]) == 1
    assert "broken.wav" in capsys.readouterr().err
    assert (tmp_path / "data" / "dataset.json").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["synth", "--bars", "0", "-o", "x"], 1, "bars"),
        (["synth", "--bars", "1", "--format", "brunch", "-o", "x"], 1, "brunch"),
        (["synth", "--bars", "1", "--style", "polka", "-o", "x"], 1, "polka"),
        (["synth", "--bars", "1", "--bpm", "0", "-o", "x"], 1, "bpm"),
        (["synth", "--bars", "1", "--jobs", "0", "-o", "x"], 1, "jobs"),
        (["synth", "-o", "x"], 2, "--bars"),
        (["convert", "nowhere", "-f", "bar", "-o", "x"], 1, "no such folder"),
        (["convert", "nowhere", "-o", "x"], 2, "--format"),
        (["check", "nowhere"], 1, "dataset.json"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, monkeypatch, capsys, arguments, status, said):
    monkeypatch.chdir(tmp_path)
    assert run(["dataset", *arguments]) == status
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x" / "dataset.json").exists()
