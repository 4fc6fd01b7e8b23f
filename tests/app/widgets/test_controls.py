"""The small controls, each alone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.drawing.spectrum_analyser import FLOOR_DB
from app.widgets.beat_lights import BeatLights
from app.widgets.button import Key
from app.widgets.fader import Fader
from app.widgets.icons import _ICONS
from app.widgets.lamp import Lamp
from app.widgets.level_meter import LevelMeter
from app.widgets.live_spectrum import LiveSpectrum
from app.widgets.message_bar import Message, MessageBar
from app.widgets.number_box import NumberBox
from app.widgets.progress_line import ProgressLine
from app.widgets.segments import Segments
from app.widgets.style import style_sheet
from app.widgets.themed import restyle_all
from app.widgets.tokens import DARK, LIGHT

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(qtbot):
    def show(widget, width=200, height=30):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    return show


@pytest.mark.parametrize("icon", ["", *_ICONS])
@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_a_key_is_pressed_by_mouse_and_by_return(shown, icon, tokens):
    key = shown(Key(tokens, "Word", icon=icon, tip="What it does", shortcut="K"))
    clicks: list = []
    key.clicked.connect(lambda: clicks.append(1))
    QTest.mouseClick(key, LEFT)
    QTest.keyClick(key, Qt.Key.Key_Return)
    assert len(clicks) == 2
    assert key.toolTip() == "What it does  (K)"
    assert not key.grab().isNull()


def test_a_key_looks_as_it_is(shown):
    key = shown(Key(DARK, "Word"))
    key.setCheckable(True)
    up = key.grab().toImage()
    key.setChecked(True)
    down = key.grab().toImage()
    key.setEnabled(False)
    key.setChecked(False)
    off = key.grab().toImage()
    assert up != down != off != up


@pytest.mark.parametrize(("x", "value"), [(0, 0), (5, 0), (100, 50), (195, 100), (199, 100)])
def test_a_click_takes_the_fader_there(shown, x, value):
    fader = shown(Fader(DARK, 0, 100, name="Level"))
    fader.setValue(33)
    edited: list = []
    fader.value_edited.connect(edited.append)
    QTest.mouseClick(fader, LEFT, pos=QPoint(x, 10))
    assert edited == [value]


def test_a_drag_of_the_fader_is_one_gesture(shown):
    fader = shown(Fader(DARK, 0, 100, name="Level", rest=80))
    heard: list = []
    fader.gesture_began.connect(lambda: heard.append("began"))
    fader.gesture_ended.connect(lambda: heard.append("ended"))
    QTest.mousePress(fader, LEFT, pos=QPoint(50, 10))
    QTest.mouseMove(fader, QPoint(150, 10))
    QTest.mouseRelease(fader, LEFT, pos=QPoint(150, 10))
    assert heard == ["began", "ended"]
    QTest.mouseDClick(fader, LEFT, pos=QPoint(20, 10))
    assert fader.value() == 80


@pytest.mark.parametrize(("key", "value"), [(Qt.Key.Key_Right, 51), (Qt.Key.Key_Left, 49), (Qt.Key.Key_PageUp, 60)])
def test_keys_move_the_fader(shown, key, value):
    fader = shown(Fader(DARK, 0, 100, name="Level"))
    fader.setValue(50)
    edited: list = []
    fader.value_edited.connect(edited.append)
    QTest.keyClick(fader, key)
    assert (fader.value(), edited) == (value, [value])


def test_what_is_shown_is_not_edited(shown):
    box = shown(NumberBox(20, 999, name="Tempo", decimals=1))
    fader = shown(Fader(DARK, 0, 100, name="Level"))
    edited: list = []
    box.value_edited.connect(edited.append)
    fader.value_edited.connect(edited.append)
    box.show_value(140.0)
    fader.setValue(7)
    assert (edited, box.value()) == ([], 140.0)


@pytest.mark.parametrize(
    ("typed", "value"), [("140", 140), ("140.5", 140.5), ("140,5", 140.5), ("5", 20), ("", 128), ("nonsense", 128)]
)
def test_a_number_is_typed(shown, typed, value):
    box = shown(NumberBox(20, 999, name="Tempo", decimals=1))
    box.show_value(128)
    box.selectAll()
    QTest.keyClicks(box.lineEdit(), typed) if typed else box.lineEdit().clear()
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert box.value() == value


def test_a_number_has_room(shown):
    box = NumberBox(20, 999, name="Tempo", decimals=1)
    box.setStyleSheet(style_sheet(DARK))
    shown(box, 76, 28)
    assert box.lineEdit().width() > 60


@pytest.mark.parametrize(
    ("peaks", "level"), [([0.0], -48), ([1.0], 0), ([0.5], -6.02), ([1.0, 0.0], -2.4), ([2.0], 6.02)]
)
def test_the_meter_rises_at_once_and_falls_slowly(shown, peaks, level):
    meter = shown(LevelMeter(DARK))
    for peak in peaks:
        meter.show_level(peak, 0.0, 0.1)
    assert meter.level_db == pytest.approx(level, abs=0.01)
    assert not meter.grab().isNull()


def test_the_meter_shows_that_the_limiter_works(shown):
    meter = shown(LevelMeter(DARK))
    meter.show_level(0.5, 0.0, 0.0)
    before = meter.grab().toImage()
    meter.show_level(0.5, 0.3, 0.0)
    assert meter.grab().toImage() != before


def test_the_lamp_blinks_and_goes_out(shown, qtbot):
    lamp = shown(Lamp(DARK, "OSC"))
    lamp.set_on(True, "listening")
    lamp.blink()
    assert lamp.lit
    qtbot.waitUntil(lambda: not lamp.lit)
    assert lamp.accessibleDescription() == "listening"


@pytest.mark.parametrize("press", [lambda w: QTest.mouseClick(w, LEFT), lambda w: QTest.keyClick(w, Qt.Key.Key_Return)])
def test_the_lamp_can_be_pressed(shown, press):
    lamp = shown(Lamp(DARK, "OSC"))
    pressed: list = []
    lamp.clicked.connect(lambda: pressed.append(1))
    press(lamp)
    assert pressed == [1]


@pytest.mark.parametrize(("beats", "beat"), [(None, None), (0.0, 0), (3.99, 3), (4.0, 4), (400.2, 400)])
def test_the_lights_follow_the_beat(shown, beats, beat):
    lights = shown(BeatLights(DARK))
    lights.set_beats(beats)
    assert lights.beat == beat
    assert not lights.grab().isNull()


def test_one_segment_is_down(shown):
    segments = shown(Segments(DARK, ["now", "beat", "bar"], name="Start"))
    chosen: list = []
    segments.chosen.connect(chosen.append)
    segments.show_choice("beat")
    QTest.mouseClick(segments.keys["bar"], LEFT)
    assert chosen == ["bar"]
    assert [key.isChecked() for key in segments.keys.values()] == [False, False, True]


@pytest.mark.parametrize("done", [None, 0.0, 0.5, 1.0])
def test_progress_is_painted(shown, done):
    line = shown(ProgressLine(DARK, "Progress"))
    line.show_progress(done)
    assert not line.grab().isNull()


def test_the_spectrum_paints_what_it_gets(shown):
    spectrum = shown(LiveSpectrum(DARK), 84, 300)
    empty = spectrum.grab().toImage()
    hertz = np.linspace(40, 20000, 50, dtype=np.float32)
    spectrum.show_levels(hertz, np.full(50, FLOOR_DB, np.float32))
    assert spectrum.grab().toImage() == empty
    spectrum.show_levels(hertz, np.full(50, -20, np.float32))
    assert spectrum.grab().toImage() != empty


# --- messages


@pytest.fixture
def bar(shown):
    return shown(MessageBar(DARK), 900, 32)


def test_a_note_goes_by_itself(bar):
    bar.show_message(Message("Saved"))
    assert bar._hide.isActive()
    bar._hide.timeout.emit()
    assert bar.shown is None


def test_an_error_stays_until_it_is_closed(bar):
    bar.show_message(Message("the disk is full", "details", error=True))
    bar.show_message(Message("Saved"))
    assert bar.shown.text == "the disk is full"
    assert not bar._hide.isActive()
    QTest.mouseClick(bar.dismiss, LEFT)
    assert bar.shown is None


def test_errors_wait_behind_one_another(bar):
    for text in ("first", "second", "second", "third"):
        bar.show_message(Message(text, error=True))
    seen = []
    while bar.shown is not None:
        seen.append(bar.shown.text)
        bar.close_message()
    assert seen == ["third", "second", "first"]


def test_details_are_copied(bar):
    bar.show_message(Message("short", "long and technical", error=True))
    QTest.mouseClick(bar.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "long and technical"


def test_markup_in_names_is_text(bar):
    bar.show_message(Message("<b>bold</b>.wav", error=True))
    assert bar.label.textFormat() == Qt.TextFormat.PlainText


def test_a_theme_reaches_every_widget(bar):
    bar.show_message(Message("x", error=True))
    dark = bar.grab().toImage()
    restyle_all(bar, LIGHT)
    assert bar.dismiss.tokens is LIGHT
    assert bar.grab().toImage() != dark
