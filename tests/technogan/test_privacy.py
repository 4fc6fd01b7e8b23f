"""Nobody is told that a loop was made."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from technogan.network.library import bundled_dir

RENDER = """
from technogan import Engine, Seed, find_model
engine = Engine(find_model("beat"))
engine.render(Seed.from_integer(1, engine.spec.latent_size))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the home folder is found by other means there")
def test_the_network_runtime_leaves_nothing_behind(tmp_path):
    own = {"HOME": str(tmp_path), "PYTHONPATH": str(bundled_dir().parents[1])}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | own
    subprocess.run([sys.executable, "-c", RENDER], env=environment, check=True, timeout=120)
    assert list(tmp_path.rglob("*onnxruntime*")) == []
