"""The windows behind the Tools menu."""

import json

import pytest
from filelock import FileLock

from app.window.instrument import Instrument
from app.wizards.training.runs import runs_dir
from tests.app.fakes import FakeEngine


@pytest.fixture
def start(qtbot, state_folder, monkeypatch, tmp_path):
    """Starts an instrument without a sound card; closes it at the end."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    (state_folder / "settings.json").write_text(json.dumps({"osc": False}))
    running = []

    def begin():
        made = Instrument(state_folder, open_engine=lambda _name: FakeEngine())
        qtbot.addWidget(made.window)
        running.append(made)
        made.start()
        qtbot.waitUntil(lambda: made.session.loop is not None, timeout=20_000)
        return made

    yield begin
    for each in running:
        each.window.close()


@pytest.mark.parametrize("name", ["training", "tools"])
def test_a_window_is_made_once_and_closes_with_the_instrument(start, name):
    its = start()
    open_window = {"training": its.tool_windows.open_training, "tools": its.tool_windows.open_tools}[name]
    open_window()
    window = its.tool_windows.window_of(name)
    assert window.isVisible()
    open_window()
    assert its.tool_windows.window_of(name) is window
    its.window.close()
    assert not window.isVisible()


def test_a_dataset_is_handed_to_training(start, dataset):
    its = start()
    its.tool_windows.open_training(dataset)
    assert its.tool_windows.window_of("training").plan.dataset.folder == dataset


def test_an_open_window_follows_the_theme(start):
    its = start()
    its.tool_windows.open_tools()
    its.preferences.set(theme="Light")
    assert its.tool_windows.window_of("tools").tokens.name == "Light"


@pytest.mark.parametrize(("held", "reported"), [(True, True), (False, False)])
def test_training_that_still_runs_is_reported_at_the_start(start, qtbot, held, reported):
    folder = runs_dir() / "night"
    folder.mkdir(parents=True)
    config = {"dataset": "/music", "images": 9, "network": {"recipe": {"batch": 16}}}
    (folder / "config.json").write_text(json.dumps(config))
    lock = FileLock(folder / "lock")
    if held:
        lock.acquire()
    try:
        its = start()
        its.tool_windows._tasks.submit("after it", lambda _progress, _stop: None, lambda _: None)
        qtbot.waitUntil(lambda: not its.tool_windows._tasks.busy)
        texts = [message.text for message in its.window.messages.messages]
        assert any("Still training: night" in text for text in texts) is reported
    finally:
        lock.release()
