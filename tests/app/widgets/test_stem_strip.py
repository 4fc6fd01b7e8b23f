"""The switches and levels of stems."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.session.state import Clip, Slot, Stem, StemMix
from app.widgets.main_window import MainWindow
from app.widgets.slot_view import SlotView
from app.widgets.stem_strip import StemStrip, title_of
from app.widgets.tokens import DARK, LIGHT
from tests.app.fakes import STEMS, loop_of, seed_of, with_stems

LEFT, CTRL, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
CLIP = Clip("Kanuto", with_stems(loop_of(seed_of(3))))


@pytest.fixture(params=[True, False])
def strip(qtbot, request):
    made = StemStrip(DARK, "slot 1", stacked=request.param)
    qtbot.addWidget(made)
    made.show_stems(STEMS, StemMix())
    made.show()
    return made


def record(signal):
    calls: list = []
    signal.connect(lambda *values: calls.append(values))
    return calls


def lit(strip):
    return [name for name, switch in strip.switches.items() if switch.isChecked()]


def test_a_loop_without_stems_shows_nothing(strip):
    strip.show_stems((), StemMix(solo="kick"))
    assert not strip.isVisible()
    assert strip.switches == strip.faders == {}


def test_every_stem_has_a_switch_and_a_level(strip):
    strip.show_stems(STEMS, StemMix({"kick": Stem(on=False), "music": Stem(level_db=-12)}))
    assert lit(strip) == ["drums", "music"]
    assert [fader.value() for fader in strip.faders.values()] == [0, 0, -12]
    assert strip.switches["kick"].accessibleName() == "Kick of slot 1"
    assert strip.faders["music"].toolTip() == "Music level of slot 1: -12 dB"


def test_during_a_solo_only_the_soloed_stem_is_lit(strip):
    strip.show_stems(STEMS, StemMix({"kick": Stem(on=False)}, solo="kick"))
    assert lit(strip) == ["kick"]


@pytest.mark.parametrize(
    ("press", "solo"),
    [
        (lambda switch: QTest.mouseClick(switch, LEFT), False),
        (lambda switch: QTest.mouseClick(switch, LEFT, CTRL), True),
        (lambda switch: QTest.mouseClick(switch, LEFT, ALT), True),
        (lambda switch: QTest.keyClick(switch, Qt.Key.Key_Return), False),
        (lambda switch: QTest.keyClick(switch, Qt.Key.Key_Return, CTRL), True),
    ],
)
def test_switches_ask_and_wait_for_the_answer(strip, press, solo):
    toggled, soloed = record(strip.toggled), record(strip.solo_requested)
    press(strip.switches["drums"])
    assert (toggled, soloed) == (([], [("drums",)]) if solo else ([("drums",)], []))
    assert lit(strip) == list(STEMS)


def test_levels_are_edited_by_key(strip):
    edited = record(strip.level_edited)
    QTest.keyClick(strip.faders["kick"], Qt.Key.Key_Left)
    assert edited == [("kick", -1.0)]


def test_other_stems_replace_the_controls(strip):
    strip.show_stems(("voice_and_pads", "rest"), StemMix())
    assert [switch.text() for switch in strip.switches.values()] == ["Voice and pads", "Rest"]
    toggled = record(strip.toggled)
    QTest.mouseClick(strip.switches["rest"], LEFT)
    assert toggled == [("rest",)]


@pytest.mark.parametrize(("stem", "title"), [("kick", "Kick"), ("FX", "FX"), ("", "")])
def test_titles_are_plain_english(stem, title):
    assert title_of(stem) == title


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_a_slot_shows_the_stems_of_its_loop(qtbot, tokens):
    view = SlotView(tokens, 2)
    qtbot.addWidget(view)
    view.resize(121, 132)
    view.show()
    view.show_slot(Slot(CLIP, stems=StemMix({"kick": Stem(on=False)})))
    assert lit(view.stems) == ["drums", "music"]
    first = view.grab().toImage()
    view.show_slot(Slot(CLIP))
    assert view.grab().toImage() != first
    assert "with Alt one file per stem" in view.thumbnail.toolTip()
    view.show_slot(Slot(Clip("Plain", loop_of(seed_of(3)))))
    assert not view.stems.isVisible()
    assert "stem" not in view.thumbnail.toolTip()


def test_a_window_full_of_stems_fits_on_a_small_screen(qtbot):
    window = MainWindow(DARK, 8)
    qtbot.addWidget(window)
    window.slots.show_slots([Slot(CLIP)] * 8)
    window.seed.stems.show_stems(STEMS, StemMix())
    window.show()
    smallest = window.minimumSizeHint()
    assert smallest.width() <= 1024
    assert smallest.height() <= 640
    window.restyle(LIGHT)
    window.resize(1024, 640)
    assert all(view.thumbnail.height() >= 30 for view in window.slots.slots)
