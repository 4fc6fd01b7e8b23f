"""Test the page that checks the dataset."""

import json

import numpy as np
import pytest

from app.wizards.dataset.project_store import RESULT
from technogan.files.png import write_png
from tests.app.wizards.dataset.wizard_host import open_project

REPORT = {
    "format": "bar",
    "readable": 12,
    "duplicates": [],
    "near_duplicates": [],
    "silent": [],
    "distorted": [],
    "faults": [],
    "warnings": ["only 12 images; use at least 1000", "3 pictures are not in the manifest and are not used"],
    "warning_kinds": ["few", "unlisted"],
}


@pytest.fixture
def page(wizard, song, tmp_path, monkeypatch):
    """The page while the check seems to run."""
    open_project(wizard, song, tmp_path / "p")
    page = wizard.summary_page
    monkeypatch.setattr(page, "run_command", lambda _command, _arguments: None)
    monkeypatch.setattr(type(page.job_panel), "running", True)
    wizard.go("summary")
    page.begin()
    return page


def test_the_page_says_what_it_does_while_it_works(page, monkeypatch, qtbot):
    assert page.verdict.text() == "Checking every image…"
    assert page.images.hint == "Sample images appear here."
    assert not page.train.isEnabled()
    monkeypatch.setattr(type(page.job_panel), "running", False)
    folder = page.store.run_folder("check")
    folder.mkdir(parents=True)
    (folder / RESULT).write_text(json.dumps(REPORT))
    write_png(page.store.current.dataset / "images" / "a.png", np.zeros((320, 512), np.float32))
    page.take_result("check")
    assert page.images.hint == "Reading sample images…"
    assert page.verdict.text().startswith("12 images: few")
    assert page.warnings.text() == "3 pictures are not in the manifest and are not used."
    assert page.train.isEnabled()
    qtbot.waitUntil(lambda: len(page.images.images) == 1)


def test_a_check_without_a_result_can_be_repeated(page, monkeypatch):
    monkeypatch.setattr(type(page.job_panel), "running", False)
    page.take_result("check")
    assert page.verdict.text() == "Not checked yet."
    assert page.again.isEnabled()
