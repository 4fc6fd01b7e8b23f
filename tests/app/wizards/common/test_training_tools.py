"""Test the page of the training tools with an installer that installs nothing."""

import sys
import time

import pytest

from app.training_tools.environment import ToolsEnvironment
from app.training_tools.install_sources import TrainingToolsError
from app.training_tools.tools import tools_dir
from app.widgets.tokens import THEMES
from app.wizards.common import training_tools
from app.wizards.common.training_tools import TrainingToolsPage
from technogan.errors import Cancelled

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python has another path there")


@pytest.fixture
def installer(monkeypatch):
    """Replace the installer; a test sets `wait` to delay it or to make it fail."""
    steps: dict = {"wait": lambda stop: None}

    def set_up(environment, _sources, report_step, stop):
        report_step("Downloading: 1 of 2 MB", 0.5)
        steps["wait"](stop)
        environment.python.parent.mkdir(parents=True, exist_ok=True)
        environment.python.write_text("")
        environment.mark_ready()

    monkeypatch.setattr(training_tools, "set_up", set_up)
    monkeypatch.setattr(training_tools, "find_sources", lambda: None)
    return steps


@pytest.fixture
def page(installer, qtbot):
    page = TrainingToolsPage(THEMES["Dark"], ("no_such_module",))
    qtbot.addWidget(page)
    page.show()
    yield page
    page.close_page()


def wait_until_idle(qtbot, page):
    qtbot.waitUntil(lambda: not page.busy, timeout=20_000)


def test_the_space_it_needs_is_shown_first(page):
    assert "880 MB and takes 2.8 GB" in page.cost.text()
    assert str(tools_dir()) in page.cost.text()
    assert not page.complete()


def test_installing_makes_the_tools_ready(page, qtbot):
    page.install.click()
    wait_until_idle(qtbot, page)
    assert ToolsEnvironment(tools_dir()).state == "ready"
    assert page.complete()
    assert page.install.text() == "Repair"


def test_the_progress_is_shown_and_it_can_be_cancelled(page, installer, qtbot):
    def wait(stop):
        while not stop():
            time.sleep(0.01)
        raise Cancelled

    installer["wait"] = wait
    page.install.click()
    qtbot.waitUntil(lambda: page.current_step.text() == "Downloading: 1 of 2 MB")
    assert page.progress.done == 0.5
    assert page.install.isHidden()
    page.cancel.click()
    wait_until_idle(qtbot, page)
    assert page.error_panel.isHidden()
    assert not page.complete()


def test_an_error_shows_advice_and_can_be_retried(page, installer, qtbot):
    def fail(_stop):
        raise TrainingToolsError("There is no connection.", "Connect this machine.", "dns error")

    installer["wait"] = fail
    page.install.click()
    qtbot.waitUntil(lambda: not page.error_panel.isHidden(), timeout=20_000)
    assert (page.error_panel.what.text(), page.error_panel.advice.text()) == (
        "There is no connection.",
        "Connect this machine.",
    )
    assert page.error_panel.details.toPlainText() == "dns error"
    wait_until_idle(qtbot, page)
    installer["wait"] = lambda stop: None
    page.error_panel.retry.click()
    wait_until_idle(qtbot, page)
    assert page.error_panel.isHidden()
    assert page.complete()


@pytest.mark.parametrize(
    ("damage", "button", "status"),
    [
        (lambda found: found.python.unlink(), "Resume", "interrupted"),
        (lambda found: (found.folder / "ready.json").write_text('{"version": "0"}'), "Reinstall", "earlier"),
    ],
)
def test_an_incomplete_or_outdated_installation(page, qtbot, damage, button, status):
    page.install.click()
    wait_until_idle(qtbot, page)
    damage(ToolsEnvironment(tools_dir()))
    page.enter()
    assert page.install.text() == button
    assert status in page.status.text()


def test_the_tools_can_be_removed(page, qtbot):
    page.install.click()
    wait_until_idle(qtbot, page)
    page.remove.click()
    wait_until_idle(qtbot, page)
    assert ToolsEnvironment(tools_dir()).state == "absent"
    assert page.remove.isHidden()


def test_an_environment_that_has_the_tools_needs_no_installation(qtbot):
    page = TrainingToolsPage(THEMES["Dark"], ("json",))
    qtbot.addWidget(page)
    assert page.complete()
    assert page.install.isHidden()
    assert "nothing to install" in page.status.text()
