"""Test the page that adds tracks."""

import numpy as np
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.wizards.dataset.wizard_host import open_project


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
