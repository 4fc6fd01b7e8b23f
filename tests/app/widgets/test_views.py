"""Larger widgets, each on its own."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDropEvent, QMouseEvent, QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QWidget,
)

from app.drawing.colour_maps import MAPS
from app.session.state import Clip, Morph, Slot, StemMix
from app.widgets.loop_view import LoopView
from app.widgets.main_window import MainWindow
from app.widgets.morph_panel import KINDS, MorphPanel
from app.widgets.screen import fit_to_screen
from app.widgets.seed_bars import SeedBars
from app.widgets.slot_view import SlotView
from app.widgets.spectrogram_view import SpectrogramView
from app.widgets.tokens import DARK, LIGHT
from app.widgets.transport import Transport
from app.widgets.waveform_view import WaveformView
from tests.app.fakes import loop_of, seed_of

LEFT = Qt.MouseButton.LeftButton
CLIP = Clip("Kanuto", loop_of(seed_of(3)))


@pytest.fixture
def shown(qtbot):
    widgets = []  # qtbot keeps weak references only

    def show(widget, width, height):
        widgets.append(widget)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    return show


def record(signal):
    emitted = []
    signal.connect(lambda *values: emitted.append(values))
    return emitted


# --- spectrogram and waveform


@pytest.fixture
def spectrogram(shown):
    view = shown(SpectrogramView(DARK), 400, 300)
    levels = np.zeros((256, 128), np.uint8)
    levels[64] = 255  # a tone at a quarter of the band
    view.show_picture(levels, 16000.0, 4)
    return view


@pytest.mark.parametrize("logarithmic", [True, False])
def test_the_readout_matches_the_picture(spectrogram, logarithmic):
    spectrogram.set_display("Graphite", logarithmic=logarithmic)
    picture = spectrogram.grab().toImage()
    brightest = max(range(300), key=lambda y: picture.pixelColor(250, y).lightness())
    QTest.mouseMove(spectrogram, QPoint(250, brightest))
    assert spectrogram.readout.endswith("dB")
    tone = float(spectrogram.readout.split()[0]) * 1000
    assert tone == pytest.approx(4000 + 16000 / 512, rel=0.06)
    assert "beat 3.50" in spectrogram.readout


def test_the_readout_shows_silence(spectrogram):
    QTest.mouseMove(spectrogram, QPoint(250, 2))
    assert spectrogram.readout.endswith("silent")


@pytest.mark.parametrize("name", MAPS)
def test_every_colour_map_paints(spectrogram, name):
    spectrogram.set_display(name, logarithmic=True)
    assert not spectrogram.grab().isNull()


@pytest.mark.parametrize("size", [(200, 100), (1, 1), (2000, 700)])
@pytest.mark.parametrize("frames", [1, 128, 512 * 64])
def test_any_size_paints(shown, size, frames):
    view = shown(SpectrogramView(DARK), *size)
    view.show_picture(np.zeros((256, frames), np.uint8), 16000.0, max(frames // 128, 1))
    assert not view.grab().isNull()


@pytest.mark.parametrize("view", [SpectrogramView, WaveformView])
def test_the_playhead_is_painted_at_its_position(shown, view):
    widget = shown(view(DARK), 400, 100)
    before = widget.grab().toImage()
    widget.set_playhead(0.5)
    after = widget.grab().toImage()
    changed = [x for x in range(400) if before.pixel(x, 20) != after.pixel(x, 20)]
    assert changed
    assert all(abs(x - 200) <= 2 for x in changed)
    widget.set_playhead(None)
    assert widget.grab().toImage() == before


@pytest.mark.parametrize("samples", [np.zeros(16384), np.ones(16384), np.zeros(3), np.sin(np.arange(65536))])
def test_any_waveform_paints(shown, samples):
    view = shown(WaveformView(DARK), 300, 60)
    empty = view.grab().toImage()
    view.show_samples(samples.astype(np.float32), 4)
    assert view.grab().toImage() != empty


def test_a_hint_is_shown_until_there_is_a_spectrogram(shown):
    view = shown(SpectrogramView(DARK), 400, 300)
    before = view.grab().toImage()
    view.set_hint("Opening the model")
    assert view.grab().toImage() != before


def test_the_details_of_a_loop_are_shown(shown):
    view = shown(LoopView(DARK), 600, 400)
    view.show_loop(CLIP.loop)
    assert view.details.text() == "1 beat   0.47 s   -16.0 LUFS"


# --- slots


@pytest.fixture
def slot(shown):
    return shown(SlotView(DARK, 2), 150, 132)


def test_a_click_on_an_empty_slot_keeps_the_loop(slot):
    asked = record(slot.keep_requested)
    QTest.mouseClick(slot.thumbnail, LEFT)
    assert asked == [()]
    slot.show_slot(Slot(CLIP))
    QTest.mouseClick(slot.thumbnail, LEFT)
    assert asked == [()]


def test_only_a_full_slot_can_be_played(slot):
    assert not slot.play.isEnabled()
    slot.show_slot(Slot(CLIP, playing=True, muted=True, level_db=-12))
    toggled, muted = record(slot.play.toggled), record(slot.mute.toggled)
    QTest.mouseClick(slot.play, LEFT)
    QTest.mouseClick(slot.mute, LEFT)
    assert (toggled, muted) == ([(False,)], [(False,)])
    assert slot.level.value() == -12


@pytest.mark.parametrize(
    ("modifier", "by_stem"), [(Qt.KeyboardModifier.NoModifier, False), (Qt.KeyboardModifier.AltModifier, True)]
)
def test_a_double_click_loads_and_a_drag_exports(slot, modifier, by_stem):
    slot.show_slot(Slot(CLIP))
    loaded, dragged = record(slot.load_requested), record(slot.thumbnail.drag_requested)
    QTest.mouseDClick(slot.thumbnail, LEFT)
    QTest.mousePress(slot.thumbnail, LEFT, modifier, QPoint(10, 10))
    there = QPointF(60, 40)
    moved = QMouseEvent(QEvent.Type.MouseMove, there, slot.thumbnail.mapToGlobal(there), LEFT, LEFT, modifier)
    QApplication.sendEvent(slot.thumbnail, moved)
    assert (loaded, dragged) == ([()], [(by_stem,)])


@pytest.mark.parametrize("number", [0, 7, 8, 15])
@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_every_slot_describes_its_clip(shown, number, tokens):
    view = shown(SlotView(tokens, number), 120, 132)
    empty = view.grab().toImage()
    view.show_slot(Slot(CLIP, playing=True))
    assert view.grab().toImage() != empty
    assert view.accessibleDescription() == "Kanuto, 1 beat, playing"


def test_a_right_click_requests_the_menu_of_the_slot(slot):
    requested = record(slot.menu_requested)
    slot.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(7, 9)))
    assert requested == [(QPoint(7, 9),)]


@pytest.mark.parametrize(
    ("number", "filled", "tip"),
    [
        (0, False, "Keep the live loop here (1)"),
        (0, True, "to load the seed (Ctrl+1)"),
        (7, False, "Keep the live loop here (8)"),
        (8, False, "Keep the live loop here"),
        (11, True, "to load the seed"),
    ],
)
def test_only_the_first_eight_slots_show_keys(shown, number, filled, tip):
    view = shown(SlotView(DARK, number), 150, 132)
    view.show_slot(Slot(CLIP if filled else None))
    assert view.thumbnail.toolTip().endswith(tip)


def test_files_can_be_dropped(slot):
    dropped = record(slot.dropped)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/a.wav"), QUrl.fromLocalFile("/b.png")])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    slot.dropEvent(event)
    assert dropped == [(["/a.wav", "/b.png"],)]


# --- morph and transport


@pytest.fixture
def morph(shown):
    return shown(MorphPanel(DARK), 232, 500)


FULL = (Slot(CLIP), Slot(Clip("Other", loop_of(seed_of(9)))), *(Slot(),) * 6)


@pytest.mark.parametrize(
    ("slots", "enabled"), [((Slot(),) * 8, False), ((Slot(CLIP), *(Slot(),) * 7), False), (FULL, True)]
)
def test_only_two_seeds_can_be_morphed(morph, slots, enabled):
    morph.show_morph(Morph(), slots)
    assert morph.crossfader.isEnabled() == enabled
    assert [morph.kinds[kind].isEnabled() for kind in KINDS] == [enabled, enabled, True]


def test_the_morph_panel_emits_edits(morph):
    morph.show_morph(Morph(), FULL)
    edited, moved, asked = record(morph.morph_edited), record(morph.moved), record(morph.sequence_requested)
    QTest.mouseClick(morph.crossfader, LEFT, pos=QPoint(morph.crossfader.width() // 2, 10))
    QTest.mouseClick(morph.kinds["walk"], LEFT)
    morph.steps.setValue(12)
    morph.target.activated.emit(4)
    morph.target.activated.emit(0)
    assert moved[0][0] == pytest.approx(0.5, abs=0.02)
    assert asked == [("walk",)]
    assert edited == [({"steps": 12},), ({"target": 3},), ({"target": None},)]


def test_a_sequence_can_be_cancelled(morph):
    assert not morph.cancel.isEnabled()
    morph.show_progress(0.5, "fade")
    cancelled = record(morph.cancel.clicked)
    QTest.mouseClick(morph.cancel, LEFT)
    assert cancelled == [()]
    assert morph.doing.text() == "fade 50%"


@pytest.fixture
def transport(shown):
    return shown(Transport(DARK), 1280, 44)


def test_the_play_button_shows_its_next_action(transport):
    asked = record(transport.play_toggled)
    QTest.mouseClick(transport.play, LEFT)
    assert asked == [(True,)]
    assert transport.play.text() == "Stop"


def test_a_missing_output_stays_chosen(transport):
    transport.show_outputs(["A", "B"], "Gone")
    assert transport.output.currentText() == "Gone, not connected"
    chosen = record(transport.output_chosen)
    transport.output.activated.emit(1)
    transport.output.activated.emit(0)
    transport.output.activated.emit(transport.output.count() - 1)  # rescan, with the same output
    assert chosen == [("A",), (None,), ("Gone",)]


@pytest.mark.parametrize(("count", "text"), [(0, None), (1, "1 dropout"), (7, "7 dropouts")])
def test_dropouts_are_hidden_while_there_are_none(transport, count, text):
    transport.show_dropouts(count)
    assert transport.dropouts.isVisible() == bool(text)
    assert not text or transport.dropouts.text() == text


@pytest.mark.parametrize(("seconds", "text"), [(None, "Rec"), (0.0, "0:00"), (61.9, "1:01"), (3600, "60:00")])
def test_the_record_button_shows_the_time(transport, seconds, text):
    transport.show_recording(seconds)
    assert transport.record.text() == text


@pytest.mark.parametrize(("level", "text"), [(0, "0 dB"), (-6, "-6 dB"), (3, "+3 dB"), (-60, "off")])
def test_the_master_level_is_shown(transport, level, text):
    transport.show_master(level)
    assert transport.master_db.text() == text


# --- the whole window


@pytest.fixture
def window(shown):
    return shown(MainWindow(DARK, 8), 1280, 800)


def test_the_window_fits_on_a_small_screen(window):
    window.transport.show_dropouts(1234)  # the widest state
    window.seed.stems.show_stems(("kick", "drums", "music"), StemMix())
    smallest = window.centralWidget().minimumSizeHint()
    assert smallest.width() <= window.minimumWidth() <= 1024 - 16
    assert smallest.height() <= window.minimumHeight() <= 640 - 40


@pytest.mark.parametrize(
    ("screen", "size"), [((1366, 768), (1280, 728)), ((1024, 768), (1008, 728)), ((1920, 1080), (1280, 800))]
)
def test_a_window_is_no_larger_than_its_screen(qtbot, monkeypatch, screen, size):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _self: QRect(0, 0, *screen))
    widget = QWidget()
    qtbot.addWidget(widget)
    fit_to_screen(widget, QSize(1280, 800))
    assert widget.size() == QSize(*size)


def test_every_control_has_a_name_a_tooltip_and_keyboard_focus(window):
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, SeedBars)
    controls = [
        w for w in window.findChildren(QWidget) if isinstance(w, kinds) and not isinstance(w.parent(), QComboBox)
    ]
    assert len(controls) > 60
    for control in controls:
        if control.objectName().startswith("qt_") or "ScrollBar" in type(control).__name__:
            continue
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name, control
        assert control.toolTip(), name
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, name


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
@pytest.mark.parametrize("size", [(1024, 640), (1280, 800), (2560, 1400)])
def test_the_window_paints(window, tokens, size):
    window.restyle(tokens)
    window.resize(*size)
    assert not window.grab().isNull()


@pytest.mark.parametrize("geometry", ["", "nonsense", "AAAA", "%%%"])
def test_invalid_geometry_is_ignored(window, geometry):
    window.restore(geometry)
    window.restore(window.geometry_text())
    assert window.width() >= window.minimumWidth()
