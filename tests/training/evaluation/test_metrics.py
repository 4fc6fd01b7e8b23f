"""Quality metrics: each against its definition, then all through the command line."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from app.cli import run
from technogan.engine import Engine
from technogan.errors import SettingError, SpecMismatch
from technogan.formats import FORMATS, StftSettings
from technogan.network.generator import Generator
from technogan.network.library import find_model
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from tests.networks import LATENT_SIZE, STEMS, TINY, stems_network, tiny_network, tiny_spec, weights
from training.corpus import bar
from training.dataset.conversion import images_of
from training.dataset.images import ARRAY, open_images
from training.dataset.manifest import Manifest
from training.evaluation.distances import (
    compute_precision_recall,
    frechet_distance,
    frechet_distance_of_normals,
    mean_pairwise_distance,
)
from training.evaluation.embedding import (
    Embedding,
    FeatureExtractor,
    LogMel,
    iterate_batches,
    mel_filters,
    row_frequencies,
)
from training.evaluation.metrics import MIN_IMAGES, Evaluator, choose_stem, make_evaluator, split
from training.evaluation.model_evaluation import evaluate, generate_images, generate_sounds
from training.evaluation.rhythm import beat_autocorrelation, on_grid_share
from training.evaluation.sliders import measure_sliders

BEAT, BAR = FORMATS["beat-256"], FORMATS["bar-256"]


def column(*values):
    return np.array(values, np.float64)[:, np.newaxis]


def noise(spectrogram_format, n=2):
    shape = (n, spectrogram_format.n_bins, spectrogram_format.n_frames)
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


def test_frechet_distance_of_normals_with_equal_axes():
    a, b = np.array([4.0, 9.0, 1.0]), np.array([1.0, 25.0, 1.0])
    distance = frechet_distance_of_normals(np.array([1.0, 2.0, 3.0]), np.diag(a), np.array([1.0, 0.0, 3.0]), np.diag(b))
    assert distance == pytest.approx(4 + np.square(np.sqrt(a) - np.sqrt(b)).sum())


def test_frechet_distance_of_normals_with_different_axes():
    a, b = np.array([[4.0, 1.5], [1.5, 1.0]]), np.array([[1.0, -0.5], [-0.5, 3.0]])
    # The trace of the root of a 2 x 2 matrix with eigenvalues p and q: (sqrt p + sqrt q)^2 = p + q + 2 sqrt(p q).
    shared = math.sqrt(np.trace(a @ b) + 2 * math.sqrt(np.linalg.det(a @ b)))
    expected = np.trace(a) + np.trace(b) - 2 * shared
    assert frechet_distance_of_normals(np.zeros(2), a, np.zeros(2), b) == pytest.approx(expected)
    assert frechet_distance_of_normals(np.zeros(2), b, np.zeros(2), a) == pytest.approx(expected)


def test_frechet_distance_of_points(rng):
    points = rng.standard_normal((40, 96))
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-4)
    assert frechet_distance(points, points[::-1] + 0.5) == pytest.approx(96 * 0.25, abs=1e-4)
    assert frechet_distance(points, 3 * points) == pytest.approx(
        4 * (np.square(points.mean(axis=0)).sum() + points.var(axis=0, ddof=1).sum()), rel=1e-6
    )


def test_precision_recall_by_hand():
    scores = compute_precision_recall(column(0, 1, 2), column(0.5, 10, 11.25), k=1)
    # The neighbourhoods of real points have radius 1, those of the generated ones 9.5, 1.25 and 1.25.
    assert (scores.precision, scores.recall, scores.coverage, scores.density) == pytest.approx((1 / 3, 1, 2 / 3, 2 / 3))


def test_precision_recall_of_equal_disjoint_and_repeated_sets(rng):
    points = rng.standard_normal((1200, 8))
    equal = compute_precision_recall(points, points)
    assert (equal.precision, equal.recall, equal.coverage) == (1, 1, 1)
    disjoint = compute_precision_recall(points, points + 100)
    assert (disjoint.precision, disjoint.recall, disjoint.coverage, disjoint.density) == (0, 0, 0, 0)
    few = compute_precision_recall(points, np.repeat(points[:12], 100, axis=0))
    assert few.precision == 1
    assert few.recall <= 12 / 1200
    assert few.coverage < 0.2


def test_precision_recall_of_many_points(rng):
    real, generated = rng.standard_normal((1100, 3)), rng.standard_normal((700, 3)) * 1.5
    between = np.linalg.norm(real[:, np.newaxis] - generated, axis=2)
    real_radii = np.sort(np.linalg.norm(real[:, np.newaxis] - real, axis=2))[:, 5]
    generated_radii = np.sort(np.linalg.norm(generated[:, np.newaxis] - generated, axis=2))[:, 5]
    scores = compute_precision_recall(real, generated)
    within = between < real_radii[:, np.newaxis]
    assert scores.precision == within.any(axis=0).mean()
    assert scores.coverage == within.any(axis=1).mean()
    assert scores.density == pytest.approx(within.sum(axis=0).mean() / 5)
    assert scores.recall == (between < generated_radii).any(axis=1).mean()


def test_mean_pairwise_distance():
    assert mean_pairwise_distance(column(0, 1, 3)) == pytest.approx(2)
    assert mean_pairwise_distance(column(7, 7, 7)) == 0


@pytest.mark.parametrize(("frames", "share"), [(range(0, 512, 32), 1), (range(14, 512, 32), 0), (range(512), 0.125)])
def test_share_of_onsets_on_the_grid(frames, share):
    envelope = np.zeros((1, 512), np.float32)
    envelope[:, list(frames)] = 1
    assert on_grid_share(envelope, BAR) == pytest.approx(share)


@pytest.mark.parametrize(
    ("name", "beats", "expected"), [("bar", 4, 1), ("bar", 2, 0), ("half", 2, 1), ("beat", 1, None)]
)
def test_autocorrelation_at_one_beat(name, beats, expected):
    spectrogram_format = FORMATS[name]
    envelope = np.zeros((2, spectrogram_format.n_frames), np.float32)
    envelope[:, :: spectrogram_format.n_frames // beats] = 1
    found = beat_autocorrelation(envelope, spectrogram_format)
    assert found == (None if expected is None else pytest.approx(expected, abs=0.01))


@pytest.mark.parametrize("name", FORMATS)
def test_mel_filters_are_centred_on_their_bands(name):
    frequencies = row_frequencies(FORMATS[name])
    bank = mel_filters(frequencies)
    assert (np.diff(frequencies) > 0).all()
    np.testing.assert_allclose(bank.sum(axis=1), 1, rtol=1e-5)
    centres = bank @ frequencies
    assert (np.diff(centres) >= 0).all()
    assert centres[0] < 120
    assert 15000 < centres[-1] < 17000


def test_row_frequencies():
    assert row_frequencies(BEAT)[[1, 255]] == pytest.approx([68.266, 17407.8], rel=1e-4)


def test_log_mel_of_a_level():
    image = np.ones((1, BEAT.n_bins, BEAT.n_frames), np.float32)
    log_mel = LogMel(BEAT)
    np.testing.assert_allclose(log_mel.of_images(image), 2 * np.log10(160), rtol=1e-5)
    quieter = 2 * 10 ** (-1 / 3) - 1
    np.testing.assert_allclose(log_mel.of_images(image * np.float32(quieter)), 2 * np.log10(16), rtol=1e-4)
    np.testing.assert_allclose(log_mel.of_images(-image), -4, rtol=1e-5)


def test_features_never_change():
    picture = (np.add.outer(np.arange(256) * 7, np.arange(128) * 5) % 256).astype(np.uint8)[np.newaxis]
    features = FeatureExtractor(BEAT).extract([picture])
    assert (features.mel.shape, features.texture.shape, features.onsets.shape) == ((1, 1024), (1, 896), (1, 128))
    found = [float(values.sum(dtype=np.float64)) for values in (features.mel, features.texture, features.onsets)]
    assert found == pytest.approx([2955.6606, 496.37776, 5.0516099], rel=1e-4)


def test_texture_does_not_depend_on_where_a_loop_begins():
    images = noise(BEAT)
    here, there = (FeatureExtractor(BEAT).extract([np.roll(images, shift, axis=2)]) for shift in (0, 40))
    np.testing.assert_allclose(there.texture, here.texture, rtol=1e-3, atol=1e-4)
    assert not np.allclose(there.mel, here.mel, atol=0.1)


def test_points_do_not_depend_on_batches():
    images = noise(BEAT, 10)
    embedding = Embedding(BEAT, [images])
    whole, pieces = embedding.project([images]), embedding.project(iterate_batches(images, size=3))
    for name in ("mel", "texture", "onsets"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), atol=1e-3)


def test_images_of_another_size_are_refused():
    with pytest.raises(SpecMismatch, match="128"):
        FeatureExtractor(BEAT).extract([noise(BAR)])


@pytest.fixture(scope="module")
def beats():
    """uint8 (160, 256, 128), four beats each of 40 bars."""
    return np.concatenate([images_of(bar.render(seed), BEAT)[0] for seed in range(40)])


@pytest.fixture(scope="module")
def evaluator(beats):
    return Evaluator(BEAT, [beats[:48]], [beats[48:104]])


def _blurred(images):
    soft = images.astype(np.float32)
    for axis in (1, 2):
        soft = sum(np.roll(soft, step, axis=axis) for step in (-2, -1, 0, 1, 2)) / 5
    return soft.astype(np.uint8)


def test_real_images_are_closer_than_degraded_ones(beats, evaluator):
    others = beats[104:]
    floor = evaluator.measure([others])
    blurred, shifted = evaluator.measure([_blurred(others)]), evaluator.measure([np.roll(others, 8, axis=2)])
    assert floor.texture < blurred.texture / 1.5
    assert floor.mel < blurred.mel
    assert floor.onsets < shifted.onsets / 2
    assert floor.on_grid > shifted.on_grid
    few = evaluator.measure([np.repeat(others[:4], 14, axis=0)])
    assert floor.mel < few.mel / 2
    assert few.recall < floor.recall / 2
    assert few.coverage < floor.coverage / 2
    assert few.diversity < 0.9


def test_the_reference_has_perfect_metrics(beats, evaluator):
    same = evaluator.measure(iterate_batches(beats[48:104]))
    assert (same.mel, same.texture, same.onsets) == pytest.approx((0, 0, 0), abs=1e-3)
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    assert same.diversity == pytest.approx(1)


def test_metrics_of_silence():
    silence = np.zeros((8, BEAT.n_bins, BEAT.n_frames), np.uint8)
    metrics = Evaluator(BEAT, [silence], [silence]).measure([silence])
    assert (metrics.mel, metrics.diversity, metrics.on_grid) == (0, 0, 0)


@pytest.mark.parametrize("name", FORMATS)
def test_metrics_of_every_format(name):
    spectrogram_format = FORMATS[name]
    images = np.concatenate([images_of(bar.render(seed), spectrogram_format)[0] for seed in range(18)])[:18]
    metrics = Evaluator(spectrogram_format, [images[:6]], [images[6:12]]).measure([images[12:]])
    assert min(metrics.mel, metrics.texture, metrics.onsets) > 0
    assert 0.125 < metrics.on_grid < 0.6
    assert (metrics.beat_autocorrelation is None) == (spectrogram_format.beats == 1)


def _manifest(images, sounds=(), **origin):
    sources = ({"path": f"{i}.wav", "images": [f"{i}-{j}.png" for j in range(n)]} for i, n in enumerate(sounds))
    return Manifest(BEAT, "png" if sounds else "array", images, origin, {}, tuple(sources))


def test_parts_are_disjoint_and_keep_sounds_together():
    parts = split(_manifest(240, bars=60))
    bars = [set(part // 4) for part in parts]
    assert [len(part) for part in parts] == [80, 80, 80]
    assert len(set.union(*bars)) == 60 == sum(map(len, bars))
    for part, again in zip(parts, split(_manifest(240, sounds=[4] * 60)), strict=True):
        np.testing.assert_array_equal(part, again)
    for part in split(_manifest(240, bars=60), 20):
        assert len(set(part // 4)) == 20


@pytest.mark.parametrize("sounds", [(96,), (2, 90, 4), ()])
def test_images_of_few_or_uneven_sounds_are_split(sounds):
    parts = split(_manifest(96, sounds))
    assert [len(part) for part in parts] == [32, 32, 32]
    assert len(set(np.concatenate(parts))) == 96


def test_too_few_images_are_refused():
    with pytest.raises(SettingError, match="48 or more"):
        split(_manifest(47))


@pytest.fixture
def tiny(tmp_path):
    """A generator whose third slider has no effect."""
    matrix = weights()
    matrix[2] = 0
    return Generator(write_bundle(tiny_network(batch="n", matrix=matrix), tiny_spec(), tmp_path / "tiny.onnx"))


def test_a_slider_without_effect_is_idle(tiny):
    sliders = measure_sliders(tiny, 3)
    assert 3 in sliders.idle
    assert not sliders.balanced
    assert sliders.weakest == 0
    assert 0 < sliders.step < sliders.strongest / 16
    assert sliders.strongest < sliders.apart
    assert 0 <= sliders.within <= (LATENT_SIZE - 1) / LATENT_SIZE


def test_images_do_not_depend_on_their_number(tiny):
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


def test_a_stem_is_chosen_from_images(rng):
    images = rng.integers(0, 200, (2, 3, 32, 48), dtype=np.uint8)
    np.testing.assert_array_equal(choose_stem(images, TINY, 1), images[:, 1])
    mixed = choose_stem(images, TINY)
    assert mixed.shape == (2, 32, 48)
    assert (mixed >= images.max(axis=1)).all()
    np.testing.assert_array_equal(choose_stem(mixed, TINY), mixed)


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
