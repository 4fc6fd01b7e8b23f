"""The frame of the wizards, over pages that do nothing."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.widgets.tokens import THEMES
from app.wizards.common.error_panel import Trouble
from app.wizards.common.page import Page
from app.wizards.common.steps import Steps
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
    def made():
        wizard = Wizard(TOKENS, "Test", [First(), Second(), Third()], tmp_path / "state.json")
        qtbot.addWidget(wizard)
        return wizard

    return made


def test_one_goes_on_when_everything_is_answered(make):
    wizard = make()
    assert not wizard.next.isEnabled()
    wizard.next.click()
    assert wizard.page.name == "first"
    wizard.page.give("x")
    wizard.next.click()
    assert wizard.page.name == "second"


def test_pages_hear_when_they_are_shown(make):
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


def test_steps_behind_an_open_question_cannot_be_gone_to(make):
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
def test_it_opens_where_one_was(make, answers, page, found):
    wizard = make()
    for each, answer in zip(wizard.pages, answers, strict=True):
        each.give(answer)
    wizard.go(page) if page != "none" else None
    wizard.close()
    again = make()
    assert again.page.name == found
    assert tuple(each.answer for each in again.pages) == answers


@pytest.mark.parametrize("text", ["", "[]", "{", '{"page": 3, "pages": {"first": 7}}', '{"page": [], "pages": []}'])
def test_a_damaged_file_is_a_new_beginning(make, tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    assert make().page.name == "first"


def test_what_cannot_be_kept_is_told(make, tmp_path):
    wizard = make()
    (tmp_path / "state.json").mkdir()
    wizard.save()
    assert "not kept" in wizard.messages.shown.text


def test_what_was_answered_is_kept_soon(make, qtbot, tmp_path):
    wizard = make()
    wizard.page.give("x")
    qtbot.waitUntil(lambda: (tmp_path / "state.json").exists())
    assert json.loads((tmp_path / "state.json").read_text())["pages"]["first"] == {"answer": "x"}


def test_keys_go_on_and_back(make, qtbot):
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


def test_a_step_is_pressed_by_return(qtbot):
    steps = Steps(TOKENS, ["a", "b"])
    qtbot.addWidget(steps)
    with qtbot.waitSignal(steps.chosen) as chosen:
        QTest.keyClick(steps.steps[1], Qt.Key.Key_Return)
    assert chosen.args == [1]


def test_trouble_says_what_and_what_to_do(qtbot):
    trouble = Trouble(TOKENS)
    qtbot.addWidget(trouble)
    assert trouble.isHidden()
    trouble.show_trouble("It is gone.", "Bring it back.", details="a\nb", retry="Again")
    assert (trouble.what.text(), trouble.advice.text(), trouble.retry.text()) == (
        "It is gone.",
        "Bring it back.",
        "Again",
    )
    assert trouble.details.isHidden()
    trouble.more.click()
    assert not trouble.details.isHidden()
    with qtbot.waitSignal(trouble.retried):
        trouble.retry.click()
