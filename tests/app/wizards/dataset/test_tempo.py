"""Test the page that measures tempos and shows the beat grid."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.wizards.dataset.drift_view import DriftCurve
from tests.app.wizards.dataset.wizard_host import TEMPO, open_project


@pytest.fixture
def tempo(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("tempo")
    return wizard.tempo_page


def test_a_track_shows_its_waveform_and_verdict(tempo, qtbot):
    qtbot.waitUntil(lambda: tempo.wave._overview is not None)
    assert tempo.verdict.text().startswith("Exact")
    assert tempo.bpm.value() == 120.0


def test_a_picked_beat_starts_the_bar(tempo):
    tempo.wave.beat_picked.emit(6)
    assert tempo.track.shift == 2
    tempo.later.click()
    assert tempo.track.shift == 3
    assert tempo.track.downbeat == 0.0


@pytest.mark.parametrize(("key", "bpm"), [("half", 60.0), ("double", 240.0)])
def test_half_and_double_are_measured(tempo, monkeypatch, key, bpm):
    asked = []
    monkeypatch.setattr(tempo, "run_command", lambda name, arguments: asked.append(arguments))
    getattr(tempo, key).click()
    low, high = (float(asked[0][asked[0].index(name) + 1]) for name in ("--min-bpm", "--max-bpm"))
    assert low < bpm < high
    assert high / low < 1.1


def test_an_entered_tempo_is_used_if_no_beat_is_found(tempo):
    tempo._target = 97.5
    found = TEMPO | {"path": tempo.track.path, "verdict": "unusable", "bpm": 97.1}
    tempo.take_item("tempo", found | {"curve": {"times_s": [], "late_ms": [], "sure": []}})
    assert tempo.track.bpm == 97.5


def test_a_track_without_a_beat_is_left_out(tempo):
    tempo.store.change_track(tempo.track.path, tempo={})
    found = TEMPO | {"path": tempo.track.path, "verdict": "unusable"}
    tempo.take_item("tempo", found | {"curve": {"times_s": [], "late_ms": [], "sure": []}})
    assert tempo.track.treatment == "skip"


def test_zooming_from_the_whole_track_to_a_beat(tempo, qtbot):
    qtbot.waitUntil(lambda: tempo.wave._overview is not None)
    assert tempo.axis.span == pytest.approx(30.0)
    tempo.zooms["beat"].click()
    assert tempo.axis.span == pytest.approx(0.54)
    qtbot.waitUntil(lambda: tempo.wave._samples is not None)
    tempo.zooms["track"].click()
    assert (tempo.axis.start, tempo.axis.span) == (0.0, 30.0)


def test_the_wheel_zooms_at_the_pointer(tempo):
    before = tempo.axis.seconds_at(100, tempo.wave.width())
    place = QPointF(100, 20)
    no_buttons, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turn = QPointF(0, 240).toPoint()
    event = QWheelEvent(
        place, place, QPointF().toPoint(), turn, no_buttons, no_keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    tempo.wave.wheelEvent(event)
    assert tempo.axis.span < 30
    assert tempo.axis.seconds_at(100, tempo.wave.width()) == pytest.approx(before, abs=1e-6)


def test_bars_play_with_clicks(tempo, host, qtbot):
    tempo.play.click()
    qtbot.waitUntil(lambda: host.preview.playing is not None)
    tempo.play.click()
    assert host.preview.playing is None


def test_leaving_the_page_stops_playback(tempo, wizard, host, qtbot):
    tempo.play.click()
    qtbot.waitUntil(lambda: host.preview.playing is not None)
    wizard.go("tracks")
    assert host.preview.playing is None


def test_the_drift_view_shows_the_value_under_the_pointer(tempo, qtbot):
    tempo.drift.show_curve(DriftCurve.from_lists([0.0, 15.0, 30.0], [0.0, 9.0, -4.0], [1, 1, 0]))
    QTest.mouseMove(tempo.drift, tempo.drift.rect().center())
    tempo.drift.grab()
    assert "9.0 ms late" in tempo.drift.readout


def test_a_track_that_is_being_measured_says_so(tempo, monkeypatch):
    tempo.store.change_track(tempo.track.path, tempo={})
    monkeypatch.setattr(type(tempo.job_panel), "running", True)
    tempo.show_project()
    assert tempo.verdict.text() == "Measuring the tempo…"
