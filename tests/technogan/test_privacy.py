"""Rendering leaves no trace of the user."""

import os
import subprocess
import sys

import pytest

from technogan.network.library import bundled_dir

RENDER = """
from technogan import Engine, Seed
engine = Engine("beat")
engine.render(Seed.from_integer(1, engine.spec.latent_size))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not find the home folder through HOME")
def test_onnx_runtime_stores_nothing_in_the_home_folder(tmp_path):
    own = {"HOME": str(tmp_path), "PYTHONPATH": str(bundled_dir().parents[1])}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | own
    subprocess.run([sys.executable, "-c", RENDER], env=environment, check=True, timeout=120)
    assert list(tmp_path.rglob("*onnxruntime*")) == []
