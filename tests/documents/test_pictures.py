"""Compare the pictures of the documents with the window."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from scripts.docs.pictures import FOLDER, LARGE, SCENES
from tests.documents.pages import ROOT


@pytest.mark.parametrize("name", [*SCENES, *LARGE])
def test_every_scene_has_its_picture(name):
    with Image.open(FOLDER / f"{name}.webp") as picture:
        assert picture.format == "WEBP"
        assert (FOLDER / f"{name}.webp").stat().st_size < 400_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["empty", "light"])
def test_window_looks_like_its_picture(name, tmp_path):
    # A separate file, because the window's child processes import the main module.
    script = tmp_path / "take.py"
    script.write_text(
        f"from scripts.docs import pictures\n\nif __name__ == '__main__':\n"
        f"    pictures.take([{name!r}], pictures.Path())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=environment, check=True, timeout=120)
    taken, kept = (shrink(folder / f"{name}.webp") for folder in (tmp_path, FOLDER))
    assert taken.shape == kept.shape
    # Playhead and analyser differ a little; a changed panel differs a hundred times as much.
    assert np.abs(taken - kept).mean() < 3


def shrink(path):
    """Return a grey picture at a quarter of the size."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((picture.width // 4, picture.height // 4)), np.float32)
