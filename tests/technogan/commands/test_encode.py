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


def test_what_is_printed_is_a_seed(model, picture, capsys):
    assert run(["encode", str(picture), "-m", str(model.path)]) == 0
    told = capsys.readouterr()
    np.testing.assert_allclose(read_seed(told.out.strip(), 8).values, SEED.values, atol=3)
    assert told.err.startswith("distance 0.0")


def test_the_file_that_is_written_is_a_seed(model, picture, tmp_path, capsys):
    out = tmp_path / "seed.json"
    assert run(["encode", str(picture), "-m", str(model.path), "-o", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts == json.loads(out.read_text())
    assert list(read_seed(str(out), 8).values) == facts["seed"]
    assert facts["distance"] <= facts["guessed"] < facts["random"]
    assert facts["model"] == "tiny"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda arguments: [*arguments, "--steps", "99"], "steps"),
        (lambda arguments: [*arguments, "-o", "seed.txt"], ".json"),
        (lambda arguments: ["encode", "nowhere.wav", *arguments[2:]], "no such file"),
        (lambda arguments: [*arguments[:2], "-m", "nobody"], "nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(model, picture, capsys, change, said):
    assert run(change(["encode", str(picture), "-m", str(model.path)])) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err


def test_a_model_without_an_encoder_will_do(tmp_path, picture, capsys):
    plain_model(tmp_path / "plain.onnx")
    assert run(["encode", str(picture), "-m", str(tmp_path / "plain.onnx")]) == 0
    np.testing.assert_allclose(read_seed(capsys.readouterr().out.strip(), 8).values, SEED.values, atol=3)


def test_an_encoder_that_is_damaged_is_refused(model, picture, capsys):
    path = encoder_path(model.path)
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["encode", str(picture), "-m", str(model.path)]) == 1
    told = capsys.readouterr().err
    assert "tiny.encoder.onnx" in told
    assert told.count("\n") == 1


def test_a_model_says_whether_it_has_an_encoder(tmp_path, model, capsys):
    for path in (model.path, plain_model(tmp_path / "plain.onnx").path):
        assert run(["models", "info", str(path), "--json"]) == 0
    facts = capsys.readouterr().out.replace("}\n{", "},{")
    assert [fact["encoder"] for fact in json.loads(f"[{facts}]")] == [str(tmp_path / "tiny.encoder.onnx"), ""]


def test_a_damaged_encoder_does_not_verify(model, capsys):
    assert run(["models", "verify", str(model.path)]) == 0
    path = encoder_path(model.path)
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["models", "verify", str(model.path)]) == 1
    assert "tiny.encoder.onnx" in capsys.readouterr().err
