"""The dataset wizard without training tools, so that no command starts; a song; and the page with slices."""

import json

import numpy as np
import pytest
import soundfile

from app.wizards.dataset.project_store import RESULT
from tests.app.wizards.dataset.wizard_host import WizardHost, open_project


@pytest.fixture
def host(tmp_path, qtbot):
    made = WizardHost(tmp_path)
    yield made
    made.close()
    assert not made.failed


@pytest.fixture
def wizard(host, qtbot, monkeypatch):
    """A wizard without training tools, so that no command starts."""
    monkeypatch.setattr("app.wizards.common.job_panel.find_tools", lambda _: None)
    made = host.open_wizard()
    qtbot.addWidget(made)
    made.show_wizard()
    yield made
    made.close()


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 30 * 8000)
    soundfile.write(path, noise, 8000)
    return path


@pytest.fixture
def slices(wizard, song, tmp_path, qtbot):
    """The page with six slices: one is silent, two repeat another."""
    folder = tmp_path / "p"
    open_project(wizard, song, folder, treatment="leave")
    (folder / "slices" / "song").mkdir(parents=True)
    facts = []
    for i in range(6):
        name = f"song/song-{i + 1:04d}.wav"
        soundfile.write(folder / "slices" / name, np.random.default_rng(i).uniform(-0.5, 0.5, 16000), 8000)
        marks, twin = (["silent"], "") if i == 1 else (["repeated"], "song/song-0001.wav") if i > 3 else ([], "")
        level = {"peak_db": -6.0, "level_db": -12.0, "outline": [0.5] * 48}
        facts.append({"path": name, "marks": marks, "twin": twin} | level)
    (folder / "work" / "inspect").mkdir(parents=True)
    (folder / "work" / "inspect" / RESULT).write_text(json.dumps(facts))
    wizard.store.set_project(wizard.store.project.with_result("slice", wizard.store.project.cut_key()))
    wizard.go("slices")
    page = wizard.slices_page
    qtbot.waitUntil(lambda: len(page.grid.slices) == 6)
    return page
