"""technogan render --stems, run by the command line."""

import json

import numpy as np
import pytest
import soundfile

from app.cli import run
from technogan.files.seed_source import read_seed
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from tests.networks import STEMS, stems_network, tiny_network, tiny_spec

NAMES = sorted(["loop.wav", *(f"loop-{name}.wav" for name in STEMS)])


@pytest.fixture
def render(tmp_path, monkeypatch):
    """A function that renders seed 3 of a model with stems to loop.wav; returns the exit status."""
    monkeypatch.chdir(tmp_path)
    write_bundle(stems_network(), tiny_spec(bpm=640.0, stems=STEMS), tmp_path / "models" / "stems.onnx")
    return lambda *options, command="render", seed=("--seed", "3"): run(
        [command, "-m", "models/stems.onnx", *seed, "-o", "out/loop.wav", *options]
    )


def read_files(folder):
    return {path.name: soundfile.read(path, dtype="float32") for path in folder.glob("*.wav")}


@pytest.mark.parametrize("rate", [(), ("--rate", "22050")])
def test_the_files_of_stems_add_up_to_the_loop(render, tmp_path, rate):
    assert render("--stems", "--subtype", "float", *rate) == 0
    files = read_files(tmp_path / "out")
    assert sorted(files) == NAMES
    assert len({rate for _, rate in files.values()}) == 1
    np.testing.assert_allclose(sum(files[f"loop-{name}.wav"][0] for name in STEMS), files["loop.wav"][0], atol=1e-6)
    assert read_seed(tmp_path / "out" / "loop-kick.wav", 8) == Seed.from_integer(3, 8)


def test_the_paths_of_stems_are_printed(render, capsys):
    assert render("--stems", "--image") == 0
    assert capsys.readouterr().out.splitlines() == [
        "out/loop.wav",
        "out/loop.png",
        *(f"out/loop-{name}.wav" for name in STEMS),
    ]


def test_the_paths_of_stems_are_in_the_json(render, capsys):
    assert render("--stems", "--json") == 0
    (details,) = json.loads(capsys.readouterr().out)
    assert details["stems"] == {name: f"out/loop-{name}.wav" for name in STEMS}


def test_stems_are_not_written_unless_requested(render, tmp_path, capsys):
    assert render("--json") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["loop.wav"]
    assert "stems" not in json.loads(capsys.readouterr().out)[0]


def test_sequences_have_stems(render, tmp_path):
    assert render("--stems", "--steps", "2", "--to", "5", command="fade", seed=("--from", "3")) == 0
    files = read_files(tmp_path / "out")
    assert sorted(files) == NAMES
    assert len({len(samples) for samples, _ in files.values()}) == 1


def test_a_model_without_stems_is_refused(render, tmp_path, capsys):
    write_bundle(tiny_network(), tiny_spec(bpm=640.0), tmp_path / "plain.onnx")
    assert run(["render", "-m", "plain.onnx", "--stems", "-o", "out/loop.wav"]) == 1
    assert "model is 'tiny'; it must be one with stems if --stems is given" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
