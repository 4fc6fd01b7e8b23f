"""Test the page that cuts, plays and rejects slices."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.wizards.dataset.slice_grid import SliceInfo
from technogan.records import read_record
from tests.app.wizards.dataset.wizard_host import open_project


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


def test_an_empty_grid_says_what_to_do_or_what_happens(wizard, song, tmp_path, monkeypatch):
    open_project(wizard, song, tmp_path / "p", treatment="leave")
    wizard.go("slices")
    page = wizard.slices_page
    assert page.grid.hint == "Choose a length, then click Cut."
    empty = page.grid.grab().toImage()
    monkeypatch.setattr(type(page.job_panel), "running", True)
    for command, hint in (("slice", "Cutting the tracks…"), ("inspect", "Looking for silent and repeated slices…")):
        page.command = command
        page.show_project()
        assert page.grid.hint == hint
        assert page.grid.grab().toImage() != empty
