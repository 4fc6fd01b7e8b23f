"""Test the page that runs and follows a training."""

import json

import numpy as np
from PIL import Image

from app.wizards.training import run_follower
from app.wizards.training.runs import read_run
from tests.app.fakes import loop_of, seed_of
from tests.app.wizards.training.fake_training import start_run, wait_for_state


def test_a_run_can_be_paused_saved_and_stopped(qtbot, wizard):
    start_run(qtbot, wizard)
    run = wizard.run
    assert (run.begin.isHidden(), run.pause.isHidden(), run.stop.isHidden()) == (True, False, False)
    assert "8.0 per second" in run.details.text()
    assert "60 s left" in run.details.text()
    run.toggle_pause()
    wait_for_state(qtbot, wizard, "paused")
    assert run.pause.text() == "Resume"
    run.pause.click()
    wait_for_state(qtbot, wizard, "running")
    assert not wizard.next.isEnabled()
    run.save.click()
    qtbot.waitUntil(lambda: wizard.next.isEnabled(), timeout=20_000)
    run.stop.click()
    wait_for_state(qtbot, wizard, "stopped")
    assert run.begin.text() == "Resume"


def test_previews_are_shown_and_played(qtbot, wizard):
    start_run(qtbot, wizard)
    previews = wizard.plan.folder / "previews"
    previews.mkdir()
    Image.fromarray(np.full((8, 16), 128, np.uint8)).save(previews / "1.png")
    loop_of(seed_of(1), beats=4).save(previews / "1.wav")
    wizard.run.save.click()
    panel = wizard.run.previews
    qtbot.waitUntil(lambda: panel.image.image is not None, timeout=20_000)
    assert (panel.image.image.width(), panel.image.image.height()) == (16, 8)
    panel.play.click()
    qtbot.waitUntil(lambda: panel.play.text() == "Stop", timeout=20_000)
    wizard.go("dataset")
    assert panel.play.text() == "Play"


def test_a_reopened_wizard_follows_the_run(qtbot, wizard, open_wizard):
    start_run(qtbot, wizard)
    folder = wizard.plan.folder
    wizard.close()
    again = open_wizard()
    assert again.page is again.run
    wait_for_state(qtbot, again, "running")
    assert again.plan.folder == folder
    again.run.stop.click()
    wait_for_state(qtbot, again, "stopped")


def test_the_best_checkpoint_is_known_on_the_last_page_of_a_reopened_wizard(qtbot, wizard, open_wizard):
    start_run(qtbot, wizard)
    wizard.run.save.click()
    qtbot.waitUntil(lambda: wizard.next.isEnabled(), timeout=20_000)
    wizard.next.click()
    assert wizard.page is wizard.finish
    wizard.close()
    again = open_wizard()
    assert again.page is again.finish
    qtbot.waitUntil(lambda: again.finish.which.buttons["the best"].isEnabled(), timeout=20_000)
    assert again.finish.which.buttons["the best"].isChecked()


def test_too_little_memory_offers_a_smaller_batch(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "memory")
    wizard.run.begin.click()
    wait_for_state(qtbot, wizard, "failed")
    panel = wizard.run.error_panel
    assert "Out of memory with 16 images per step" in panel.what.text()
    assert panel.retry.text() == "Resume with a batch of 8"
    panel.retry.click()
    wait_for_state(qtbot, wizard, "running")
    assert read_run(wizard.plan.folder).batch == 8
    assert panel.isHidden()


def test_a_crash_shows_the_output(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "fault")
    wizard.run.begin.click()
    wait_for_state(qtbot, wizard, "died")
    panel = wizard.run.error_panel
    assert "no checkpoint yet" in panel.advice.text()
    assert "ZeroDivisionError" in panel.details.toPlainText()


def test_a_full_disk_is_reported_while_the_run_continues(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "full")
    start_run(qtbot, wizard)
    qtbot.waitUntil(lambda: "disk is full" in wizard.run.error_panel.what.text())
    wizard.run.save.click()
    qtbot.waitUntil(lambda: wizard.run.error_panel.isHidden(), timeout=20_000)


def test_low_disk_space_is_reported(qtbot, wizard, monkeypatch):
    monkeypatch.setattr(run_follower, "_LOW_DISK_MB", 10**12)
    start_run(qtbot, wizard)
    assert "next checkpoint may not fit" in wizard.run.error_panel.what.text()


def test_a_moved_run_folder_is_reported(qtbot, wizard, tmp_path):
    start_run(qtbot, wizard)
    folder = wizard.plan.folder
    folder.rename(tmp_path / "elsewhere")
    wait_for_state(qtbot, wizard, "died")
    (tmp_path / "elsewhere" / "control").write_text("stop")
    assert "no longer exists" in wizard.run.error_panel.what.text()


def test_an_unwritable_folder_is_reported(qtbot, wizard, state_folder):
    (state_folder / "runs").write_text("a file")
    wizard.run.begin.click()
    assert "cannot write" in wizard.run.error_panel.what.text()
    (state_folder / "runs").unlink()
    wizard.run.error_panel.retry.click()
    wait_for_state(qtbot, wizard, "running")


def test_a_new_run_gets_a_new_folder(qtbot, wizard):
    start_run(qtbot, wizard)
    wizard.run.stop.click()
    wait_for_state(qtbot, wizard, "stopped")
    first = wizard.plan.folder
    wizard.run.new_run.click()
    assert wizard.page is wizard.settings
    wizard.next.click()
    start_run(qtbot, wizard)
    assert (first.name, wizard.plan.folder.name) == ("loops", "loops 2")


def test_resuming_keeps_the_options_of_the_run(qtbot, wizard):
    start_run(qtbot, wizard)
    wizard.run.stop.click()
    wait_for_state(qtbot, wizard, "stopped")
    wizard.run.begin.click()
    wait_for_state(qtbot, wizard, "running")
    lines = (wizard.plan.folder / "events.jsonl").read_text().splitlines()
    words = [json.loads(line)["words"] for line in lines if "words" in line]
    assert "--resume" not in words[0]
    assert "--resume" in words[1]
    assert words[1][-2:] == ["--minutes", "120"]
