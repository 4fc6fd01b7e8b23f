"""The welcome of the first run, in a whole instrument without a screen; what else the Help menu shows."""

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.doctor import Finding
from app.startup.launch import is_first_run
from app.widgets.text_panel import TextPanel
from app.widgets.tokens import LIGHT
from app.widgets.welcome import WelcomeCard
from app.window import help
from app.window.instrument import Instrument
from technogan.formats import find_format
from technogan.network.spec import ModelSpec
from technogan.osc.ports import free_port
from tests.app.fakes import FakeEngine

BAR = ModelSpec("bar", find_format("bar"))


@pytest.fixture
def its(qtbot, state_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    (state_folder / "settings.json").write_text(json.dumps({"osc": False}))
    made = Instrument(state_folder, open_engine=lambda name: FakeEngine(BAR))
    qtbot.addWidget(made.window)
    yield made
    made.window.close()


def start(its, qtbot, **options):
    its.start()
    its.first_run.begin(**options)
    qtbot.waitUntil(lambda: its.session.loop is not None and not its.queue.busy, timeout=20_000)
    return its.window.findChild(WelcomeCard)


def keep_two(its):
    for slot in range(2):
        its.slots.keep(slot)


def drag(its):
    bars = its.window.seed.bars
    QTest.mousePress(bars, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    QTest.mouseRelease(bars, Qt.MouseButton.LeftButton, pos=QPoint(30, 40))


def press(key):
    return lambda its: QTest.keyClick(its.window, key)


STEPS = [press(Qt.Key.Key_Space), drag, press(Qt.Key.Key_R), keep_two, press(Qt.Key.Key_X)]


def done(card):
    return [row.done for row in card.rows]


def test_the_first_loop_plays_at_once(its, qtbot):
    card = start(its, qtbot, play=True)
    assert its.playback.running
    assert done(card) == [False] * 5


def test_without_play_the_clock_stays_stopped(its, qtbot):
    start(its, qtbot)
    assert not its.playback.running


def test_steps_are_ticked_off_as_they_are_done(its, qtbot):
    card = start(its, qtbot, play=True)
    for i, step in enumerate(STEPS):
        step(its)
        assert done(card) == [j <= i for j in range(5)]
    assert card.skip.text() == "Close"
    assert card.outline.isHidden()


def test_steps_can_be_done_in_any_order(its, qtbot):
    card = start(its, qtbot, play=True)
    STEPS[2](its)
    assert done(card) == [False, False, True, False, False]
    assert [row.next for row in card.rows] == [True, False, False, False, False]


def test_an_outline_surrounds_the_target_of_the_next_step(its, qtbot):
    card = start(its, qtbot, play=True)
    for target, step in zip(its.first_run._targets(), STEPS, strict=True):
        corner = target.mapTo(its.window.centralWidget(), QPoint(0, 0))
        assert card.outline.geometry().contains(corner)
        assert card.outline.size().width() == target.width() + 6
        step(its)


def test_clicks_outside_the_card_reach_the_instrument(its, qtbot):
    card = start(its, qtbot)
    assert card.outline.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert not card.isModal()
    QTest.mouseClick(its.window.transport.play, Qt.MouseButton.LeftButton)
    assert its.playback.running


@pytest.mark.parametrize(
    "leave", [press(Qt.Key.Key_Escape), lambda its: its.window.findChild(WelcomeCard).skip.click()]
)
def test_the_card_can_be_skipped(its, qtbot, leave):
    card = start(its, qtbot)
    leave(its)
    assert not its.first_run.shown
    assert card.isHidden()


def test_escape_closes_the_message_if_no_card_is_shown(its, qtbot):
    start(its, qtbot)
    its.first_run.close()
    its.notifications.note("something")
    QTest.keyClick(its.window, Qt.Key.Key_Escape)
    assert its.window.messages.shown is None


def test_help_shows_the_card_again(its, qtbot):
    start(its, qtbot)
    its.first_run.close()
    QTest.keyClick(its.window, Qt.Key.Key_F1)
    assert its.first_run.shown


@pytest.mark.parametrize("size", [(1024, 640), (1600, 1000)])
def test_the_card_is_centred_over_the_loop(its, qtbot, size):
    card = start(its, qtbot)
    its.window.resize(*size)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    stage = its.window.loop
    middle = stage.mapTo(its.window.centralWidget(), stage.rect().center())
    assert (card.geometry().center() - middle).manhattanLength() <= 2
    assert its.window.centralWidget().rect().contains(card.geometry())


def test_the_card_follows_the_theme(its, qtbot):
    card = start(its, qtbot)
    its.preferences.set(theme="Light")
    assert card.tokens == card.outline.tokens == card.rows[0].tokens == LIGHT


def test_the_card_closes_with_the_window(its, qtbot):
    start(its, qtbot)
    its.window.close()
    assert not its.first_run.shown


def test_only_the_first_run_is_a_first_run(tmp_path, qtbot):
    assert is_first_run(tmp_path, safe=False)
    assert not is_first_run(tmp_path, safe=True)
    first = Instrument(tmp_path, open_engine=lambda name: FakeEngine(BAR))
    qtbot.addWidget(first.window)
    first.window.close()
    assert not is_first_run(tmp_path, safe=False)


def test_a_crossfader_without_two_loops_morphs_nothing(its, qtbot):
    card = start(its, qtbot)
    press(Qt.Key.Key_X)(its)
    assert not card.rows[4].done


@pytest.mark.parametrize(
    "close", [lambda card: card.skip.click(), lambda card: QTest.keyClick(card, Qt.Key.Key_Escape)]
)
def test_a_closed_card_is_remembered_at_once(its, qtbot, state_folder, close):
    (state_folder / "settings.json").unlink()
    assert is_first_run(state_folder, safe=False)
    card = start(its, qtbot, play=True)
    close(card)
    assert not its.first_run.shown
    assert not is_first_run(state_folder, safe=False)


def test_licences_of_a_bundle_are_its_notices(tmp_path, monkeypatch):
    (tmp_path / "THIRD-PARTY-NOTICES.txt").write_text("licence texts", encoding="utf-8")
    monkeypatch.setattr(help, "resources_dir", lambda: tmp_path)
    assert help.licences() == "licence texts"


def test_licences_of_an_installation_are_those_of_its_packages():
    text = help.licences()
    assert "PySide6" in text
    assert "LGPL-3.0-only" in text
    assert "tensorflow" not in text


def test_help_shows_the_check_of_this_machine(its, qtbot, monkeypatch):
    monkeypatch.setattr("app.doctor.examine", lambda *_, **__: [Finding("sound", "missing", "none", "connect one")])
    its.help.show_findings()
    panel = its.window.findChild(TextPanel)
    qtbot.waitUntil(lambda: "connect one" in panel.text.toPlainText())
    panel.copy.click()
    assert "missing" in QApplication.clipboard().text()


def test_the_check_knows_that_the_window_itself_listens_for_osc(its, qtbot):
    its.start()
    port, reply_port = free_port(), free_port()
    its.preferences.set(osc=True, osc_port=port, osc_reply_port=reply_port)
    qtbot.waitUntil(lambda: its.bridge.running)
    its.help.show_findings()
    panel = its.window.findChild(TextPanel)
    qtbot.waitUntil(lambda: f"UDP port {port}" in panel.text.toPlainText(), timeout=20_000)
    (line,) = (line for line in panel.text.toPlainText().splitlines() if f"UDP port {port}" in line)
    assert line.startswith("ok ")
    assert "this window listens" in line
