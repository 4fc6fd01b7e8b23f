"""The keyboard of the window: where keys act, digits in every layout, the menu, and the order of Tab."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.controls.action import Action
from app.window import digit_keys
from app.window.instrument import Instrument

KEY, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
CONTROL, ALT, SHIFT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Alt", "Shift"))


@pytest.fixture
def its(start) -> Instrument:
    its = start()
    its.window.activateWindow()
    return its


def focused():
    return QApplication.focusWidget()


# --- where keys act


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_V])
def test_return_and_v_type_a_value_from_the_sliders_only(its, key):
    window = its.window
    its.slots.keep(0)
    for widget in (window.transport.master, window.transport.osc, window.slots.slots[0].mute, window.morph.spherical):
        widget.setFocus()
        QTest.keyClick(widget, key)
        assert not window.seed.number.hasFocus()
    window.seed.bars.setFocus()
    QTest.keyClick(window.seed.bars, key)
    assert window.seed.number.hasFocus()


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Escape])
def test_a_number_box_is_left_for_the_sliders(its, key):
    window = its.window
    for box in (window.seed.number, window.transport.bpm, window.morph.steps, window.morph.amount):
        box.setFocus()
        QTest.keyClick(box, key)
        assert window.seed.bars.hasFocus()
    QTest.keyClick(window.seed.bars, KEY.Key_4)
    assert its.session.state.slots[3].clip is not None


def test_a_click_on_another_control_completes_the_number(its):
    box = its.window.transport.bpm
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "140")
    QTest.mouseClick(its.window.transport.play, Qt.MouseButton.LeftButton)
    assert (its.session.state.bpm, its.playback.running, box.hasFocus()) == (140.0, True, False)


def test_return_clicks_what_has_the_focus(its):
    window = its.window
    its.slots.keep(0)
    slot = window.slots.slots[0]
    for widget, has_changed in (
        (slot.mute, lambda: its.session.state.slots[0].muted),
        (window.morph.spherical, lambda: its.session.state.morph.spherical),
        (window.transport.osc, its.osc_window.panel.isVisible),
        (window.slots.slots[1].thumbnail, lambda: its.session.state.slots[1].clip is not None),
        (window.transport.model, window.transport.model.view().isVisible),
    ):
        widget.setFocus()
        QTest.keyClick(widget, KEY.Key_Return)
        assert has_changed(), widget
    window.transport.model.hidePopup()


def test_escape_closes_the_message_and_then_returns_to_the_sliders(its, qtbot):
    window = its.window
    qtbot.waitUntil(lambda: window.messages.shown is not None)  # there is no sound card
    window.transport.play.setFocus()
    QTest.keyClick(window.transport.play, KEY.Key_Escape)
    assert window.messages.shown is None
    assert window.transport.play.hasFocus()
    QTest.keyClick(window.transport.play, KEY.Key_Escape)
    assert window.seed.bars.hasFocus()


# --- digits


def press_code(its, code, modifiers, native_modifiers=0, key=KEY.Key_Ampersand):
    """Press a key as an X server with a French layout reports it."""
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, key, modifiers, code, 0, native_modifiers, "&")
        QApplication.sendEvent(its.window.windowHandle(), event)


@pytest.fixture
def _linux(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(digit_keys, "_DIGIT_BY_CODE", {10 + i: digit for i, digit in enumerate("1234567890")})


@pytest.mark.usefixtures("_linux")
@pytest.mark.parametrize(
    ("code", "modifiers", "done"),
    [
        (10, NONE, lambda its: its.session.state.slots[0].clip),
        (17, NONE, lambda its: its.session.state.slots[7].clip),
        (19, NONE, lambda its: not its.session.state.live.on),
        (11, SHIFT, lambda its: its.session.state.slots[1].clip),
        (12, CONTROL, lambda its: its.session.state.seed == its.session.state.slots[2].clip.seed),
        (12, ALT, lambda its: its.session.state.slots[2].playing),
    ],
)
def test_digits_are_keys_of_the_top_row_in_every_layout(its, code, modifiers, done):
    its.slots.keep(2)
    if modifiers == CONTROL:
        its.session.zero()
    press_code(its, code, modifiers)
    assert done(its)


@pytest.mark.usefixtures("_linux")
def test_other_keys_and_other_characters_keep_nothing(its):
    press_code(its, 24, NONE)
    press_code(its, 18, NONE)  # no action has the key 9
    press_code(its, 18, SHIFT)
    press_code(its, 10, NONE, native_modifiers=0x80)  # AltGr
    its.window.seed.number.setFocus()
    press_code(its, 10, NONE)
    assert not any(slot.clip for slot in its.session.state.slots)


@pytest.mark.parametrize(("platform", "code", "digit"), [("win32", 2, "1"), ("win32", 11, "0"), ("darwin", 0x17, "5")])
def test_every_system_has_its_own_codes(platform, code, digit):
    codes = dict(zip(digit_keys._CODES[platform], digit_keys._DIGITS, strict=True))
    assert codes[code] == digit


# --- the menu


def actions_of(menu: QMenu):
    """Yield what can be triggered in a menu and in those that open from it."""
    menu.aboutToShow.emit()
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from actions_of(inner)
        elif not action.isSeparator():
            yield action


def test_the_menu_contains_every_action(its):
    offered = set(actions_of(its.menus.menu))
    missing = {action.id for action in its.registry if its.menus.action(action.id) not in offered}
    assert missing == {"window.menu"}


def test_the_menu_contains_the_choices_of_the_lists(its):
    texts = [action.text() for action in actions_of(its.menus.menu)]
    for box in (its.window.transport.model, its.window.transport.output, its.window.morph.target):
        assert {text for text, _ in box.choices} <= set(texts)


def test_the_menu_is_opened_and_walked_by_keys(its):
    QTest.keyClick(its.window, KEY.Key_F10)
    menu = its.menus.menu
    assert menu.isVisible()
    assert menu.activeAction().text() == "New session"
    while menu.activeAction().text() != "View":
        QTest.keyClick(menu, KEY.Key_Down)
    QTest.keyClick(menu, KEY.Key_Right)
    inner = QApplication.activePopupWidget()
    assert isinstance(inner, QMenu)
    assert inner is not menu
    assert inner.activeAction().text() == "Logarithmic axis"
    QTest.keyClick(inner, KEY.Key_Return)
    assert not its.preferences.now.logarithmic
    assert not menu.isVisible()


def test_a_menu_shows_what_is_on_and_what_can_be_done(its):
    def states():
        its.menus._slots[1].aboutToShow.emit()
        ids = ("load", "play", "mute", "clear")
        actions = [its.menus.action(f"slot.2.{id_}") for id_ in ids]
        return [action.isEnabled() for action in actions], actions[1].isChecked()

    assert states() == ([False] * 4, False)
    its.slots.keep(1)
    its.playback.play(1, True)
    assert states() == ([True] * 4, True)
    its.session.clear(1)
    its.menus._slots[1].aboutToHide.emit()
    assert its.menus.action("slot.2.load").isEnabled()  # its key explains that the slot is empty


def test_a_right_click_on_a_slot_shows_its_menu(its):
    its.window.slots.slots[4].menu_requested.emit(QPoint(5, 5))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert its.session.state.slots[4].clip is not None


def test_every_slot_has_its_actions(start, state_folder):
    (state_folder / "settings.json").write_text('{"osc": false, "slots": 12}')
    its = start()
    action: Action = its.registry["slot.12.keep"]
    action.run()
    assert its.session.state.slots[11].clip is not None
    assert action.keys == ()
    assert its.registry["slot.8.keep"].keys == ("8",)


# --- Tab


def test_tab_follows_the_layout_of_the_window(its):
    its.slots.keep(0)
    window = its.window
    slot = window.slots.slots[0]
    window.transport.menu.setFocus()
    visited: list = []
    while len(visited) < 200:
        visited.append(focused())
        QTest.keyClick(focused(), KEY.Key_Tab)
        if focused() is window.transport.menu:
            break
    transport = [window.transport.play, window.transport.bpm, window.transport.tap, window.transport.model]
    seed = [window.seed.live, window.seed.live_level, window.seed.bars, window.seed.random, window.seed.mutate]
    of_slot = [slot.load, slot.play, slot.thumbnail, slot.mute, slot.solo, slot.level]
    for expected in (transport, seed, of_slot):
        first = visited.index(expected[0])
        assert visited[first : first + len(expected)] == expected
    assert len(visited) == len(set(visited))
    QTest.keyClick(focused(), KEY.Key_Backtab)
    assert focused() is visited[-1]


def test_only_undo_and_redo_repeat_while_their_key_is_held(its):
    repeating = {action.id for action in its.registry if its.menus.action(action.id).autoRepeat()}
    assert repeating == {"seed.undo", "seed.redo"}
