"""Test the page that brings tracks to one tempo."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.app.wizards.dataset.wizard_host import open_project


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


def test_missing_tools_are_reported(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    wizard.conform_page.start.click()
    assert "not installed" in wizard.conform_page.job_panel.error_panel.what.text()


def test_tab_and_return_go_through_the_page_row_by_row(wizard, song, tmp_path):
    open_project(wizard, song, tmp_path / "p")
    wizard.go("conform")
    page = wizard.conform_page
    page.bpm.setFocus()
    QTest.keyClick(page.bpm, Qt.Key.Key_Return)
    assert page.pitch.hasFocus()
    visited: list = [page.pitch]
    while visited[-1] is not page.bpm:
        QTest.keyClick(visited[-1], Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget())
    # Arrow keys go through the buttons of a choice.
    controls = [page.pitch, page.rows, page.treatment.buttons["conform"], page.start, wizard.quit, wizard.back]
    assert visited == [*controls, *(step for step in wizard.steps.steps if step.isEnabled()), page.bpm]
