"""Real training runs of small networks, on the back end in KERAS_BACKEND."""

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
from training.export.model import export_model  # noqa: E402
from training.learning.checkpoints import CHECKPOINTS, list_checkpoints, load_checkpoint  # noqa: E402
from training.learning.out_of_memory import OutOfMemory  # noqa: E402
from training.learning.previews import PREVIEWS  # noqa: E402
from training.learning.run import CONFIG, Run  # noqa: E402
from training.learning.trainer import train  # noqa: E402
from training.learning.training_loop import Limit, TrainingFailed  # noqa: E402
from training.learning.trial import run_trial  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.usefixtures("step_by_step"),
    pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning",
        "ignore:builtin type .* has no __module__ attribute:DeprecationWarning",
    ),
]


class Commands:
    """A source of these commands, one per step, after `after` steps without any."""

    def __init__(self, *commands, after=0):
        self._commands = [None] * after + list(commands)

    def next(self):
        return self._commands.pop(0) if self._commands else None


def create_run(tmp_path, config, name="run"):
    return Run.create(tmp_path / name, config)


def event_names(run):
    return [event["event"] for event in run.read_events()]


def newest(run):
    return load_checkpoint(list_checkpoints(run.folder / CHECKPOINTS)[-1])


def test_a_run_writes_all_of_its_files_and_events(tmp_path, config):
    run = create_run(tmp_path, dataclasses.replace(config, glance=16))
    received: list[Mapping] = []
    progress = train(run, Limit(images=40), Commands(), received.append)
    assert (progress.steps, progress.images) == (10, 40)
    names = [name for name in event_names(run) if name != "progress"]
    assert names == ["started", "checkpoint", "preview", "floor", "figures", "stopped"]
    assert received == run.read_events()
    assert newest(run)[0] == progress
    assert sorted(path.name for path in (run.folder / PREVIEWS).iterdir()) == ["000000040.png", "000000040.wav"]
    assert any((run.folder / "tensorboard").iterdir())
    assert np.isfinite(next(event for event in run.read_events() if event["event"] == "figures")["mel"])


def test_the_model_of_a_run_renders(tmp_path, config):
    run = create_run(tmp_path, config)
    train(run, Limit(images=8), Commands())
    bundle = library.find_model(run.folder)
    assert bundle.spec.licence == config.licence
    assert "8 images" in bundle.spec.training
    assert np.isfinite(Engine(bundle).render(Seed.from_integer(0)).samples).all()


@pytest.mark.parametrize("halved", [True, False])
def test_an_export_matches_the_keras_model(tmp_path, config, halved):
    run = create_run(tmp_path, config)
    train(run, Limit(images=8), Commands())
    exported = export_model(run, tmp_path / "mine.onnx", halved=halved)
    assert exported.bundle.spec.name == "mine"
    assert exported.difference < (5e-3 if halved else 1e-4)
    assert exported.images == 8


def test_a_resumed_run_gives_the_same_result(tmp_path, config):
    config = dataclasses.replace(config, deterministic=True)
    whole, broken = create_run(tmp_path, config, "whole"), create_run(tmp_path, config, "broken")
    train(whole, Limit(images=80), Commands())
    for images in (12, 44, 80):
        train(broken, Limit(images=images), Commands())
    for name, expected in newest(whole)[1].items():
        np.testing.assert_allclose(newest(broken)[1][name], expected, atol=1e-5, err_msg=name)


def test_the_networks_learn(tmp_path, config):
    run = create_run(tmp_path, config)
    train(run, Limit(images=4), Commands())
    before = newest(run)[1]
    train(run, Limit(images=8), Commands())
    after = newest(run)[1]
    for part in ("generator", "average", "discriminator"):
        assert any((after[name] != before[name]).any() for name in before if name.startswith(f"{part}/")), part


def test_save_pause_and_stop(tmp_path, config):
    run = create_run(tmp_path, config)
    progress = train(run, Limit(), Commands(None, "save", "pause", None, None, "pause", "stop"))
    assert progress.images == 16
    names = [name for name in event_names(run) if name not in ("progress", "preview")]
    assert names == ["started", "checkpoint", "paused", "resumed", "checkpoint", "stopped"]


@pytest.mark.parametrize(
    ("limit", "commands", "reason"),
    [(Limit(images=8), (), "images"), (Limit(minutes=0.0), (), "minutes"), (Limit(), (None, "stop"), "asked")],
)
def test_the_last_event_gives_the_reason(tmp_path, config, limit, commands, reason):
    run = create_run(tmp_path, config)
    train(run, limit, Commands(*commands))
    assert run.read_events()[-1]["reason"] == reason


def test_a_run_can_resume_with_another_batch_size(tmp_path, config):
    run = create_run(tmp_path, config)
    train(run, Limit(images=16), Commands())
    recipe = dataclasses.replace(config.network.recipe, batch=2)
    run = run.with_settings(network=dataclasses.replace(config.network, recipe=recipe))
    assert train(run, Limit(images=20), Commands()).images == 20


def test_an_out_of_memory_error_is_reported(tmp_path, config, monkeypatch):
    run = create_run(tmp_path, config)

    def step(*_):
        raise MemoryError

    monkeypatch.setattr("training.learning.trainer.Trainer._step", step)
    with pytest.raises(OutOfMemory, match="--batch 2"):
        train(run, Limit(), Commands())
    assert (run.read_events()[-1]["event"], run.read_events()[-1]["cause"]) == ("failed", "memory")


