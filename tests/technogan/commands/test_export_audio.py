"""technogan export-audio, run by the command line."""

import sys

import pytest

from app.cli import run
from technogan.network.writing import write_bundle
from tests.networks import TINY, tiny_network, tiny_spec


@pytest.fixture
def model(tmp_path):
    write_bundle(tiny_network(), tiny_spec(format=TINY, bpm=640.0), tmp_path / "tiny.onnx")
    return str(tmp_path / "tiny.onnx")


def test_the_path_of_the_file_is_printed(tmp_path, model, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["export-audio", model]) == 0
    assert capsys.readouterr().out == "tiny.audio.onnx\n"
    assert (tmp_path / "tiny.audio.onnx").stat().st_size > (tmp_path / "tiny.onnx").stat().st_size


def test_an_existing_file_is_kept_without_replace(tmp_path, model, capsys):
    target = tmp_path / "mine.onnx"
    target.write_bytes(b"mine")
    assert run(["export-audio", model, "-o", str(target)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert target.read_bytes() == b"mine"
    assert run(["export-audio", model, "-o", str(target), "--replace"]) == 0
    assert target.read_bytes() != b"mine"


@pytest.mark.parametrize("arguments", [["-o", "loop.wav"], ["--sequence"]])
def test_invalid_arguments_are_refused(tmp_path, model, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert run(["export-audio", model, *arguments]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.onnx"]


def test_without_onnx_the_error_names_what_to_install(model, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "technogan.audio_graph.export", None)
    assert run(["export-audio", model, "-o", "never.onnx"]) == 1
    assert "technogan[onnx]" in capsys.readouterr().err
