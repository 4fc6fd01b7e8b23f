"""Encoders of small runs, on the back end in KERAS_BACKEND."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.errors import BundleError, OutputError, SourceError, SpecMismatch  # noqa: E402
from technogan.network import library  # noqa: E402
from technogan.network.encoder import Encoder, encoder_path  # noqa: E402
from technogan.network.generator import Generator  # noqa: E402
from technogan.network.library import RUN_MODEL  # noqa: E402
from tests.training.learning.test_trainer import Commands  # noqa: E402
from tests.training.small import small, small_dataset  # noqa: E402
from training.export.model import export_model  # noqa: E402
from training.learning.batches import Batches  # noqa: E402
from training.learning.checkpoints import (  # noqa: E402
    AVERAGES,
    CHECKPOINTS,
    ENCODER,
    TrainingProgress,
    list_checkpoints,
    load_checkpoint,
    save_average,
)
from training.learning.encoder_trainer import train_encoder  # noqa: E402
from training.learning.run import Run  # noqa: E402
from training.learning.start import make_encoder_learner, prepare_keras, sample_images  # noqa: E402
from training.learning.training_loop import Limit, TrainingFailed  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.usefixtures("step_by_step"),
    pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning",
        "ignore:builtin type .* has no __module__ attribute:DeprecationWarning",
    ),
]


@pytest.fixture
def run(tmp_path, config):
    """A run with one averaged generator."""
    run = Run.create(tmp_path / "run", config)
    save_generator(run, 100)
    return run


def save_generator(run, images):
    """Save a generator as the run's average after this many images."""
    keras.utils.set_random_seed(images)
    model = build_generator(run.config.network)
    model.fit_rows(sample_images(np.load(f"{run.config.dataset}/images.npy")))
    save_average(run.folder, TrainingProgress(images // 4, images, 1.0), model.weights())


def event_names(run):
    return [event["event"] for event in run.read_events() if event["event"] != "progress"]


def newest(run):
    return load_checkpoint(list_checkpoints(run.folder / ENCODER / CHECKPOINTS)[-1])


def real_images(run, count=4):
    return sample_images(np.load(f"{run.config.dataset}/images.npy")[:count])


def test_an_encoder_is_written_alongside_the_model(run):
    received: list[Mapping] = []
    progress = train_encoder(run, Limit(images=8), Commands(), received.append)
    assert (progress.steps, progress.images) == (4, 8)
    assert event_names(run) == ["started", "checkpoint", "stopped"]
    assert received == run.read_events()
    assert all(event["part"] == "encoder" for event in received)
    bundle = library.find_model(run.folder)
    assert Encoder(bundle).encode(real_images(run)).shape == (4, 64)
    assert "100 images" in bundle.spec.training


def test_only_the_encoder_is_trained(run, config):
    prepare_keras(config)
    _, weights = load_checkpoint(list_checkpoints(run.folder / AVERAGES)[-1])
    learner = make_encoder_learner(config, {name: values.astype(np.float32) for name, values in weights.items()})
    before, encoder = learner.generator.weights(), learner.weights()
    batches = Batches(np.load(f"{config.dataset}/images.npy"), config.network, random_seed=0)
    losses = [{name: float(value) for name, value in learner.step(batches(0)).items()} for _ in range(40)]
    assert losses[-1]["latent"] < 0.7 * losses[0]["latent"]
    assert losses[-1]["picture"] < losses[0]["picture"]
    for name, values in learner.generator.weights().items():
        np.testing.assert_array_equal(values, before[name])
    changed = {name for name, values in learner.weights().items() if (values != encoder[name]).any()}
    assert changed == {name for name in encoder if not name.startswith("level/")}


def test_a_resumed_training_gives_the_same_result(tmp_path, config):
    config = dataclasses.replace(config, deterministic=True)
    whole, broken = (Run.create(tmp_path / name, config) for name in ("whole", "broken"))
    for run in (whole, broken):
        save_generator(run, 100)
    train_encoder(whole, Limit(images=24), Commands())
    for images in (4, 14, 24):
        train_encoder(broken, Limit(images=images), Commands(), resume=True)
    for name, expected in newest(whole)[1].items():
        np.testing.assert_allclose(newest(broken)[1][name], expected, atol=1e-5, err_msg=name)


def test_save_pause_and_stop(run):
    progress = train_encoder(run, Limit(), Commands(None, "save", "pause", None, "resume", "stop"))
    assert progress.images == 8
    assert event_names(run) == ["started", "checkpoint", "paused", "resumed", "checkpoint", "stopped"]


def test_a_second_encoder_needs_resume(run):
    train_encoder(run, Limit(images=4), Commands())
    with pytest.raises(OutputError, match="--resume"):
        train_encoder(run, Limit(images=4), Commands())
    assert train_encoder(run, Limit(images=8), Commands(), resume=True).images == 8


def test_a_run_without_checkpoints(tmp_path, config):
    run = Run.create(tmp_path / "empty", config)
    with pytest.raises(SourceError, match="has no checkpoint yet"):
        train_encoder(run, Limit(images=4), Commands())


@pytest.mark.parametrize("halved", [True, False])
def test_an_export_includes_the_encoder(tmp_path, run, halved):
    train_encoder(run, Limit(images=8), Commands())
    exported = export_model(run, tmp_path / "mine.onnx", halved=halved)
    assert exported.encoder is not None
    assert exported.encoder.path == tmp_path / "mine.encoder.onnx"
    assert exported.encoder.images == 8
    assert exported.encoder.difference <= (2e-2 if halved else 1e-3)
    assert exported.to_dict()["encoder"] == str(exported.encoder.path)
    Encoder(exported.bundle)


def test_even_rotates_model_and_encoder(tmp_path, run):
    train_encoder(run, Limit(images=8), Commands())
    original, even = export_model(run, tmp_path / "was.onnx"), export_model(run, tmp_path / "even.onnx", even=True)
    assert (original.rotated, even.rotated) == (False, True)
    assert even.difference < 5e-3
    assert even.encoder is not None
    assert not np.allclose(
        Encoder(even.bundle).encode_unclipped(real_images(run)),
        Encoder(original.bundle).encode_unclipped(real_images(run)),
        atol=0.05,
    )


def test_an_export_of_another_generator_has_no_encoder(tmp_path, run):
    train_encoder(run, Limit(images=4), Commands())
    save_generator(run, 200)
    assert export_model(run, tmp_path / "newer.onnx").encoder is None
    assert not (tmp_path / "newer.encoder.onnx").exists()
    assert export_model(run, tmp_path / "older.onnx", images=100).encoder is not None


def test_an_encoder_can_resume_for_a_newer_generator(tmp_path, run):
    train_encoder(run, Limit(images=4), Commands())
    save_generator(run, 200)
    train_encoder(run, Limit(images=8), Commands(), resume=True)
    assert export_model(run, tmp_path / "newer.onnx").encoder is not None


def test_an_encoder_for_the_best_generator(tmp_path, run):
    save_generator(run, 200)
    for images, mel in ((100, 2.0), (200, 3.0)):
        run.append_event("figures", images=images, mel=mel)
    train_encoder(run, Limit(images=4), Commands(), best=True)
    assert "100 images" in library.find_model(run.folder).spec.training
    exported = export_model(run, tmp_path / "best.onnx", best=True)
    assert exported.images == 100
    assert exported.encoder is not None


def test_an_encoder_of_an_earlier_generator_is_not_used(run):
    train_encoder(run, Limit(images=4), Commands())
    earlier = encoder_path(run.folder / RUN_MODEL).read_bytes()
    save_generator(run, 200)
    train_encoder(run, Limit(images=4), Commands(), resume=True)
    encoder_path(run.folder / RUN_MODEL).write_bytes(earlier)
    with pytest.raises(BundleError, match="an earlier version of it"):
        Encoder(library.find_model(run.folder))


def test_a_checkpoint_of_another_network_is_refused(run, config):
    train_encoder(run, Limit(images=4), Commands())
    other = small("beat", batch=4)
    other = dataclasses.replace(other, discriminator=dataclasses.replace(other.discriminator, channels=(5, 5, 5, 5)))
    changed = dataclasses.replace(run, config=dataclasses.replace(config, network=other))
    with pytest.raises(SpecMismatch, match="weights"):
        train_encoder(changed, Limit(images=8), Commands(), resume=True)


def test_a_network_with_stems_is_refused(run, config):
    network = dataclasses.replace(config.network, stems=("kick", "drums"))
    changed = dataclasses.replace(run, config=dataclasses.replace(config, network=network))
    with pytest.raises(SpecMismatch, match=r"the stems of a network with an encoder: expected none, got \('kick'"):
        train_encoder(changed, Limit(images=4), Commands())
    assert not (run.folder / ENCODER).exists()


def test_a_nan_loss_ends_the_training(run):
    train_encoder(run, Limit(images=4), Commands())
    path = list_checkpoints(run.folder / ENCODER / CHECKPOINTS)[-1]
    with np.load(path) as found:
        arrays = dict(found)
    arrays["encoder/hidden/bias"][:] = np.nan
    with path.open("wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(TrainingFailed, match="the checkpoint of 4 images is kept"):
        train_encoder(run, Limit(images=20), Commands(), resume=True)
    assert event_names(run)[-1] == "failed"


def test_an_encoder_of_a_network_without_row_scaling_or_noise(tmp_path, config):
    definition = small("prototype-128x256", batch=4)
    dataset = small_dataset(tmp_path / "dataset", definition, 8)
    config = dataclasses.replace(config, network=definition, dataset=str(dataset), images=8)
    run = Run.create(tmp_path / "run", config)
    save_generator(run, 100)
    train_encoder(run, Limit(images=4), Commands())
    bundle = library.find_model(run.folder)
    assert Encoder(bundle).encode(Generator(bundle).generate(np.zeros((1, 64), np.float32))).shape == (1, 64)


def technogan(*arguments):
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_the_command(run):
    before = (run.folder / "config.json").read_bytes()
    done = technogan(
        "train", run.config.dataset, "-o", run.folder, "--encoder", "--images", 4, "--checkpoint-minutes", 3, "--json"
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()][-2:] == ["checkpoint", "stopped"]
    assert (run.folder / "config.json").read_bytes() == before


def test_settings_of_the_run_are_refused_for_its_encoder(run):
    done = technogan("train", run.config.dataset, "-o", run.folder, "--encoder", "--batch", 4)
    assert done.returncode == 1
    assert "batch is '4'; it must be left out with --encoder" in done.stderr
