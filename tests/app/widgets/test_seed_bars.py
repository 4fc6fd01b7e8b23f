import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.widgets.seed_bars import SeedBars
from app.widgets.tokens import DARK

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZE = (480, 400)


class Hand:
    """Bars whose edits are shown as the session would show them, with all that they emit."""

    def __init__(self, bars):
        self.bars = bars
        self.edits: list = []
        self.gestures: list = []
        self.locks: list = []
        bars.value_edited.connect(self.edit)
        bars.gesture_began.connect(lambda _: self.gestures.append("began"))
        bars.gesture_ended.connect(lambda: self.gestures.append("ended"))
        bars.lock_toggled.connect(self.locks.append)

    def edit(self, index, value):
        self.edits.append((index, value))
        values = list(self.bars.values)
        values[index] = value
        self.bars.show_seed(tuple(values), self.bars.reference, self.bars.locked)


@pytest.fixture
def hand(qtbot):
    bars = SeedBars(DARK)
    qtbot.addWidget(bars)
    bars.resize(*SIZE)
    bars.show()
    return Hand(bars)


def place(index, height=0.5):
    """Return a point in a bar. height: 0 is the bottom, 1 the top."""
    row, column = divmod(index, 16)
    row_height = (SIZE[1] + 4) / 4 - 4
    return QPoint(round(column * 30 + 14), round(row * (row_height + 4) + row_height * (1 - height)))


@pytest.mark.parametrize(("index", "height"), [(0, 0.99), (0, 0.01), (15, 0.5), (16, 0.75), (63, 0.25)])
def test_a_click_sets_a_slider(hand, index, height):
    QTest.mouseClick(hand.bars, LEFT, pos=place(index, height))
    ((edited, value),) = hand.edits
    assert edited == index
    assert value == pytest.approx(-128 + height * 256, abs=3)
    assert hand.gestures == ["began", "ended"]


def test_a_fast_drag_skips_no_bar(hand):
    QTest.mousePress(hand.bars, LEFT, pos=place(17, 0.1))
    QTest.mouseMove(hand.bars, place(26, 0.9))
    QTest.mouseRelease(hand.bars, LEFT, pos=place(26, 0.9))
    drawn = dict(hand.edits)
    assert sorted(drawn) == list(range(17, 27))
    assert list(drawn.values()) == sorted(drawn.values())
    assert hand.gestures == ["began", "ended"]


def test_a_drag_stays_in_its_row(hand):
    QTest.mousePress(hand.bars, LEFT, pos=place(3, 0.5))
    QTest.mouseMove(hand.bars, place(50, 0.5))
    QTest.mouseRelease(hand.bars, LEFT, pos=place(50, 0.5))
    assert all(index < 16 for index, _ in hand.edits)
    assert hand.edits[-1][1] == -128


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Down, -1),
        (Qt.Key.Key_PageUp, 16),
        (Qt.Key.Key_PageDown, -16),
        (Qt.Key.Key_Home, -128),
        (Qt.Key.Key_End, 127),
        (Qt.Key.Key_Delete, 0),
    ],
)
def test_keys_change_the_selected_slider(hand, key, value):
    hand.bars.set_current(20)
    QTest.keyClick(hand.bars, key)
    assert hand.edits == [(20, float(value))]


@pytest.mark.parametrize(
    ("start", "key", "control", "end"),
    [
        (5, Qt.Key.Key_Right, False, 6),
        (5, Qt.Key.Key_Left, False, 4),
        (0, Qt.Key.Key_Left, False, 0),
        (63, Qt.Key.Key_Right, False, 63),
        (5, Qt.Key.Key_Down, True, 21),
        (5, Qt.Key.Key_Up, True, 0),
        (60, Qt.Key.Key_Down, True, 63),
    ],
)
def test_keys_select_a_slider(hand, start, key, control, end):
    hand.bars.set_current(start)
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(hand.bars, key, modifier)
    assert hand.bars.current == end
    assert hand.bars.accessibleName() == f"Slider {end + 1} of 64"


def test_wheel_turns_in_quick_succession_are_one_gesture(hand, qtbot):
    for _ in range(3):
        point = QPointF(place(9))
        hand.bars.wheelEvent(
            QWheelEvent(
                point,
                point,
                QPoint(),
                QPoint(0, 120),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
        )
    assert hand.edits == [(9, 1.0), (9, 2.0), (9, 3.0)]
    qtbot.waitUntil(lambda: hand.gestures == ["began", "ended"])


def test_a_double_click_zeroes_and_a_right_click_locks(hand):
    hand.edit(7, 99.0)
    QTest.mouseDClick(hand.bars, LEFT, pos=place(7))
    assert hand.bars.values[7] == 0
    QTest.mouseClick(hand.bars, RIGHT, pos=place(8))
    assert hand.locks == [8]


@pytest.mark.parametrize("size", [1, 8, 63, 64, 65, 200])
def test_any_number_of_sliders_is_painted_and_selectable(hand, size):
    hand.bars.show_seed((1.0,) * size, (0.0,) * size, frozenset({0, size - 1}))
    QTest.keyClick(hand.bars, Qt.Key.Key_Right)
    assert hand.bars.current == min(1, size - 1)
    assert not hand.bars.grab().isNull()


def test_locked_and_moved_sliders_look_different(hand):
    plain = hand.bars.grab().toImage()
    values = tuple(float(i) for i in range(64))
    hand.bars.show_seed(values, values, frozenset())
    same = hand.bars.grab().toImage()
    hand.bars.show_seed(values, (0.0,) * 64, frozenset())
    moved = hand.bars.grab().toImage()
    hand.bars.show_seed(values, values, frozenset({9}))
    locked = hand.bars.grab().toImage()
    pictures = [plain, same, moved, locked]
    assert all(a != b for i, a in enumerate(pictures) for b in pictures[i + 1 :])
