"""Test the pages of the dataset wizard, one at a time, without running commands."""

import json

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.wizards.common.image_grid import read_sample_images
from app.wizards.common.job_panel import JobPanel
from app.wizards.dataset.drift_view import DriftCurve
from app.wizards.dataset.project import Project, Track
from app.wizards.dataset.project_store import RESULT
from app.wizards.dataset.slice_grid import SliceInfo
from technogan.files.png import write_png
from technogan.formats import FORMATS
from technogan.image import from_grey
from technogan.records import read_record
from technogan.run_folder import EVENTS, LOG
from tests.app.wizards.dataset.wizard_host import WizardHost

TEMPO = {
    "path": "",
    "bpm": 120.0,
    "first_downbeat_s": 0.5,
    "confidence": 0.9,
    "verdict": "exact",
    "drift": {"p95_ms": 0.4, "worst_ms": 1, "trend_bpm_per_minute": 0, "wander_ms": 0, "followed": 1},
}


@pytest.fixture
def host(tmp_path, qtbot):
    made = WizardHost(tmp_path)
    yield made
    made.close()
    assert not made.failed


@pytest.fixture
def wizard(host, qtbot, monkeypatch):
    """A wizard without training tools, so that no command starts."""
    monkeypatch.setattr("app.wizards.common.job_panel.find_tools", lambda _: None)
    made = host.open_wizard()
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


def open_project(wizard, song, folder, **changes):
    """Open a project with one measured track."""
    track = Track(str(song), "song", 30.0, 8000, 1, tempo=TEMPO | {"path": str(song)}, **changes)
    folder.mkdir(exist_ok=True)
    wizard.store.set_project(Project(folder).with_tracks([track]).with_options(bpm=120.0))


# --- tracks


