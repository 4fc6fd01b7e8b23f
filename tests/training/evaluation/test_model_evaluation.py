"""Evaluate models, through the command line and by stems and sounds."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import run
from technogan.engine import Engine
from technogan.errors import SpecMismatch
from technogan.formats import StftSettings
from technogan.network.generator import Generator
from technogan.network.library import find_model
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from tests.networks import LATENT_SIZE, STEMS, TINY, stems_network, tiny_network, tiny_spec
from training.dataset.conversion import images_of
from training.dataset.images import ARRAY, open_images
from training.dataset.manifest import Manifest
from training.evaluation.metrics import MIN_IMAGES, make_evaluator
from training.evaluation.model_evaluation import evaluate, generate_images, generate_sounds


def test_images_do_not_depend_on_their_number(tmp_path):
    tiny = Generator(write_bundle(tiny_network(batch="n"), tiny_spec(), tmp_path / "tiny.onnx"))
    images = np.concatenate(list(generate_images(tiny, 7)))
    assert images.shape == (7, TINY.n_bins, TINY.n_frames)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(np.concatenate(list(generate_images(tiny, 5))), images[:5])


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """Datasets by name: 48 beats, 8 beats, 2 bars."""
    folder = tmp_path_factory.mktemp("datasets")
    for name, bars, form in (("beats", 12, "beat-256"), ("few", 2, "beat-256"), ("bars", 2, "bar-256")):
        arguments = ["--bars", str(bars), "--seed", "90", "--images", "--format", form, "--jobs", "1"]
        assert run(["dataset", "synth", *arguments, "-o", str(folder / name)]) == 0
    return folder


def test_evaluate_the_bundled_model(datasets, capsys):
    capsys.readouterr()
    assert run(["evaluate", "beat", str(datasets / "beats"), "--json"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    report = json.loads(output.out)
    assert (report["model"], report["format"], report["images"]) == ("beat", "beat", MIN_IMAGES)
    assert report["checksum"] == find_model("beat").checksum
    assert report["generated"]["beat_autocorrelation"] is None
    for name in ("mel", "texture", "onsets"):
        assert report["generated"][name] > 0
        assert report["floor"][name] > 0
    sliders = report["sliders"]
    assert 0 < sliders["step"] < sliders["weakest"] <= sliders["strongest"] < sliders["apart"]
    assert sliders["balanced"] is (sliders["idle"] == [])


def test_the_evaluator_of_training_gives_the_same_floor(datasets, capsys):
    _, floor = make_evaluator(open_images(datasets / "beats"))
    assert run(["evaluate", "beat", str(datasets / "beats"), "--images", "16"]) == 0
    table = capsys.readouterr().out
    assert f"{floor.mel:10.3f}" in next(line for line in table.splitlines() if line.startswith("mel distance"))
    for text in ("16 images each", "recall", "moved by 32, weakest", "two random seeds"):
        assert text in table


def _without_images(folder: Path) -> None:
    (folder / ARRAY).unlink()


def _cut_short(folder: Path) -> None:
    whole = (folder / ARRAY).read_bytes()
    (folder / ARRAY).write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["beat", "nowhere"], 1, "dataset.json"),
        (["brunch", "beats"], 1, "brunch"),
        (["beats/images.onnx", "beats"], 1, "images.onnx"),
        (["bar", "beats"], 1, "expected loops of 4 beats and 65536 samples, got loops of 1 beats"),
        (["beat", "bars"], 1, "expected loops of 1 beats and 16384 samples, got loops of 4 beats"),
        (["beat", "few"], 1, "48 or more"),
        (["beat", "beats", "--images", "17"], 1, "from 16 to 16"),
        (["beat", "beats", "--images", "15"], 1, "from 16 to 16"),
        (["beat", "beats", "--images", "-1"], 1, "from 16 to 16"),
        (["beat", "beats", "--images", "many"], 2, "--images"),
        (["beat"], 2, "DATASET"),
    ],
)
def test_invalid_arguments_are_refused(datasets, monkeypatch, capsys, arguments, status, message):
    monkeypatch.chdir(datasets)
    assert run(["evaluate", *arguments]) == status
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("damage", [_without_images, _cut_short])
def test_a_damaged_dataset_is_refused(datasets, tmp_path, capsys, damage):
    for name in ("dataset.json", ARRAY):
        (tmp_path / name).write_bytes((datasets / "beats" / name).read_bytes())
    damage(tmp_path)
    assert run(["evaluate", "beat", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("technogan: ")
    assert ARRAY in error


@pytest.fixture
def model_with_stems(tmp_path):
    return write_bundle(stems_network(), tiny_spec(stems=STEMS), tmp_path / "stems.onnx")


def tiny_dataset(folder, stems=(), **changes):
    """Write 48 images of noise, or of as many stems."""
    described = dataclasses.replace(TINY, **changes)
    manifest = Manifest(described, "array", 48, {}, {}, stems=stems)
    folder.mkdir()
    levels = np.linspace(200, 40, described.n_bins)[:, np.newaxis]
    noise_of_rows = np.random.default_rng(4).uniform(0.3, 1, (48, *manifest.image_shape))
    np.save(folder / ARRAY, (levels * noise_of_rows).astype(np.uint8))
    manifest.save(folder)
    return folder


def test_stems_are_compared_one_by_one(model_with_stems, tmp_path):
    report = evaluate(model_with_stems, tiny_dataset(tmp_path / "data", STEMS))
    assert list(report.stems) == list(STEMS)
    assert not report.by_sound
    for generated, floor in report.stems.values():
        assert generated.mel > floor.mel > 0
    assert len({generated.mel for generated, _ in report.stems.values()}) == 3
    assert json.loads(json.dumps(report.to_dict()))["stems"]["kick"][0]["mel"] == report.stems["kick"][0].mel
    lines = report.table().splitlines()
    for name in STEMS:
        assert lines[lines.index(name) + 1].startswith("mel distance")


@pytest.mark.parametrize("changes", [{}, {"power": 2.0}, {"n_bins": 64, "transform": StftSettings(128)}])
def test_sounds_are_compared_with_a_dataset_without_stems(model_with_stems, tmp_path, changes):
    report = evaluate(model_with_stems, tiny_dataset(tmp_path / "data", **changes))
    assert (report.by_sound, report.stems, report.images) == (True, {}, 16)
    assert report.generated.mel > 0
    assert "16 sounds each" in report.table()


def test_the_name_of_a_format_does_not_matter(tmp_path):
    model = write_bundle(tiny_network(batch="n"), tiny_spec(), tmp_path / "tiny.onnx")
    assert not evaluate(model, tiny_dataset(tmp_path / "data", name="other")).by_sound


def test_sounds_are_those_of_the_images(model_with_stems):
    fine = dataclasses.replace(TINY, n_bins=64, transform=StftSettings(128))
    found = np.concatenate(list(generate_sounds(Generator(model_with_stems), 3, fine)))
    loops = [Engine(model_with_stems).render(Seed.from_integer(number, LATENT_SIZE)) for number in range(3)]
    unlevelled = [loop.samples / np.float32(10 ** (loop.levels.gain_db / 20)) for loop in loops]
    expected = np.concatenate([images_of(samples, fine)[0] for samples in unlevelled])
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    assert np.abs(found.astype(int) - expected).mean() < 1


@pytest.mark.parametrize(
    ("stems", "words"),
    [
        (STEMS[:2], r"the dataset's stems, for the model tiny: .*'music'.*, got \('kick', 'drums'\)"),
        (("kick", "drums", "bass"), "got .*'bass'"),
    ],
)
def test_a_dataset_of_other_stems_is_refused(model_with_stems, tmp_path, stems, words):
    with pytest.raises(SpecMismatch, match=words):
        evaluate(model_with_stems, tiny_dataset(tmp_path / "data", stems))
