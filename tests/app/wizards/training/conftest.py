"""The training wizard with a fake `technogan train`."""

import os
import sys

import pytest

from app.training_tools.tools import Tools
from app.widgets.tokens import THEMES
from app.wizards.common.host import Host
from app.wizards.training import benchmark, finish, run_follower
from app.wizards.training.runs import list_runs
from app.wizards.training.wizard import TrainingWizard
from app.workers.tasks import TaskQueue
from tests.app.wizards.training.fake_training import PROGRAM, FakePreview


@pytest.fixture
def fake_program(monkeypatch):
    monkeypatch.setenv("PLAY", "")

    def tools(_modules):
        return Tools((sys.executable, "-c", PROGRAM), dict(os.environ))

    for module in (run_follower, benchmark, finish):
        monkeypatch.setattr(module, "find_tools", tools)
    monkeypatch.setattr("app.wizards.training.wizard.find_tools", tools)


@pytest.fixture
def open_wizard(qtbot, tmp_path, fake_program):
    """Open wizards with the same state; close them and stop their runs at the end."""
    opened: list = []
    used: list = []
    background = TaskQueue("test")

    def make():
        host = Host(THEMES["Dark"], tmp_path / "wizards", FakePreview(), background, used.append, used.append)
        wizard = TrainingWizard(host)
        qtbot.addWidget(wizard)
        wizard.show_wizard()
        opened.append(wizard)
        return wizard

    yield make
    for wizard in opened:
        wizard.close()
    for run in list_runs():
        (run.folder / "control").write_text("stop")
    background.close()


@pytest.fixture
def wizard(open_wizard, dataset):
    wizard = open_wizard()
    wizard.train_on(dataset)
    wizard.next.click()
    wizard.next.click()
    return wizard