def test_added_tracks_are_listed(wizard, qtbot, song, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    wizard.choose_page.add([song, tmp_path / "broken.wav"])
    qtbot.waitUntil(lambda: wizard.store.project is not None)
    rows = wizard.choose_page.rows.rows
    assert [(row.title, row.badge) for row in rows] == [("song.wav", "0:30"), ("broken.wav", "cannot be used")]
    assert wizard.next.isEnabled()
    assert (tmp_path / "datasets" / "my techno" / "project.json").exists()


def test_a_folder_without_sound_files_is_reported(wizard, qtbot, tmp_path):
    (tmp_path / "empty").mkdir()
    wizard.choose_page.add([tmp_path / "empty"])
    qtbot.waitUntil(lambda: wizard.choose_page.error_panel.isVisible())
    assert "no sound files" in wizard.choose_page.error_panel.what.text()
    assert not wizard.next.isEnabled()


def test_unusable_tracks_alone_are_not_enough(wizard, qtbot, tmp_path):
    soundfile.write(tmp_path / "short.wav", np.ones(8000), 8000)
    wizard.choose_page.add([tmp_path / "short.wav"])
    qtbot.waitUntil(lambda: wizard.choose_page.error_panel.isVisible())
    assert "None of these tracks can be used" in wizard.choose_page.error_panel.what.text()
    assert not wizard.next.isEnabled()


def test_an_unwritable_folder_is_reported(wizard, qtbot, song, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    wizard.choose_page.home = tmp_path / "file"
    wizard.choose_page.add([song])
    qtbot.waitUntil(lambda: wizard.choose_page.error_panel.isVisible())
    assert "cannot write" in wizard.choose_page.error_panel.what.text()


def test_delete_removes_tracks_from_the_list(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    QTest.keyClick(wizard.choose_page.rows, Qt.Key.Key_Delete)
    assert wizard.store.project.tracks == ()
    assert song.exists()


def test_a_moved_dataset_is_reported_and_can_be_opened(host, wizard, qtbot, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.close()
    (tmp_path / "p").rename(tmp_path / "q")
    again = host.open_wizard()
    qtbot.addWidget(again)
    again.show_wizard()
    assert "no longer exists" in again.choose_page.error_panel.what.text()
    again.store.open(tmp_path / "q")
    assert not again.choose_page.error_panel.isVisible()
    assert [track.name for track in again.store.project.tracks] == ["song"]
    again.close()


def test_the_wizard_opens_where_it_was_closed(host, wizard, qtbot, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    wizard.close()
    again = host.open_wizard()
    qtbot.addWidget(again)
    assert again.page is again.conform_page
    assert again.store.project.tracks[0].bpm == 120.0
    again.close()


# --- tempo


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


# --- one tempo


def test_the_treatment_of_a_track(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    page = wizard.conform_page
    assert not page.complete()
    page.treatment.buttons["leave as it is"].click()
    assert page.complete()
    page.treatment.buttons["leave out"].click()
    assert not page.complete()
    assert "No tracks are left" in page.summary.text()


def test_the_space_that_conforming_takes_is_shown(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    assert "1 track to conform; this takes 720 kB on disk" in wizard.conform_page.summary.text()


def test_too_little_disk_space_is_reported_first(wizard, song, tmp_path, monkeypatch):
    monkeypatch.setattr("app.wizards.dataset.conform._free_bytes", lambda _: 1000)
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    assert "Only 1 kB are free" in wizard.conform_page.summary.text()


# --- slices


@pytest.fixture
def slices(wizard, song, tmp_path, qtbot):
    """The page with six slices: one is silent, two repeat another."""
    folder = tmp_path / "p"
    open_project(wizard, song, folder, treatment="leave")
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
    wizard.store.set_project(wizard.store.project.with_result("slice", wizard.store.project.cut_key()))
    wizard.go("slices")
    page = wizard.slices_page
    qtbot.waitUntil(lambda: len(page.grid.slices) == 6)
    return page


def test_x_rejects_and_restores(slices):
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert slices.store.project.rejected == {"song/song-0001.wav"}
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert not slices.store.project.rejected


def test_arrows_move_and_shift_selects_several(slices):
    QTest.keyClick(slices.grid, Qt.Key.Key_Right)
    assert slices.grid.current.path == "song/song-0002.wav"
    QTest.keyClick(slices.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(slices.grid, Qt.Key.Key_X)
    assert slices.store.project.rejected == {"song/song-0002.wav", "song/song-0003.wav"}


def test_space_plays_and_moving_plays_the_next(slices, host, qtbot):
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: host.preview.playing == "song/song-0001.wav")
    QTest.keyClick(slices.grid, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: host.preview.playing == "song/song-0002.wav")
    assert slices.grid.playing == "song/song-0002.wav"
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    assert host.preview.playing is None


@pytest.mark.parametrize(("mark", "n"), [("silent", 1), ("repeated", 2)])
def test_all_slices_with_a_mark_are_rejected_and_restored(slices, mark, n):
    slices.mark_buttons[mark].click()
    assert len(slices.store.project.rejected) == n
    slices.mark_buttons[mark].click()
    assert not slices.store.project.rejected


def test_a_missing_slice_is_reported(slices, wizard, qtbot, tmp_path):
    (tmp_path / "p" / "slices" / "song" / "song-0001.wav").unlink()
    QTest.keyClick(slices.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: wizard.messages.shown is not None)
    assert "song-0001.wav" in wizard.messages.shown.text


def test_another_length_requires_another_cut(slices):
    assert slices.complete()
    slices.beats.buttons["beat"].click()
    assert not slices.complete()
    assert slices.store.project.options.format == "beat"


def test_the_description_of_a_slice_names_its_twin():
    values = {
        "path": "a/a-0002.wav",
        "marks": ["repeated"],
        "outline": [],
        "peak_db": -1,
        "level_db": -9,
        "twin": "a/a-0001.wav",
    }
    assert "nearly identical to a-0001" in read_record(SliceInfo, values).describe()


# --- images


def test_the_expected_number_of_images_is_shown(slices, wizard, qtbot):
    slices.mark_buttons["silent"].click()
    wizard.go("convert")
    qtbot.waitUntil(lambda: "5 slices become 5 images" in wizard.convert_page.expected.text())
    wizard.convert_page.format.buttons["beat"].click()
    assert "5 slices become 20 images" in wizard.convert_page.expected.text()


# --- summary


@pytest.mark.parametrize("rows", [320, 256, 3 * 320])
def test_sample_images_are_upright(tmp_path, rows):
    grey = np.zeros((rows, 16), np.uint8)
    grey[:16] = 255  # the lowest bins
    for i in range(40):
        write_png(tmp_path / "images" / f"{i:02d}.png", from_grey(grey))
    (tmp_path / "images" / "broken.png").write_bytes(b"not a PNG")
    images = read_sample_images(tmp_path, FORMATS["bar"])
    assert 17 <= len(images) <= 18
    assert (np.diff(images[0][[0, -1]].astype(np.int64) & 0xFF00, axis=0) > 0).all()


def test_a_dataset_without_images_has_no_samples(tmp_path):
    assert read_sample_images(tmp_path, FORMATS["half-cq"]) == []


# --- commands


@pytest.fixture
def panel(qtbot):
    from app.widgets.tokens import DARK

    made = JobPanel(DARK)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def write_run(folder, *events, log=""):
    """Write the run folder of a command that has reported these events and then ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EVENTS).write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / LOG).write_text(log)


@pytest.mark.parametrize(
    ("message", "what", "advice"),
    [
        ("cannot write x: the disk is full", "Cannot write x: the disk is full", "Free some disk space"),
        ("cannot write x: permission denied", "permission denied", "can write to"),
        ("a worker process died", "A worker process died", "Completed work is kept"),
    ],
)
def test_a_failure_shows_what_to_do(panel, qtbot, tmp_path, message, what, advice):
    write_run(tmp_path, {"event": "started"}, {"event": "failed", "message": message})
    with qtbot.waitSignal(panel.interrupted):
        panel.attach(tmp_path)
    assert what in panel.error_panel.what.text()
    assert advice in panel.error_panel.advice.text()
    with qtbot.waitSignal(panel.retry_requested):
        panel.error_panel.retry.click()


def test_a_dead_command_can_be_resumed(panel, qtbot, tmp_path):
    write_run(tmp_path, {"event": "started"}, {"event": "progress", "what": "sounds", "done": 3, "total": 9}, log="...")
    with qtbot.waitSignal(panel.interrupted):
        panel.attach(tmp_path)
    assert "ended without a message" in panel.error_panel.what.text()
    assert panel.error_panel.retry.text() == "Resume"


def test_a_command_that_finished_without_the_window_is_noticed(panel, qtbot, tmp_path):
    write_run(tmp_path, {"event": "started"}, {"event": "result", "path": RESULT}, {"event": "finished"})
    with qtbot.waitSignal(panel.finished):
        panel.attach(tmp_path)
    assert not panel.error_panel.isVisible()


def test_missing_tools_are_reported(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    wizard.conform_page.start.click()
    assert "not installed" in wizard.conform_page.job_panel.error_panel.what.text()
