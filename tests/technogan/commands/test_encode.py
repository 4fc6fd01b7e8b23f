import json

import numpy as np
import pytest

from app.cli import run
from technogan.files.png import write_png
from technogan.files.seed_source import read_seed
from technogan.network.encoder import encoder_path
from technogan.network.generator import Generator
from technogan.seeds.seed import Seed, latents
from tests.encoders import plain_model, tiny_model

SEED = Seed.from_integer(3, 8)


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path / "tiny.onnx")


@pytest.fixture
def picture(tmp_path, model):
    write_png(tmp_path / "loop.png", Generator(model).generate(latents([SEED]))[0])
    return tmp_path / "loop.png"


def test_the_nearest_seed_is_printed(model, picture, capsys):
    assert run(["encode", str(picture), "-m", str(model.path)]) == 0
    printed = capsys.readouterr()
    np.testing.assert_allclose(read_seed(printed.out.strip(), 8).values, SEED.values, atol=3)
    assert printed.err.startswith("distance 0.0")


def test_the_written_file_is_a_seed(model, picture, tmp_path, capsys):
    out = tmp_path / "seed.json"
    assert run(["encode", str(picture), "-m", str(model.path), "-o", str(out), "--json"]) == 0
    details = json.loads(capsys.readouterr().out)
    assert details == json.loads(out.read_text())
    assert list(read_seed(str(out), 8).values) == details["seed"]
    assert details["distance"] <= details["guessed"] < details["random"]
    assert details["model"] == "tiny"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arguments: [*arguments, "--steps", "99"], "steps"),
        (lambda arguments: [*arguments, "-o", "seed.txt"], ".json"),
        (lambda arguments: ["encode", "nowhere.wav", *arguments[2:]], "no such file"),
        (lambda arguments: [*arguments[:2], "-m", "missing"], "missing"),
    ],
)
def test_invalid_arguments_are_refused(model, picture, capsys, change, message):
    assert run(change(["encode", str(picture), "-m", str(model.path)])) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def test_a_model_does_not_need_an_encoder(tmp_path, picture, capsys):
    plain_model(tmp_path / "plain.onnx")
    assert run(["encode", str(picture), "-m", str(tmp_path / "plain.onnx")]) == 0
    np.testing.assert_allclose(read_seed(capsys.readouterr().out.strip(), 8).values, SEED.values, atol=3)


def test_a_damaged_encoder_is_refused(model, picture, capsys):
    path = encoder_path(model.path)
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["encode", str(picture), "-m", str(model.path)]) == 1
    error = capsys.readouterr().err
    assert "tiny.encoder.onnx" in error
    assert error.count("\n") == 1


def test_info_shows_the_encoder_of_a_model(tmp_path, model, capsys):
    for path in (model.path, plain_model(tmp_path / "plain.onnx").path):
        assert run(["models", "info", str(path), "--json"]) == 0
    objects = capsys.readouterr().out.replace("}\n{", "},{")
    assert [model["encoder"] for model in json.loads(f"[{objects}]")] == [str(tmp_path / "tiny.encoder.onnx"), ""]


def test_verify_refuses_a_damaged_encoder(model, capsys):
    assert run(["models", "verify", str(model.path)]) == 0
    path = encoder_path(model.path)
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["models", "verify", str(model.path)]) == 1
    assert "tiny.encoder.onnx" in capsys.readouterr().err
