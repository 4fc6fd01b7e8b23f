"""The pages of the dataset wizard, one at a time, without a command at work."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.wizards.common.image_grid import read_some
from app.wizards.common.job_panel import WorkPanel
from app.wizards.dataset.drift_view import Curve
from app.wizards.dataset.project import Project, Track
from app.wizards.dataset.project_store import RESULT
from app.wizards.dataset.slice_grid import SliceFacts
from technogan.files.png import write_png
from technogan.formats import FORMATS
from technogan.image import from_grey
from technogan.run_folder import EVENTS, LOG
from tests.app.wizards.dataset.stores import Table

TEMPO = {
    "path": "",
    "bpm": 120.0,
    "first_downbeat_s": 0.5,
    "confidence": 0.9,
    "verdict": "exact",
    "drift": {"p95_ms": 0.4, "worst_ms": 1, "trend_bpm_per_minute": 0, "wander_ms": 0, "followed": 1},
}


@pytest.fixture
def table(tmp_path, qtbot):
    made = Table(tmp_path)
    yield made
    made.close()
    assert not made.failed


@pytest.fixture
def wizard(table, qtbot, monkeypatch):
    """Without the tools that commands need: nothing starts by itself."""
    monkeypatch.setattr("app.wizards.common.job_panel.find_tools", lambda _: None)
    made = table.wizard()
    qtbot.addWidget(made)
    made.show_wizard()
    yield made
    made.close()


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 30 * 8000)
    soundfile.write(path, noise, 8000)
    return path


def with_track(wizard, song, folder, **facts):
    """A project with one track whose tempo is known."""
    track = Track(str(song), "song", 30.0, 8000, 1, tempo=TEMPO | {"path": str(song)}, **facts)
    folder.mkdir(exist_ok=True)
    wizard.bench.put(Project(folder).with_tracks([track]).chosen(bpm=120.0))


# --- tracks


def test_tracks_that_are_dropped_are_on_the_list(wizard, qtbot, song, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    wizard.choose_page.add([song, tmp_path / "broken.wav"])
    qtbot.waitUntil(lambda: wizard.bench.project is not None)
    rows = wizard.choose_page.rows.rows
    assert [(row.title, row.badge) for row in rows] == [("song.wav", "0:30"), ("broken.wav", "cannot be used")]
    assert wizard.next.isEnabled()
    assert (tmp_path / "datasets" / "my techno" / "project.json").exists()


def test_what_holds_no_sound_is_told(wizard, qtbot, tmp_path):
    (tmp_path / "empty").mkdir()
    wizard.choose_page.add([tmp_path / "empty"])
    qtbot.waitUntil(lambda: wizard.choose_page.trouble.isVisible())
    assert "no sounds" in wizard.choose_page.trouble.what.text()
    assert not wizard.next.isEnabled()


def test_tracks_of_no_use_alone_do_not_do(wizard, qtbot, tmp_path):
    soundfile.write(tmp_path / "short.wav", np.ones(8000), 8000)
    wizard.choose_page.add([tmp_path / "short.wav"])
    qtbot.waitUntil(lambda: wizard.choose_page.trouble.isVisible())
    assert "None of these can be used" in wizard.choose_page.trouble.what.text()
    assert not wizard.next.isEnabled()


def test_a_place_that_cannot_be_written_is_told(wizard, qtbot, song, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    wizard.choose_page.home = tmp_path / "file"
    wizard.choose_page.add([song])
    qtbot.waitUntil(lambda: wizard.choose_page.trouble.isVisible())
    assert "cannot write" in wizard.choose_page.trouble.what.text()


def test_delete_takes_tracks_off_the_list(wizard, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    QTest.keyClick(wizard.choose_page.rows, Qt.Key.Key_Delete)
    assert wizard.bench.project.tracks == ()
    assert song.exists()


def test_a_dataset_that_was_moved_is_told_and_found_again(table, wizard, qtbot, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.close()
    (tmp_path / "p").rename(tmp_path / "q")
    again = table.wizard()
    qtbot.addWidget(again)
    again.show_wizard()
    assert "not there any more" in again.choose_page.trouble.what.text()
    again.bench.open(tmp_path / "q")
    assert not again.choose_page.trouble.isVisible()
    assert [track.name for track in again.bench.project.tracks] == ["song"]
    again.close()


def test_a_dataset_is_where_it_was_when_the_window_opens_again(table, wizard, qtbot, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.go("conform")
    wizard.close()
    again = table.wizard()
    qtbot.addWidget(again)
    assert again.page is again.conform_page
    assert again.bench.project.tracks[0].bpm == 120.0
    again.close()


# --- tempo


@pytest.fixture
def tempo(wizard, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.go("tempo")
    return wizard.tempo_page


def test_a_track_shows_its_wave_and_its_verdict(tempo, qtbot):
    qtbot.waitUntil(lambda: tempo.wave._overview is not None)
    assert tempo.words.text().startswith("Exact")
    assert tempo.bpm.value() == 120.0


def test_a_beat_that_is_picked_begins_the_bar(tempo):
    tempo.wave.picked.emit(6)
    assert tempo.track.shift == 2
    tempo.later.click()
    assert tempo.track.shift == 3
    assert tempo.track.downbeat == 0.0


@pytest.mark.parametrize(("key", "bpm"), [("half", 60.0), ("double", 240.0)])
def test_half_and_double_are_looked_for(tempo, monkeypatch, key, bpm):
    asked = []
    monkeypatch.setattr(tempo, "run_command", lambda name, arguments: asked.append(arguments))
    getattr(tempo, key).click()
    low, high = (float(asked[0][asked[0].index(name) + 1]) for name in ("--min-bpm", "--max-bpm"))
    assert low < bpm < high
    assert high / low < 1.1


def test_a_tempo_that_was_entered_stands_where_no_beat_is_found(tempo):
    tempo._asked = 97.5
    found = TEMPO | {"path": tempo.track.path, "verdict": "unusable", "bpm": 97.1}
    tempo.take_item("tempo", found | {"curve": {"times_s": [], "late_ms": [], "sure": []}})
    assert tempo.track.bpm == 97.5


def test_a_track_without_a_beat_is_left_out(tempo):
    tempo.bench.track(tempo.track.path, tempo={})
    found = TEMPO | {"path": tempo.track.path, "verdict": "unusable"}
    tempo.take_item("tempo", found | {"curve": {"times_s": [], "late_ms": [], "sure": []}})
    assert tempo.track.treatment == "skip"


def test_from_the_whole_track_to_a_beat(tempo, qtbot):
    qtbot.waitUntil(lambda: tempo.wave._overview is not None)
    assert tempo.axis.span == pytest.approx(30.0)
    tempo.zooms["beat"].click()
    assert tempo.axis.span == pytest.approx(0.54)
    qtbot.waitUntil(lambda: tempo.wave._samples is not None)
    tempo.zooms["track"].click()
    assert (tempo.axis.start, tempo.axis.span) == (0.0, 30.0)


def test_the_wheel_zooms_where_the_pointer_is(tempo):
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


def test_bars_are_heard_with_clicks(tempo, table, qtbot):
    tempo.hear.click()
    qtbot.waitUntil(lambda: table.audition.playing is not None)
    tempo.hear.click()
    assert table.audition.playing is None


def test_another_page_ends_what_is_heard(tempo, wizard, table, qtbot):
    tempo.hear.click()
    qtbot.waitUntil(lambda: table.audition.playing is not None)
    wizard.go("tracks")
    assert table.audition.playing is None


def test_a_drift_curve_says_what_is_under_the_pointer(tempo, qtbot):
    tempo.drift.show_curve(Curve.of([0.0, 15.0, 30.0], [0.0, 9.0, -4.0], [1, 1, 0]))
    QTest.mouseMove(tempo.drift, tempo.drift.rect().center())
    tempo.drift.grab()
    assert "9.0 ms late" in tempo.drift.readout


# --- one tempo


def test_a_track_is_conformed_or_left_or_left_out(wizard, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.go("conform")
    page = wizard.conform_page
    assert not page.complete()
    page.treatment.keys["leave as it is"].click()
    assert page.complete()
    page.treatment.keys["leave out"].click()
    assert not page.complete()
    assert "No track is left" in page.sum.text()


def test_what_conforming_takes_is_told(wizard, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.go("conform")
    assert "1 track to conform, 720 kB on the disk" in wizard.conform_page.sum.text()


def test_a_disk_with_too_little_room_is_told_before(wizard, song, tmp_path, monkeypatch):
    monkeypatch.setattr("app.wizards.dataset.conform._free", lambda _: 1000)
    with_track(wizard, song, tmp_path / "p")
    wizard.go("conform")
    assert "Only 1 kB are free" in wizard.conform_page.sum.text()


# --- slices


@pytest.fixture
def slices(wizard, song, tmp_path, qtbot):
    """Six slices that were cut: one silent, two that repeat another."""
    folder = tmp_path / "p"
    with_track(wizard, song, folder, treatment="leave")
    (folder / "slices" / "song").mkdir(parents=True)
    facts = []
    for i in range(6):
        name = f"song/song-{i + 1:04d}.wav"
        soundfile.write(folder / "slices" / name, np.random.default_rng(i).uniform(-0.5, 0.5, 16000), 8000)
        marks, twin = (["silent"], "") if i == 1 else (["repeated"], "song/song-0001.wav") if i > 3 else ([], "")
        level = {"peak_db": -6.0, "level_db": -12.0, "outline": [0.5] * 48}
        facts.append({"path": name, "marks": marks, "twin": twin} | level)
    (folder / "work" / "inspect").mkdir(parents=True)
    (folder / "work" / "inspect" / RESULT).write_text(json.dumps(facts))
    wizard.bench.put(wizard.bench.project.finished("slice", wizard.bench.project.cut_key()))
    wizard.go("slices")
    page = wizard.slices_page
    qtbot.waitUntil(lambda: len(page.grid.slices) == 6)
    return page


def test_x_rejects_and_takes_back(slices):
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert slices.bench.project.rejected == {"song/song-0001.wav"}
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert not slices.bench.project.rejected


def test_arrows_move_and_shift_chooses_several(slices):
    QTest.keyClick(slices.grid, Qt.Key.Key_Right)
    assert slices.grid.current.path == "song/song-0002.wav"
    QTest.keyClick(slices.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert slices.bench.project.rejected == {"song/song-0002.wav", "song/song-0003.wav"}


def test_space_plays_and_moving_on_plays_the_next(slices, table, qtbot):
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: table.audition.playing == "song/song-0001.wav")
    QTest.keyClick(slices.grid, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: table.audition.playing == "song/song-0002.wav")
    assert slices.grid.playing == "song/song-0002.wav"
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    assert table.audition.playing is None


@pytest.mark.parametrize(("mark", "n"), [("silent", 1), ("repeated", 2)])
def test_all_with_a_mark_are_rejected_at_once_and_taken_back(slices, mark, n):
    slices.mark_keys[mark].click()
    assert len(slices.bench.project.rejected) == n
    slices.mark_keys[mark].click()
    assert not slices.bench.project.rejected


def test_a_slice_that_is_gone_is_told(slices, wizard, qtbot, tmp_path):
    (tmp_path / "p" / "slices" / "song" / "song-0001.wav").unlink()
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: wizard.messages.shown is not None)
    assert "song-0001.wav" in wizard.messages.shown.text


def test_another_length_asks_for_another_cut(slices):
    assert slices.complete()
    slices.beats.keys["beat"].click()
    assert not slices.complete()
    assert slices.bench.project.choices.format == "beat"


def test_a_mark_is_said_in_words():
    facts = {
        "path": "a/a-0002.wav",
        "marks": ["repeated"],
        "outline": [],
        "peak_db": -1,
        "level_db": -9,
        "twin": "a/a-0001.wav",
    }
    assert "nearly equal to a-0001" in SliceFacts.of(facts).sentence()


# --- pictures


def test_what_is_to_be_expected_is_told_before(slices, wizard, qtbot):
    slices.mark_keys["silent"].click()
    wizard.go("convert")
    qtbot.waitUntil(lambda: "5 slices become 5 pictures" in wizard.convert_page.expected.text())
    wizard.convert_page.format.keys["beat"].click()
    assert "5 slices become 20 pictures" in wizard.convert_page.expected.text()


# --- summary


def test_some_pictures_of_the_dataset_are_shown_upright(tmp_path):
    grey = np.zeros((8, 16), np.uint8)
    grey[0] = 255  # the lowest bin
    for i in range(40):
        write_png(tmp_path / "images" / f"{i:02d}.png", from_grey(grey))
    (tmp_path / "images" / "broken.png").write_bytes(b"no picture")
    pictures = read_some(tmp_path, FORMATS["bar"])
    assert 17 <= len(pictures) <= 18
    assert (np.diff(pictures[0][[0, -1]].astype(np.int64) & 0xFF00, axis=0) > 0).all()


def test_a_dataset_without_pictures_shows_none(tmp_path):
    assert read_some(tmp_path, FORMATS["half-cq"]) == []


# --- commands


@pytest.fixture
def panel(qtbot):
    from app.widgets.tokens import DARK

    made = WorkPanel(DARK)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def told(folder, *events, log=""):
    """A run folder in which a command has said this and then ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EVENTS).write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / LOG).write_text(log)


