"""Take the pictures of the training wizard, with an invented run."""

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PySide6.QtGui import QPixmap

from app.settings.paths import STATE_VARIABLE
from app.wizards.training.benchmark import BenchmarkResult
from app.wizards.training.cost import TrainingCost
from app.wizards.training.runs import runs_dir
from app.wizards.training.wizard import TrainingWizard
from scripts.docs.stage import WIZARD, Stage
from technogan.formats import find_format
from technogan.network.generator import Generator
from technogan.network.library import find_model
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents
from training.learning.previews import save_preview

_IMAGES, _CHECKPOINTS, _RATE = 6200, 14, 11.4
_COST = TrainingCost(_RATE, 31.0, 2290.0, "", 0.0, 455.0, 25.0)


def _take(prepare: Callable[[Stage, TrainingWizard], None], stage: Stage) -> QPixmap:
    """Open the wizard with a dataset and an earlier run, both in the stage's folder, and return its picture."""
    os.environ[STATE_VARIABLE] = str(stage.folder)
    dataset = stage.folder / "night set"
    _write_dataset(dataset)
    _write_run(runs_dir() / "night set", dataset)
    stage.its.tool_windows.open_training(dataset)
    wizard = stage.its.tool_windows.window_of("training")
    assert isinstance(wizard, TrainingWizard)
    wizard.resize(*WIZARD)
    prepare(stage, wizard)
    stage.rest(0.2)
    return wizard.grab()


def _dataset(_stage: Stage, _wizard: TrainingWizard) -> None:
    """Take the first page as it opens."""


def _settings(stage: Stage, wizard: TrainingWizard) -> None:
    wizard.settings.benchmark.result = BenchmarkResult(wizard.plan.options, str(stage.folder / "night set"), _COST)
    wizard.go("settings")


def _run(stage: Stage, wizard: TrainingWizard) -> None:
    wizard.plan.follow(runs_dir() / "night set")
    wizard.go("run")
    stage.until(lambda: wizard.run.previews.image.image is not None and wizard.run.follower.outcome is not None)


def _model(stage: Stage, wizard: TrainingWizard) -> None:
    wizard.plan.follow(runs_dir() / "night set")
    wizard.go("run")
    stage.until(lambda: bool(wizard.run.follower.progress.metrics))
    wizard.go("finish")


def _tools(stage: Stage) -> QPixmap:
    os.environ[STATE_VARIABLE] = str(stage.folder)
    with patch("app.wizards.common.training_tools.find_tools", return_value=None):
        stage.its.tool_windows.open_tools()
    window = stage.its.tool_windows.window_of("tools")
    assert window is not None
    window.resize(*WIZARD)
    stage.rest(0.2)
    return window.grab()


def _write_dataset(folder: Path) -> None:
    folder.mkdir()
    manifest = {"format": find_format("bar").to_dict(), "images": _IMAGES, "storage": "array", "origin": {}}
    (folder / "dataset.json").write_text(json.dumps(manifest))
    (folder / "images.npy").write_bytes(b"")


def _write_run(folder: Path, dataset: Path) -> None:
    folder.mkdir(parents=True)
    config = {"dataset": str(dataset), "images": _IMAGES, "network": {"recipe": {"batch": 16}}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.onnx").write_bytes(b"")
    rng = np.random.default_rng(0)
    events: list[dict[str, Any]] = [{"event": "started", "images": 0, "seconds": 0}]
    for i in range(1, 40 * _CHECKPOINTS + 1):
        images = 200 * i
        at = {"images": images, "seconds": images / _RATE}
        wobble = float(rng.normal(0, 0.25))
        losses = {"generator": 2.4 + 3 / i**0.5 + wobble, "discriminator": 0.9 - 0.3 / i**0.5 + 0.3 * wobble}
        events.append({"event": "progress", "images_per_second": _RATE + wobble} | losses | at)
        if i % 40 == 0:
            events += _checkpoint(at, images)
    number = int(events[-1]["images"])
    generator = Generator(find_model("bar"))
    seeds = [Seed.from_integer(each) for each in range(16)]
    save_preview(folder, number, generator.generate(latents(seeds, SLIDER_SCALE)), generator.spec.format)
    paths = [f"previews/{number:09d}{suffix}" for suffix in (".png", ".wav")]
    events += [{"event": "preview", "images": number, "paths": paths}, {"event": "stopped", "reason": "asked"}]
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


def _checkpoint(at: Mapping[str, float], images: int) -> list[dict[str, Any]]:
    mel = 4.2 + 24 * (images / 8000) ** -0.6
    events: list[dict[str, Any]] = [{"event": "checkpoint"}, {"event": "figures", "mel": mel, "diversity": 0.9}]
    if images == 8000:
        events.insert(1, {"event": "floor", "mel": 3.1})
    return [event | dict(at) for event in events]


# See `scripts.docs.pictures`.
SCENES: Mapping[str, Callable[[Stage], QPixmap]] = {
    "training-dataset": partial(_take, _dataset),
    "training-settings": partial(_take, _settings),
    "training-run": partial(_take, _run),
    "training-model": partial(_take, _model),
    "training-tools": _tools,
}
