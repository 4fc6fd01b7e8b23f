"""Small controls, each on its own."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.drawing.spectrum_analyser import FLOOR_DB
from app.widgets.beat_lights import BeatLights
from app.widgets.button import Button
from app.widgets.choice_box import ChoiceBox
from app.widgets.fader import Fader
from app.widgets.icons import ICONS
from app.widgets.indicator_light import IndicatorLight
from app.widgets.level_fader import LevelFader
from app.widgets.level_meter import LevelMeter
from app.widgets.live_spectrum import LiveSpectrum
from app.widgets.message_bar import MessageBar, StatusMessage
from app.widgets.number_box import NumberBox
from app.widgets.progress_line import ProgressLine
from app.widgets.segments import Segments
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


@pytest.mark.parametrize("icon", ["", *ICONS])
@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_a_button_is_clicked_by_mouse_and_by_return(shown, icon, tokens):
    button = shown(Button(tokens, "Word", icon=icon))
    clicks: list = []
    button.clicked.connect(lambda: clicks.append(1))
    QTest.mouseClick(button, LEFT)
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert len(clicks) == 2
    assert not button.grab().isNull()


@pytest.mark.parametrize(
    ("options", "tip", "name"),
    [
        ({}, "Word", "Word"),
        ({"name": "Name"}, "Name", "Name"),
        ({"name": "Name", "tip": "Tip"}, "Tip", "Name"),
        ({"tip": "Tip", "shortcut": "K"}, "Tip (K)", "Word"),
    ],
)
def test_the_tooltip_of_a_button_names_its_action_and_key(shown, options, tip, name):
    button = shown(Button(DARK, "Word", **options))
    assert (button.toolTip(), button.accessibleName()) == (tip, name)


def test_a_button_shows_its_state(shown):
    button = shown(Button(DARK, "Word"))
    button.setCheckable(True)
    unchecked = button.grab().toImage()
    button.setChecked(True)
    checked = button.grab().toImage()
    button.setEnabled(False)
    button.setChecked(False)
    disabled = button.grab().toImage()
    assert unchecked != checked != disabled != unchecked


@pytest.mark.parametrize(("x", "value"), [(0, 0), (5, 0), (100, 50), (195, 100), (199, 100)])
def test_a_click_moves_the_fader_to_the_pointer(shown, x, value):
    fader = shown(Fader(DARK, 0, 100, name="Level"))
    fader.setValue(33)
    edited: list = []
    fader.value_edited.connect(edited.append)
    QTest.mouseClick(fader, LEFT, pos=QPoint(x, 10))
    assert edited == [value]


def test_dragging_the_fader_is_one_gesture(shown):
    fader = shown(Fader(DARK, 0, 100, name="Level", rest=80))
    gestures: list = []
    fader.gesture_began.connect(lambda: gestures.append("began"))
    fader.gesture_ended.connect(lambda: gestures.append("ended"))
    QTest.mousePress(fader, LEFT, pos=QPoint(50, 10))
    QTest.mouseMove(fader, QPoint(150, 10))
    QTest.mouseRelease(fader, LEFT, pos=QPoint(150, 10))
    assert gestures == ["began", "ended"]


def test_a_double_click_resets_the_fader(shown):
    fader = shown(Fader(DARK, 0, 100, name="Level", rest=80))
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


def test_showing_a_value_does_not_edit_it(shown):
    box = shown(NumberBox(20, 999, name="Tempo", decimals=1))
    fader = shown(Fader(DARK, 0, 100, name="Level"))
    edited: list = []
    box.value_edited.connect(edited.append)
    fader.value_edited.connect(edited.append)
    box.show_value(140.0)
    fader.setValue(7)
    assert (edited, box.value()) == ([], 140.0)


@pytest.mark.parametrize(("level", "text"), [(0, "0 dB"), (-6, "-6 dB"), (3, "+3 dB"), (-60, "off"), (-6.5, "-6.5 dB")])
def test_a_level_fader_shows_its_level(shown, level, text):
    fader = shown(LevelFader(DARK, name="Level"))
    fader.show_level(level)
    assert fader.value() == round(level)
    assert fader.toolTip() == f"Level: {text}"


@pytest.mark.parametrize(
    ("peaks", "level"), [([0.0], -48), ([1.0], 0), ([0.5], -6.02), ([1.0, 0.0], -2.4), ([2.0], 6.02)]
)
def test_the_meter_rises_at_once_and_falls_by_24_db_a_second(shown, peaks, level):
    meter = shown(LevelMeter(DARK))
    for peak in peaks:
        meter.show_level(peak, 0.0, 0.1)
    assert meter.level_db == pytest.approx(level, abs=0.01)
    assert not meter.grab().isNull()


def test_the_meter_shows_an_active_limiter(shown):
    meter = shown(LevelMeter(DARK))
    meter.show_level(0.5, 0.0, 0.0)
    before = meter.grab().toImage()
    meter.show_level(0.5, 0.3, 0.0)
    assert meter.grab().toImage() != before


def test_the_light_blinks_once(shown, qtbot):
    light = shown(IndicatorLight(DARK, "OSC"))
    light.set_on(True, "listening")
    light.blink()
    assert light.lit
    qtbot.waitUntil(lambda: not light.lit)
    assert light.accessibleDescription() == "listening"


@pytest.mark.parametrize("press", [lambda w: QTest.mouseClick(w, LEFT), lambda w: QTest.keyClick(w, Qt.Key.Key_Return)])
def test_the_light_can_be_clicked(shown, press):
    light = shown(IndicatorLight(DARK, "OSC"))
    clicks: list = []
    light.clicked.connect(lambda: clicks.append(1))
    press(light)
    assert clicks == [1]


@pytest.mark.parametrize(("beats", "beat"), [(None, None), (0.0, 0), (3.99, 3), (4.0, 4), (400.2, 400)])
def test_the_lights_follow_the_beat(shown, beats, beat):
    lights = shown(BeatLights(DARK))
    lights.set_beats(beats)
    assert lights.beat == beat
    assert not lights.grab().isNull()


def test_exactly_one_segment_is_checked(shown):
    segments = shown(Segments(DARK, ["now", "beat", "bar"], name="Start"))
    chosen: list = []
    segments.chosen.connect(chosen.append)
    segments.show_choice("beat")
    QTest.mouseClick(segments.buttons["bar"], LEFT)
    assert chosen == ["bar"]
    assert [button.isChecked() for button in segments.buttons.values()] == [False, False, True]


CHOICES = [("first", None), ("one", 1), ("two", 2)]


@pytest.mark.parametrize(("chosen", "text"), [(None, "first"), (2, "two"), ("unknown", "first")])
def test_a_choice_box_shows_the_chosen_value(shown, chosen, text):
    box = shown(ChoiceBox("Slot"))
    emitted: list = []
    box.chosen.connect(emitted.append)
    box.show_choices(CHOICES, chosen)
    assert (box.currentText(), box.toolTip()) == (text, f"Slot: {text}")
    box.activated.emit(1)
    assert emitted == [1]


@pytest.mark.parametrize(("done", "filled"), [(None, 0), (0.0, 0), (0.5, 100), (1.0, 200)])
def test_the_progress_line_is_filled_up_to_the_progress(shown, done, filled):
    line = shown(ProgressLine(DARK, "Progress"))
    line.show_progress(done)
    image = line.grab().toImage()
    assert sum(image.pixelColor(x, 2) == DARK.colour("accent") for x in range(200)) == filled


def test_the_spectrum_paints_levels_above_the_floor(shown):
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


def test_a_note_disappears(bar):
    bar.show_message(StatusMessage("Saved"))
    assert bar._hide.isActive()
    bar._hide.timeout.emit()
    assert bar.shown is None


def test_an_error_stays_until_it_is_closed(bar):
    bar.show_message(StatusMessage("the disk is full", "details", error=True))
    bar.show_message(StatusMessage("Saved"))
    assert bar.shown.text == "the disk is full"
    assert not bar._hide.isActive()
    QTest.mouseClick(bar.dismiss, LEFT)
    assert bar.shown is None


def test_an_older_error_waits_behind_a_newer_one(bar):
    for text in ("first", "second", "second", "third"):
        bar.show_message(StatusMessage(text, error=True))
    seen = []
    while bar.shown is not None:
        seen.append(bar.shown.text)
        bar.close_message()
    assert seen == ["third", "second", "first"]


def test_details_are_copied(bar):
    bar.show_message(StatusMessage("short", "long and technical", error=True))
    QTest.mouseClick(bar.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "long and technical"


def test_markup_in_messages_is_plain_text(bar):
    bar.show_message(StatusMessage("<b>bold</b>.wav", error=True))
    assert bar.label.textFormat() == Qt.TextFormat.PlainText


def test_a_theme_reaches_every_widget(bar):
    bar.show_message(StatusMessage("x", error=True))
    dark = bar.grab().toImage()
    restyle_all(bar, LIGHT)
    assert bar.dismiss.tokens is LIGHT
    assert bar.grab().toImage() != dark


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
@pytest.mark.parametrize(("checked", "primary"), [(False, False), (True, False), (False, True)])
def test_the_focus_is_visible_on_every_ground(shown, monkeypatch, tokens, checked, primary):
    button = shown(Button(tokens, "Word", primary=primary))
    button.setCheckable(True)
    button.setChecked(checked)
    for widget in (button, shown(IndicatorLight(tokens, "OSC"))):
        before = widget.grab().toImage()
        monkeypatch.setattr(type(widget), "hasFocus", lambda _self: True)
        assert widget.grab().toImage() != before
        monkeypatch.undo()
