"""Small runs, but real ones: on the back end that KERAS_BACKEND names."""

import dataclasses
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.engine import Engine  # noqa: E402
from technogan.errors import OutputError, SourceError, SpecMismatch  # noqa: E402
from technogan.network import library  # noqa: E402
from technogan.seeds.seed import Seed  # noqa: E402
from tests.training.small import small, small_dataset  # noqa: E402
from training.export.model import export  # noqa: E402
from training.learning.checkpoints import CHECKPOINTS, load_checkpoint, numbered  # noqa: E402
from training.learning.exhaustion import OutOfMemory  # noqa: E402
from training.learning.previews import PREVIEWS  # noqa: E402
from training.learning.run import CONFIG, Run  # noqa: E402
from training.learning.trainer import train  # noqa: E402
from training.learning.training_loop import Limit, TrainingFailed  # noqa: E402
from training.learning.trial import try_out  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.usefixtures("step_by_step"),
    pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning",
        "ignore:builtin type .* has no __module__ attribute:DeprecationWarning",
    ),
]


class Commands:
    """Gives these commands, one a step, after so many steps without any."""

    def __init__(self, *commands, after=0):
        self._commands = [None] * after + list(commands)

    def next(self):
        return self._commands.pop(0) if self._commands else None


def run_of(tmp_path, config, name="run"):
    return Run.create(tmp_path / name, config)


def words(run):
    return [event["event"] for event in run.events()]


def newest(run):
    return load_checkpoint(numbered(run.folder / CHECKPOINTS)[-1])


def test_a_run_leaves_everything_that_its_folder_promises(tmp_path, config):
    run = run_of(tmp_path, dataclasses.replace(config, glance=16))
    heard: list[Mapping] = []
    progress = train(run, Limit(images=40), Commands(), heard.append)
    assert (progress.steps, progress.images) == (10, 40)
    told = [word for word in words(run) if word != "progress"]
    assert told == ["started", "checkpoint", "preview", "floor", "figures", "stopped"]
    assert heard == run.events()
    assert newest(run)[0] == progress
    assert sorted(path.name for path in (run.folder / PREVIEWS).iterdir()) == ["000000040.png", "000000040.wav"]
    assert any((run.folder / "tensorboard").iterdir())
    assert np.isfinite(next(event for event in run.events() if event["event"] == "figures")["mel"])


def test_the_run_is_a_model_that_plays(tmp_path, config):
    run = run_of(tmp_path, config)
    train(run, Limit(images=8), Commands())
    bundle = library.find(run.folder)
    assert bundle.spec.licence == config.licence
    assert "8 images" in bundle.spec.training
    assert np.isfinite(Engine(bundle).render(Seed.from_integer(0)).samples).all()


@pytest.mark.parametrize("halved", [True, False])
def test_an_export_does_what_the_keras_model_does(tmp_path, config, halved):
    run = run_of(tmp_path, config)
    train(run, Limit(images=8), Commands())
    exported = export(run, tmp_path / "mine.onnx", halved=halved)
    assert exported.bundle.spec.name == "mine"
    assert exported.difference < (5e-3 if halved else 1e-4)
    assert exported.images == 8


def test_a_run_that_goes_on_ends_where_an_unbroken_one_does(tmp_path, config):
    config = dataclasses.replace(config, deterministic=True)
    whole, broken = run_of(tmp_path, config, "whole"), run_of(tmp_path, config, "broken")
    train(whole, Limit(images=80), Commands())
    for images in (12, 44, 80):
        train(broken, Limit(images=images), Commands())
    for name, expected in newest(whole)[1].items():
        np.testing.assert_allclose(newest(broken)[1][name], expected, atol=1e-5, err_msg=name)


def test_the_networks_learn(tmp_path, config):
    run = run_of(tmp_path, config)
    train(run, Limit(images=4), Commands())
    before = newest(run)[1]
    train(run, Limit(images=8), Commands())
    after = newest(run)[1]
    for part in ("generator", "average", "discriminator"):
        assert any((after[name] != before[name]).any() for name in before if name.startswith(f"{part}/")), part


def test_save_and_stop_and_pause(tmp_path, config):
    run = run_of(tmp_path, config)
    progress = train(run, Limit(), Commands(None, "save", "pause", None, None, "pause", "stop"))
    assert progress.images == 16
    told = [word for word in words(run) if word not in ("progress", "preview")]
    assert told == ["started", "checkpoint", "paused", "resumed", "checkpoint", "stopped"]


@pytest.mark.parametrize(
    ("limit", "commands", "reason"),
    [(Limit(images=8), (), "images"), (Limit(minutes=0.0), (), "minutes"), (Limit(), (None, "stop"), "asked")],
)
def test_a_run_tells_why_it_ended(tmp_path, config, limit, commands, reason):
    run = run_of(tmp_path, config)
    train(run, limit, Commands(*commands))
    assert run.events()[-1]["reason"] == reason


def test_a_run_may_go_on_with_another_batch(tmp_path, config):
    run = run_of(tmp_path, config)
    train(run, Limit(images=16), Commands())
    recipe = dataclasses.replace(config.network.recipe, batch=2)
    run = run.changed(network=dataclasses.replace(config.network, recipe=recipe))
    assert train(run, Limit(images=20), Commands()).images == 20


def test_too_little_memory_is_told(tmp_path, config, monkeypatch):
    run = run_of(tmp_path, config)

    def step(*_):
        raise MemoryError

    monkeypatch.setattr("training.learning.trainer.Trainer._step", step)
    with pytest.raises(OutOfMemory, match="--batch 2"):
        train(run, Limit(), Commands())
    assert (run.events()[-1]["event"], run.events()[-1]["cause"]) == ("failed", "memory")


