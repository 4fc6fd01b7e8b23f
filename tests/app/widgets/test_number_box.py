"""The boxes for numbers: typed, scrolled, dragged and left."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.widgets.layout import make_column
from app.widgets.number_box import NumberBox
from app.widgets.style import make_style_sheet
from app.widgets.tokens import DARK

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(qtbot):
    """Show a box between two buttons; the first has the focus and is the home of the box."""
    windows = []

    def show(box):
        window, home, other = QWidget(), QPushButton(), QPushButton()
        windows.append(window)
        other.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box.home = home
        box.setFixedSize(200, 30)
        make_column(home, box, other, parent=window)
        qtbot.addWidget(window)
        home.setFocus()
        window.show()
        return box

    return show


@pytest.fixture
def box(shown):
    box = shown(NumberBox(20, 999, name="Tempo", decimals=1))
    box.show_value(128)
    return box


def record(signal):
    emitted: list = []
    signal.connect(emitted.append)
    return emitted


@pytest.mark.parametrize(
    ("typed", "value"), [("140", 140), ("140.5", 140.5), ("140,5", 140.5), ("5", 20), ("", 128), ("nonsense", 128)]
)
def test_a_typed_number_is_clipped_or_refused(shown, typed, value):
    box = shown(NumberBox(20, 999, name="Tempo", decimals=1))
    box.show_value(128)
    box.selectAll()
    QTest.keyClicks(box.lineEdit(), typed) if typed else box.lineEdit().clear()
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert box.value() == value


def test_a_number_box_has_room_for_its_text(shown):
    box = NumberBox(20, 999, name="Tempo", decimals=1)
    box.setStyleSheet(make_style_sheet(DARK))
    shown(box).setFixedSize(76, 28)
    QApplication.processEvents()
    assert box.lineEdit().width() > 60


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (128.0, {"decimals": 2, "fewest_decimals": 1}, "128.0"),
        (128.25, {"decimals": 2, "fewest_decimals": 1}, "128.25"),
        (128.5, {"decimals": 2}, "128.50"),
        (3.6, {"decimals": 1, "fewest_decimals": 0, "signed": True}, "+3.6"),
        (4.0, {"decimals": 1, "fewest_decimals": 0, "signed": True}, "+4"),
        (-0.04, {"decimals": 1, "fewest_decimals": 0, "signed": True}, "0"),
        (40.0, {}, "40"),
    ],
)
def test_a_number_is_shown_as_exactly_as_needed(shown, value, options, text):
    box = shown(NumberBox(-999, 999, name="Number", **options))
    box.show_value(value)
    assert box.text() == text


@pytest.mark.parametrize("target", ["text", "edge"])
def test_a_drag_changes_the_number_and_leaves_the_keyboard_where_it_is(box, target):
    edited = record(box.value_edited)
    widget = box.lineEdit() if target == "text" else box
    start = QPoint(3, 15)
    QTest.mousePress(widget, LEFT, pos=start)
    QTest.mouseMove(widget, start - QPoint(0, 6))
    QTest.mouseMove(widget, start - QPoint(0, 9))
    QTest.mouseRelease(widget, LEFT, pos=start - QPoint(0, 9))
    assert edited == [130, 131]
    assert not box.hasFocus()


def test_a_disabled_box_cannot_be_dragged(box):
    box.setEnabled(False)
    QTest.mousePress(box.lineEdit(), LEFT, pos=QPoint(3, 15))
    QTest.mouseMove(box.lineEdit(), QPoint(3, 1))
    assert box.value() == 128


def test_a_click_selects_the_number_for_typing(box):
    QTest.mouseClick(box.lineEdit(), LEFT)
    assert box.hasFocus()
    QTest.keyClicks(box, "90")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert (box.value(), box.hasFocus()) == (90, False)


def test_escape_discards_what_was_typed(box):
    edited = record(box.value_edited)
    QTest.mouseClick(box.lineEdit(), LEFT)
    QTest.keyClicks(box, "90")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert (box.value(), box.text(), edited, QApplication.focusWidget()) == (128, "128.0", [], box.home)


def test_a_click_elsewhere_enters_the_number_and_returns_home(box):
    edited = record(box.value_edited)
    QTest.mouseClick(box.lineEdit(), LEFT)
    QTest.keyClicks(box, "90")
    QTest.mouseClick(box.window().findChildren(QPushButton)[-1], LEFT)
    assert edited == [90]
    assert QApplication.focusWidget() is box.home
