"""Test the panel of a command, with the files of commands that have ended."""

import json

import pytest

from app.widgets.tokens import DARK
from app.wizards.common.job_panel import JobPanel
from app.wizards.dataset.project_store import RESULT
from technogan.run_folder import EVENTS, LOG


@pytest.fixture
def panel(qtbot):
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
