"""The commands that lead from nothing to a loop: synthesise a dataset, train for a minute, export, render."""

import json
import os
import subprocess
import sys

import pytest
import soundfile

pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

pytestmark = pytest.mark.keras


@pytest.fixture
def technogan(tmp_path):
    environment = os.environ | {"TECHNOGAN_MODELS": str(tmp_path / "models")}

    def run(*arguments):
        command = [sys.executable, "-m", "app", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    return run


def test_a_minute_of_training_gives_a_model_that_renders(technogan, tmp_path):
    dataset, run, model = tmp_path / "dataset", tmp_path / "run", tmp_path / "tiny.onnx"
    technogan("dataset", "synth", "--images", "--format", "beat", "--bars", 64, "-o", dataset)
    output = technogan("train", dataset, "-o", run, "--minutes", 1, "--json")
    events = [json.loads(line) for line in output.splitlines()]
    assert {"started", "progress", "checkpoint", "preview", "floor", "figures", "stopped"} <= {
        e["event"] for e in events
    }
    exported = json.loads(technogan("export", run, "-o", model, "--json"))
    assert exported["difference"] <= 5e-3
    # A minute leaves sounds whose peaks the limiter holds back.
    assert exported["loudness_lufs"] == pytest.approx(-16, abs=3)
    technogan("models", "install", model)
    technogan("render", "--model", "tiny", "--seed", 1, "-o", tmp_path / "loop.wav")
    assert soundfile.info(tmp_path / "loop.wav").frames == 16384
