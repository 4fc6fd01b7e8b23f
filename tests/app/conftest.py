"""What the tests of the instrument share: no screen, and folders of their own."""

from __future__ import annotations

import json
import os
import sys

import pytest

from technogan.formats import format_named
from tests.app.fakes import FakeEngine

if sys.platform == "linux":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory, monkeypatch):
    """No test sees or touches the user's settings and sessions."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("TECHNOGAN_STATE", str(folder))
    return folder


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def dataset(tmp_path):
    """A folder that says it is a dataset of 100 beats."""
    folder = tmp_path / "loops"
    folder.mkdir()
    facts = {"format": format_named("beat").to_dict(), "images": 100, "storage": "array", "origin": {}}
    (folder / "dataset.json").write_text(json.dumps(facts))
    (folder / "images.npy").write_bytes(b"")
    return folder
