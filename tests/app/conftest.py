"""What the tests of the instrument share: no screen, and folders of their own."""

from __future__ import annotations

import os
import sys

import pytest

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