def test_a_trial_writes_nothing(tmp_path, config):
    received: list[float] = []
    cost = run_trial(config, lambda done, total=1.0: received.append(done / total), seconds=0.1)
    assert cost.images_per_second > 0
    assert cost.memory_mb > 100
    assert received[-1] == 1.0
    assert not any(path.name != "dataset" for path in tmp_path.iterdir())


def test_a_pause_can_end_with_a_stop(tmp_path, config):
    run = create_run(tmp_path, config)
    assert train(run, Limit(), Commands("pause", None, "stop")).images == 4


def test_a_nan_loss_ends_the_run_and_keeps_the_checkpoint(tmp_path, config):
    run = create_run(tmp_path, config)
    train(run, Limit(images=8), Commands())
    recipe = dataclasses.replace(config.network.recipe, learning_rate=1.0)
    wild = run.with_settings(network=dataclasses.replace(config.network, recipe=recipe))
    for path in list_checkpoints(run.folder / CHECKPOINTS):
        progress, arrays = load_checkpoint(path)
        for name in arrays:
            if name.startswith("generator/"):
                arrays[name][:] = np.nan
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, facts=json.dumps(dataclasses.asdict(progress)), **arrays)
    with pytest.raises(TrainingFailed, match="the checkpoint of 8 images is kept"):
        train(wild, Limit(images=80), Commands())
    assert [int(path.stem) for path in list_checkpoints(run.folder / CHECKPOINTS)] == [8]
    assert event_names(run)[-1] == "failed"


def test_a_run_resumes_from_the_checkpoint_before_a_damaged_one(tmp_path, config):
    run = create_run(tmp_path, config)
    for images in (4, 8):
        train(run, Limit(images=images), Commands())
    list_checkpoints(run.folder / CHECKPOINTS)[-1].write_bytes(b"PK")
    assert train(run, Limit(images=12), Commands()).images == 12
    assert "warning" in event_names(run)


def test_training_continues_while_the_disk_is_full(tmp_path, config, monkeypatch):
    run = create_run(tmp_path, config)

    def full(*_):
        raise OutputError(run.folder, "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("training.learning.trainer.save_checkpoint", full)
        with pytest.raises(OutputError, match="full"):
            train(run, Limit(images=8), Commands("save"))
    assert [event["event"] for event in run.read_events() if event["event"] in ("warning", "failed")] == [
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
def test_a_dataset_that_does_not_match(tmp_path, config, change, error):
    run = create_run(tmp_path, dataclasses.replace(config, **change))
    with pytest.raises(error):
        train(run, Limit(images=4), Commands())
    assert event_names(run) == ["failed"]


def test_too_few_images_for_metrics_give_a_warning(tmp_path, config):
    dataset = small_dataset(tmp_path / "few", config.network, 5)
    run = create_run(tmp_path, dataclasses.replace(config, dataset=str(dataset), images=5, glance=16))
    train(run, Limit(images=8), Commands())
    assert "figures" not in event_names(run)
    assert "warning" in event_names(run)


def test_a_network_with_stems_is_trained(tmp_path, config):
    network = dataclasses.replace(config.network, stems=("kick", "drums", "music"))
    dataset = small_dataset(tmp_path / "stems", network)
    run = create_run(tmp_path, dataclasses.replace(config, network=network, dataset=str(dataset), glance=16))
    assert train(run, Limit(images=8), Commands()).images == 8
    assert {"figures", "preview", "checkpoint"} <= set(event_names(run))
    assert library.find_model(str(run.folder)).spec.stems == network.stems


def test_weights_of_a_longer_network_are_transferred(tmp_path, config):
    parent = small("half")
    dataset = small_dataset(tmp_path / "half", parent)
    longer = create_run(tmp_path, dataclasses.replace(config, network=parent, dataset=str(dataset)), "longer")
    train(longer, Limit(images=8), Commands())
    shorter = create_run(tmp_path, dataclasses.replace(config, parent=str(longer.folder)), "shorter")
    assert train(shorter, Limit(images=4), Commands()).images == 4


def command(run, *options):
    dataset = json.loads((run.folder / CONFIG).read_text())["dataset"]
    arguments = ["-m", "app", "train", dataset, "-o", str(run.folder), "--resume", "--json", *options]
    return [sys.executable, *arguments]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM handlers")
def test_a_stop_signal_saves_and_stops(tmp_path, config):
    run = create_run(tmp_path, config)
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
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM handlers")
def test_a_run_killed_twenty_times_gives_the_same_result(tmp_path, config):
    config = dataclasses.replace(config, deterministic=True, checkpoint_minutes=0.005)
    whole, broken = create_run(tmp_path, config, "whole"), create_run(tmp_path, config, "broken")
    rng = np.random.default_rng(0)
    starts = set()
    for _ in range(20):
        # Kill it anywhere from its start to half a second after its fifth event or so.
        with subprocess.Popen(command(broken), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            starts.add(json.loads(process.stdout.readline())["images"])
            for _ in range(rng.integers(6)):
                process.stdout.readline()
            time.sleep(rng.uniform(0, 0.5))
            assert process.poll() is None
            process.kill()
    assert len(starts) > 5
    images = str(load_checkpoint(list_checkpoints(broken.folder / CHECKPOINTS)[-1])[0].images + 100)
    for run in (broken, whole):
        subprocess.run(command(run, "--images", images), check=True, capture_output=True)
    for name, expected in newest(whole)[1].items():
        np.testing.assert_allclose(newest(broken)[1][name], expected, atol=1e-5, err_msg=name)
