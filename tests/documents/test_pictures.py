"""Pictures of the documents are those that the script takes, and show the window as it is."""

from __future__ import annotations

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
def test_the_window_still_looks_like_its_picture(name, tmp_path):
    # A file of its own: the window's processes begin by importing what began.
    script = tmp_path / "take.py"
    script.write_text(
        f"from scripts import pictures\nif __name__ == '__main__':\n    pictures.take([{name!r}], pictures.Path())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=environment, check=True, timeout=120)
    taken, kept = (seen(folder / f"{name}.webp") for folder in (tmp_path, FOLDER))
    assert taken.shape == kept.shape
    # The playhead and the analyser move; a panel that has come, gone or moved is a hundred times as much.
    assert np.abs(taken - kept).mean() < 3


def seen(path):
    """From afar: a sixteenth of the points."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((picture.width // 4, picture.height // 4)), np.float32)
