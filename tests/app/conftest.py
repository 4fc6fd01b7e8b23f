"""Fixtures for the tests of the instrument: no screen, and separate folders."""

import json
import os
import sys

import pytest

from technogan.formats import find_format
from tests.app.fakes import FakeEngine

if sys.platform == "linux":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory, monkeypatch):
    """A state folder, so that no test uses the user's settings and sessions."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("TECHNOGAN_STATE", str(folder))
    return folder


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def dataset(tmp_path):
    """A folder that describes itself as a dataset of 100 beats."""
    folder = tmp_path / "loops"
    folder.mkdir()
    manifest = {"format": find_format("beat").to_dict(), "images": 100, "storage": "array", "origin": {}}
    (folder / "dataset.json").write_text(json.dumps(manifest))
    (folder / "images.npy").write_bytes(b"")
    return folder
