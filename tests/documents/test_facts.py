"""What the pages say of keys, findings and facts is what there is."""

from __future__ import annotations

import json
import re

import pytest

from app.doctor import examine
from app.window.instrument import Instrument
from technogan.network.library import find_model
from tests.app.conftest import state_folder
from tests.app.fakes import FakeEngine
from tests.documents.pages import DOCS, fences

__all__ = ["state_folder"]


@pytest.fixture
def shortcuts(qtbot, state_folder):
    its = Instrument(state_folder, open_engine=lambda _name: FakeEngine())
    qtbot.addWidget(its.window)
    found = {key.toString() for action in its.window.actions() for key in action.shortcuts()}
    its.close()
    return found


def test_every_key_of_the_window_is_in_the_guide(shortcuts):
    (table,) = re.findall(r"^## Keys\n(.*?)^On a Mac", (DOCS / "guide.md").read_text(encoding="utf-8"), re.M | re.S)
    told = set(re.findall(r"[^\s|,…]+", table))
    assert len(shortcuts) > 40
    # Another name of a key that is told, or one that systems know.
    assert shortcuts - told - {"Enter", "Ctrl+Y"} <= {
        f"{keys}{i}" for keys in ("", "Alt+", "Ctrl+") for i in range(2, 8)
    }


def test_what_the_doctor_looks_at_is_explained():
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    for finding in examine():
        assert finding.what in text


def test_the_facts_of_a_model_are_all_there():
    (listing,) = (fence for fence in fences(DOCS / "models.md") if fence.language == "json")
    shown, true = json.loads(listing.text), json.loads(find_model("bar").spec.to_json())
    assert shown | {"training": ""} == true | {"training": ""}
