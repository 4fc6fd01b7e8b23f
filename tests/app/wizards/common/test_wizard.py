"""Test the frame of the wizards with pages that do nothing."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.widgets.tokens import THEMES
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.page import Page
from app.wizards.common.steps import StepList
from app.wizards.common.wizard import Wizard

TOKENS = THEMES["Dark"]


class _Page(Page):
    heading = lead = "What?"

    def __init__(self):
        super().__init__(TOKENS)
        self.answer, self.calls = "", []

    def complete(self):
        return self.answer != ""

    def enter(self):
        self.calls.append("enter")

    def leave(self):
        self.calls.append("leave")

    def state(self):
        return {"answer": self.answer}

    def restore(self, state):
        self.answer = str(state.get("answer", ""))

    def give(self, answer):
        self.answer = answer
        self.changed.emit()


class First(_Page):
    name, step = "first", "First"


class Second(_Page):
    name, step = "second", "Second"


class Third(_Page):
    name, step = "third", "Third"


@pytest.fixture
def make(qtbot, tmp_path):
    def make_wizard():
        wizard = Wizard(TOKENS, "Test", [First(), Second(), Third()], tmp_path / "state.json")
        qtbot.addWidget(wizard)
        return wizard

    return make_wizard


def test_next_is_enabled_once_the_page_is_complete(make):
    wizard = make()
    assert not wizard.next.isEnabled()
    wizard.next.click()
    assert wizard.page.name == "first"
    wizard.page.give("x")
    wizard.next.click()
    assert wizard.page.name == "second"


def test_pages_are_entered_and_left(make):
    wizard = make()
    wizard.show_wizard()
    wizard.page.give("x")
    wizard.go(1)
    assert [page.calls for page in wizard.pages] == [["enter", "leave"], ["enter"], []]


def test_the_last_page_has_no_next(make):
    wizard = make()
    for page in wizard.pages:
        page.give("x")
    wizard.go("third")
    assert wizard.next.isHidden()


def test_steps_after_an_incomplete_page_are_disabled(make):
    wizard = make()
    wizard.page.give("x")
    assert [step.isEnabled() for step in wizard.steps.steps] == [True, True, False]


@pytest.mark.parametrize(
    ("answers", "page", "found"),
    [
        (("x", "y", ""), "third", "third"),
        (("x", "", ""), "third", "second"),
        (("", "y", "z"), "second", "first"),
        (("x", "y", "z"), "none", "first"),
    ],
)
def test_it_opens_on_the_page_where_it_was_closed(make, answers, page, found):
    wizard = make()
    for each, answer in zip(wizard.pages, answers, strict=True):
        each.give(answer)
    wizard.go(page) if page != "none" else None
    wizard.close()
    again = make()
    assert again.page.name == found
    assert tuple(each.answer for each in again.pages) == answers


@pytest.mark.parametrize("text", ["", "[]", "{", '{"page": 3, "pages": {"first": 7}}', '{"page": [], "pages": []}'])
def test_a_damaged_state_file_is_ignored(make, tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    assert make().page.name == "first"


def test_a_state_that_cannot_be_saved_is_reported(make, tmp_path):
    wizard = make()
    (tmp_path / "state.json").mkdir()
    wizard.save()
    assert "not saved" in wizard.messages.shown.text


def test_input_is_saved_soon(make, qtbot, tmp_path):
    wizard = make()
    wizard.page.give("x")
    qtbot.waitUntil(lambda: (tmp_path / "state.json").exists())
    assert json.loads((tmp_path / "state.json").read_text())["pages"]["first"] == {"answer": "x"}


def test_keys_go_forward_and_back(make, qtbot):
    wizard = make()
    with qtbot.waitActive(wizard):
        wizard.show_wizard()
    wizard.page.give("x")
    QTest.keyClick(wizard, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert wizard.page.name == "second"
    QTest.keyClick(wizard, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert wizard.page.name == "first"


def test_it_fits_a_small_screen(make):
    smallest = make().minimumSize()
    assert smallest.width() <= 1024
    assert smallest.height() <= 640


def test_return_presses_a_step(qtbot):
    steps = StepList(TOKENS, ["a", "b"])
    qtbot.addWidget(steps)
    with qtbot.waitSignal(steps.chosen) as chosen:
        QTest.keyClick(steps.steps[1], Qt.Key.Key_Return)
    assert chosen.args == [1]


def test_the_error_panel_shows_what_happened_and_what_to_do(qtbot):
    panel = ErrorPanel(TOKENS)
    qtbot.addWidget(panel)
    assert panel.isHidden()
    panel.show_message("It is gone.", "Bring it back.", details="a\nb", retry="Again")
    assert (panel.what.text(), panel.advice.text(), panel.retry.text()) == ("It is gone.", "Bring it back.", "Again")
    assert panel.details.isHidden()
    panel.more.click()
    assert not panel.details.isHidden()
    with qtbot.waitSignal(panel.retry_requested):
        panel.retry.click()
