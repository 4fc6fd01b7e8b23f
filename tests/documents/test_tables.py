"""Compare tables and listings of the pages with the program."""

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
    listed = set(re.findall(r"[^\s|,…]+", table))
    assert len(shortcuts) > 40
    # Enter and Ctrl+Y are alternatives of listed keys.
    assert shortcuts - listed - {"Enter", "Ctrl+Y"} <= {
        f"{keys}{i}" for keys in ("", "Shift+", "Alt+", "Ctrl+") for i in range(2, 8)
    }


def test_every_check_of_the_doctor_is_explained():
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    for finding in examine():
        assert finding.what in text


def test_metadata_listing_is_complete():
    (listing,) = (fence for fence in fences(DOCS / "models.md") if fence.language == "json")
    shown, actual = json.loads(listing.text), json.loads(find_model("bar").spec.to_json())
    assert shown | {"training": ""} == actual | {"training": ""}