@pytest.mark.parametrize(
    ("message", "what", "advice"),
    [
        ("cannot write x: the disk is full", "Cannot write x: the disk is full", "Make room"),
        ("cannot write x: permission denied", "permission denied", "may write into"),
        ("a worker process died", "A worker process died", "What was done is kept"),
    ],
)
def test_a_failure_says_what_to_do(panel, qtbot, tmp_path, message, what, advice):
    told(tmp_path, {"event": "started"}, {"event": "failed", "message": message})
    with qtbot.waitSignal(panel.ended):
        panel.attach(tmp_path)
    assert what in panel.trouble.what.text()
    assert advice in panel.trouble.advice.text()
    with qtbot.waitSignal(panel.again_asked):
        panel.trouble.retry.click()


def test_a_command_that_died_can_go_on(panel, qtbot, tmp_path):
    told(tmp_path, {"event": "started"}, {"event": "progress", "what": "sounds", "done": 3, "total": 9}, log="...")
    with qtbot.waitSignal(panel.ended):
        panel.attach(tmp_path)
    assert "ended without a word" in panel.trouble.what.text()
    assert panel.trouble.retry.text() == "Go on"


def test_what_ended_well_while_nobody_watched_is_taken_up(panel, qtbot, tmp_path):
    told(tmp_path, {"event": "started"}, {"event": "result", "path": RESULT}, {"event": "finished"})
    with qtbot.waitSignal(panel.done):
        panel.attach(tmp_path)
    assert not panel.trouble.isVisible()


def test_without_tools_it_is_said_where_they_are(wizard, song, tmp_path):
    with_track(wizard, song, tmp_path / "p")
    wizard.go("conform")
    wizard.conform_page.start.click()
    assert "not installed" in wizard.conform_page.work.trouble.what.text()
