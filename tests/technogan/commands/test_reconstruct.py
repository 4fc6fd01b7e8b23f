"""technogan reconstruct, run by the command line."""

import json

import numpy as np
import pytest

from app.cli import run
from technogan.files.png import write_png
from technogan.formats import FORMATS


@pytest.fixture
def reconstruct(tmp_path, monkeypatch, rng):
    """A function that reconstructs noise of a number of rows as a format; returns the exit status."""
    monkeypatch.chdir(tmp_path)

    def call(rows, name, *options):
        write_png(tmp_path / "loop.png", rng.uniform(-1, 0, (rows, 128)).astype(np.float32))
        return run(["reconstruct", "loop.png", "--format", name, "--method", "fast", "-o", "loop.wav", *options])

    return call


@pytest.mark.parametrize(("rows", "name"), [(320, "beat"), (256, "beat"), (256, "beat-256")])
def test_the_rows_of_a_picture_choose_its_format(reconstruct, capsys, rows, name):
    assert reconstruct(rows, name, "--json") == 0
    (details,) = json.loads(capsys.readouterr().out)
    assert (details["frames"], details["beats"]) == (FORMATS["beat"].n_samples, 1)


@pytest.mark.parametrize(("rows", "name", "size"), [(320, "beat-256", 256), (300, "beat", 320)])
def test_a_picture_of_another_height_is_refused(reconstruct, capsys, rows, name, size):
    assert reconstruct(rows, name) == 1
    assert f"is 128 x {rows} pixels" in (message := capsys.readouterr().err)
    assert f"{size} high" in message


def test_an_unknown_format_is_reported_before_a_missing_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["reconstruct", "gone.png", "--format", "bars", "-o", "loop.wav"]) == 1
    assert "format is 'bars'; it must be one of beat, half, bar" in capsys.readouterr().err
