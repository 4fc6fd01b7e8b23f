"""The page that sets up the training tools, over an installer that installs nothing."""

import sys
import time

import pytest

from app.training_tools.environment import Studio
from app.training_tools.supplies import StudioError
from app.training_tools.tools import studio_dir
from app.widgets.tokens import THEMES
from app.wizards.common import training_tools
from app.wizards.common.training_tools import StudioPage
from technogan.errors import Cancelled

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in's Python has another place there")


@pytest.fixture
def made(monkeypatch):
    """What the installer does; the tests change it."""
    steps: dict = {"wait": lambda stop: None}

    def set_up(target, _supplies, tell, stop):
        tell("Downloading: 1 of 2 MB", 0.5)
        steps["wait"](stop)
        target.python.parent.mkdir(parents=True, exist_ok=True)
        target.python.write_text("")
        target.mark_ready()

    monkeypatch.setattr(training_tools, "set_up", set_up)
    monkeypatch.setattr(training_tools, "find_supplies", lambda: None)
    return steps


@pytest.fixture
def page(made, qtbot):
    opened = StudioPage(THEMES["Dark"], ("unheard_of",))
    qtbot.addWidget(opened)
    opened.show()
    yield opened
    opened.close_page()


def done(qtbot, page):
    qtbot.waitUntil(lambda: not page.busy, timeout=20_000)


def test_its_size_is_told_before_anything_is_done(page):
    assert "880 MB are downloaded and 2.8 GB" in page.cost.text()
    assert str(studio_dir()) in page.cost.text()
    assert not page.complete()


def test_setting_up_ends_with_tools_that_are_ready(page, qtbot):
    page.install.click()
    done(qtbot, page)
    assert Studio(studio_dir()).ready
    assert page.complete()
    assert page.install.text() == "Repair"


def test_how_far_it_is_shows(page, made, qtbot):
    def wait(stop):
        while not stop():
            time.sleep(0.01)
        raise Cancelled

    made["wait"] = wait
    page.install.click()
    qtbot.waitUntil(lambda: page.doing.text() == "Downloading: 1 of 2 MB")
    assert page.progress.done == 0.5
    assert page.install.isHidden()
    page.cancel.click()
    done(qtbot, page)
    assert page.trouble.isHidden()
    assert not page.complete()


def test_what_went_wrong_has_its_advice_and_another_try(page, made, qtbot):
    def fail(_stop):
        raise StudioError("There is no connection.", "Connect this machine.", "dns error")

    made["wait"] = fail
    page.install.click()
    qtbot.waitUntil(lambda: not page.trouble.isHidden(), timeout=20_000)
    assert (page.trouble.what.text(), page.trouble.advice.text()) == (
        "There is no connection.",
        "Connect this machine.",
    )
    assert page.trouble.details.toPlainText() == "dns error"
    done(qtbot, page)
    made["wait"] = lambda stop: None
    page.trouble.retry.click()
    done(qtbot, page)
    assert page.trouble.isHidden()
    assert page.complete()


@pytest.mark.parametrize(
    ("spoil", "key", "told"),
    [
        (lambda found: found.python.unlink(), "Go on", "half set up"),
        (lambda found: (found.folder / "ready.json").write_text('{"version": "0"}'), "Set up again", "earlier"),
    ],
)
def test_what_is_half_made_or_old_is_known(page, qtbot, spoil, key, told):
    page.install.click()
    done(qtbot, page)
    spoil(Studio(studio_dir()))
    page.enter()
    assert page.install.text() == key
    assert told in page.standing.text()


def test_it_can_be_removed(page, qtbot):
    page.install.click()
    done(qtbot, page)
    page.remove.click()
    done(qtbot, page)
    assert Studio(studio_dir()).state == "absent"
    assert page.remove.isHidden()


def test_where_this_environment_has_the_tools_nothing_is_to_be_done(qtbot):
    page = StudioPage(THEMES["Dark"], ("json",))
    qtbot.addWidget(page)
    assert page.complete()
    assert page.install.isHidden()
    assert "nothing has to be set up" in page.standing.text()
