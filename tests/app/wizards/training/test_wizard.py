"""Test the training wizard with a real run of a small network, from a dataset to a model that plays."""

import json
import os
import shutil
import signal
import sys

import pytest

from app.window.instrument import Instrument
from app.wizards.training.runs import runs_dir
from app.wizards.training.wizard import TrainingWizard

pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from tests.training.small import small
from training.dataset.synthesis import Selection, write_dataset

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform == "win32", reason="signals")]

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")
PATIENCE_MS = 500_000


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """The description of a network for beats that is trained in seconds."""
    values = small("beat").to_dict()
    tables = {name: value for name, value in values.items() if isinstance(value, dict) and name != "format"}
    lines = ['format = "beat"', f"latent_size = {values['latent_size']}"]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    path = tmp_path_factory.mktemp("network") / "small.toml"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music") / "loops"
    write_dataset(Selection(16, 0, None), small("beat").format, folder, jobs=1)
    return folder


@pytest.fixture
def its(qtbot, state_folder, monkeypatch, tmp_path):
    """The instrument without a sound card."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    (state_folder / "settings.json").write_text(json.dumps({"osc": False}))
    made = Instrument(state_folder)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.window.close()


@pytest.fixture
def wizard(its, qtbot, dataset, network, monkeypatch):
    """The wizard on the page of the run, with all options set; its run is killed at the end."""
    its.tool_windows.open_training(dataset)
    opened = its.tool_windows.window_of("training")
    assert isinstance(opened, TrainingWizard)
    opened.settings._set(network=str(network), backend=BACKEND, minutes=None, batch=8)
    opened.settings.model.setText("trained")
    opened.settings.model.editingFinished.emit()
    opened.next.click()
    opened.next.click()
    assert opened.page is opened.run
    yield opened
    kill_run(opened)


def kill_run(wizard):
    folder = wizard.plan.folder
    events = [] if folder is None or not folder.exists() else (folder / "events.jsonl").read_text().splitlines()
    for process in {json.loads(line).get("process") for line in events if '"started"' in line}:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def until(qtbot, what):
    qtbot.waitUntil(what, timeout=PATIENCE_MS)


def start_run(wizard, qtbot):
    run = wizard.run
    run.begin.click()
    until(qtbot, lambda: run.follower.progress.images > 0 or run.follower.outcome is not None)
    assert run.follower.state == "running", run.follower.outcome
    return run


def test_from_a_dataset_to_a_model_that_plays(its, wizard, qtbot):
    run = start_run(wizard, qtbot)
    run.save.click()
    until(qtbot, lambda: bool(run.follower.progress.previews) and run.previews.image.image is not None)
    assert wizard.next.isEnabled()
    assert run.distance.isVisible()

    run.previews.play.click()
    until(qtbot, lambda: run.previews.play.text() == "Stop")
    run.previews.play.click()
    assert run.previews.play.text() == "Play"

    run.pause.click()
    until(qtbot, lambda: run.follower.state == "paused")
    wizard.close()  # the run continues without a window
    its.tool_windows.open_training()
    until(qtbot, lambda: run.follower.state == "paused")
    run.pause.click()
    until(qtbot, lambda: run.follower.state == "running")
    run.stop.click()
    until(qtbot, lambda: run.follower.outcome is not None)
    assert run.follower.state == "stopped"

    wizard.next.click()
    finish = wizard.finish
    finish.make.click()
    until(qtbot, lambda: not finish.error_panel.isHidden() or its.session.state.model == "trained")
    assert finish.error_panel.isHidden(), finish.error_panel.what.text()
    until(qtbot, lambda: its.session.loop is not None and its.session.loop.origin.model == "trained")
    its.playback.run(True)
    its.player.mixer.meter()
    until(qtbot, lambda: its.player.mixer.meter().true_peak > 0.01)


def test_a_killed_run_resumes_from_its_checkpoint(wizard, qtbot):
    run = start_run(wizard, qtbot)
    run.save.click()
    until(qtbot, lambda: run.follower.progress.saved is not None and bool(run.follower.progress.metrics))
    saved = run.follower.progress.saved
    kill_run(wizard)
    until(qtbot, lambda: run.follower.outcome is not None)
    assert run.follower.state == "died"
    assert "signal 9" in run.error_panel.what.text()
    assert f"checkpoint at {saved:,} images" in run.error_panel.advice.text()
    run.error_panel.retry.click()
    assert run.error_panel.isHidden()
    until(qtbot, lambda: run.follower.state == "running")
    assert run.follower.progress.images >= saved


def test_a_moved_dataset_is_asked_for(wizard, qtbot, dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "here")
    wizard.dataset.use_dataset(copy)
    copy.rename(tmp_path / "there")
    run = wizard.run
    run.begin.click()
    until(qtbot, lambda: run.follower.outcome is not None)
    assert "here" in run.error_panel.what.text()
    assert "Choose where the dataset is now" in run.error_panel.advice.text()
    wizard.dataset.use_dataset(tmp_path / "there")
    run.error_panel.retry.click()
    until(qtbot, lambda: run.follower.progress.images > 0)
    assert [path.name for path in runs_dir().iterdir()] == ["trained"]


def test_a_benchmark_shows_what_to_expect(wizard, qtbot):
    benchmark = wizard.settings.benchmark
    benchmark.start()
    until(qtbot, lambda: benchmark.result is not None or not benchmark.error_panel.isHidden())
    assert benchmark.error_panel.isHidden(), benchmark.error_panel.what.text()
    assert "images per minute" in benchmark.status.text()
    assert benchmark.expected.rowCount() == 4