def test_a_trial_keeps_nothing(tmp_path, config):
    heard: list[float] = []
    cost = try_out(config, heard.append, seconds=0.1)
    assert cost.images_per_second > 0
    assert cost.memory_mb > 100
    assert heard[-1] == 1.0
    assert not any(path.name != "dataset" for path in tmp_path.iterdir())


def test_a_pause_can_end_with_a_stop(tmp_path, config):
    run = run_of(tmp_path, config)
    assert train(run, Limit(), Commands("pause", None, "stop")).images == 4


def test_losses_that_are_no_numbers_end_a_run_and_leave_the_checkpoint(tmp_path, config):
    run = run_of(tmp_path, config)
    train(run, Limit(images=8), Commands())
    recipe = dataclasses.replace(config.network.recipe, learning_rate=1.0)
    wild = run.changed(network=dataclasses.replace(config.network, recipe=recipe))
    for path in numbered(run.folder / CHECKPOINTS):
        progress, arrays = load_checkpoint(path)
        for name in arrays:
            if name.startswith("generator/"):
                arrays[name][:] = np.nan
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, facts=json.dumps(dataclasses.asdict(progress)), **arrays)
    with pytest.raises(TrainingFailed, match="the checkpoint of 8 images is kept"):
        train(wild, Limit(images=80), Commands())
    assert [int(path.stem) for path in numbered(run.folder / CHECKPOINTS)] == [8]
    assert words(run)[-1] == "failed"


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path, config):
    run = run_of(tmp_path, config)
    for images in (4, 8):
        train(run, Limit(images=images), Commands())
    numbered(run.folder / CHECKPOINTS)[-1].write_bytes(b"PK")
    assert train(run, Limit(images=12), Commands()).images == 12
    assert "warning" in words(run)


def test_a_disk_that_is_full_for_a_while_loses_nothing(tmp_path, config, monkeypatch):
    run = run_of(tmp_path, config)

    def full(*_):
        raise OutputError(run.folder, "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("training.learning.trainer.save_checkpoint", full)
        with pytest.raises(OutputError, match="full"):
            train(run, Limit(images=8), Commands("save"))
    assert [event["event"] for event in run.events() if event["event"] in ("warning", "failed")] == [
        "warning",
        "failed",
    ]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"images": 63}, SpecMismatch),
        ({"network": small("half")}, SpecMismatch),
        ({"dataset": "/nowhere"}, SourceError),
    ],
)
def test_a_dataset_that_does_not_fit(tmp_path, config, change, error):
    run = run_of(tmp_path, dataclasses.replace(config, **change))
    with pytest.raises(error):
        train(run, Limit(images=4), Commands())
    assert words(run) == ["failed"]


def test_few_images_give_no_figures_and_no_trouble(tmp_path, config):
    dataset = small_dataset(tmp_path / "few", config.network, 5)
    run = run_of(tmp_path, dataclasses.replace(config, dataset=str(dataset), images=5, glance=16))
    train(run, Limit(images=8), Commands())
    assert "figures" not in words(run)
    assert "warning" in words(run)


def test_a_longer_networks_weights_are_taken_over(tmp_path, config):
    parent = small("half")
    dataset = small_dataset(tmp_path / "half", parent)
    longer = run_of(tmp_path, dataclasses.replace(config, network=parent, dataset=str(dataset)), "longer")
    train(longer, Limit(images=8), Commands())
    shorter = run_of(tmp_path, dataclasses.replace(config, parent=str(longer.folder)), "shorter")
    assert train(shorter, Limit(images=4), Commands()).images == 4


def command(run, *options):
    dataset = json.loads((run.folder / CONFIG).read_text())["dataset"]
    arguments = ["-m", "app", "train", dataset, "-o", str(run.folder), "--resume", "--json", *options]
    return [sys.executable, *arguments]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_stop_signal_saves_and_stops(tmp_path, config):
    run = run_of(tmp_path, config)
    with subprocess.Popen(command(run), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "progress":
                process.send_signal(signal.SIGTERM)
                break
        rest = [json.loads(line)["event"] for line in process.stdout]
    assert process.returncode == 0
    assert rest[-3:] == ["checkpoint", "preview", "stopped"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_killed_twenty_times_and_resumed_a_run_ends_where_an_unbroken_one_does(tmp_path, config):
    config = dataclasses.replace(config, deterministic=True, checkpoint_minutes=0.005)
    whole, broken = run_of(tmp_path, config, "whole"), run_of(tmp_path, config, "broken")
    rng = np.random.default_rng(0)
    begun = set()
    for _ in range(20):
        # From the start, before the first checkpoint, to half a second after the fifth or so.
        with subprocess.Popen(command(broken), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            begun.add(json.loads(process.stdout.readline())["images"])
            for _ in range(rng.integers(6)):
                process.stdout.readline()
            time.sleep(rng.uniform(0, 0.5))
            assert process.poll() is None
            process.kill()
    assert len(begun) > 5
    images = str(load_checkpoint(numbered(broken.folder / CHECKPOINTS)[-1])[0].images + 100)
    for run in (broken, whole):
        subprocess.run(command(run, "--images", images), check=True, capture_output=True)
    for name, expected in newest(whole)[1].items():
        np.testing.assert_allclose(newest(broken)[1][name], expected, atol=1e-5, err_msg=name)
