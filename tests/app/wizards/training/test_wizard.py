"""The training wizard from a dataset to a model that sounds: a real run of a small network, in its own process."""

from __future__ import annotations

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
    """A file with a network for beats that is trained in seconds."""
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
    """The instrument, without a sound card: everything is mixed, but nobody hears it."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    (state_folder / "settings.json").write_text(json.dumps({"osc": False}))
    made = Instrument(state_folder)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.window.close()


@pytest.fixture
def wizard(its, qtbot, dataset, network, monkeypatch):
    """On its page for the run, with everything chosen; what it started is ended."""
    its.workshop.open_training(dataset)
    opened = its.workshop.window_of("training")
    assert isinstance(opened, TrainingWizard)
    opened.settings._choose(network=str(network), backend=BACKEND, minutes=None, batch=8)
    opened.settings.model.setText("dreamt")
    opened.settings.model.editingFinished.emit()
    opened.next.click()
    opened.next.click()
    assert opened.page is opened.run
    yield opened
    end(opened)


def end(wizard):
    folder = wizard.plan.folder
    events = [] if folder is None or not folder.exists() else (folder / "events.jsonl").read_text().splitlines()
    for process in {json.loads(line).get("process") for line in events if '"started"' in line}:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def until(qtbot, what):
    qtbot.waitUntil(what, timeout=PATIENCE_MS)


def begun(wizard, qtbot):
    run = wizard.run
    run.begin.click()
    until(qtbot, lambda: run.follower.course.images > 0 or run.follower.outcome is not None)
    assert run.follower.state == "running", run.follower.outcome
    return run


def test_from_a_dataset_to_a_model_that_sounds(its, wizard, qtbot):
    run = begun(wizard, qtbot)
    run.save.click()
    until(qtbot, lambda: bool(run.follower.course.previews) and run.previews.picture.image is not None)
    assert wizard.next.isEnabled()
    assert run.quality.isVisible()

    run.previews.play.click()
    until(qtbot, lambda: run.previews.play.text() == "Stop")
    run.previews.play.click()
    assert run.previews.play.text() == "Play"

    run.pause.click()
    until(qtbot, lambda: run.follower.state == "paused")
    wizard.close()  # the run goes on without a window
    its.workshop.open_training()
    until(qtbot, lambda: run.follower.state == "paused")
    run.pause.click()
    until(qtbot, lambda: run.follower.state == "running")
    run.stop.click()
    until(qtbot, lambda: run.follower.outcome is not None)
    assert run.follower.state == "stopped"

    wizard.next.click()
    finish = wizard.finish
    finish.make.click()
    until(qtbot, lambda: not finish.trouble.isHidden() or its.session.state.model == "dreamt")
    assert finish.trouble.isHidden(), finish.trouble.what.text()
    until(qtbot, lambda: its.session.loop is not None and its.session.loop.origin.model == "dreamt")
    its.sound.run(True)
    its.player.mixer.meter()
    until(qtbot, lambda: its.player.mixer.meter().true_peak > 0.01)


def test_a_killed_run_goes_on_from_its_checkpoint(wizard, qtbot):
    run = begun(wizard, qtbot)
    run.save.click()
    until(qtbot, lambda: run.follower.course.saved is not None and bool(run.follower.course.figures))
    saved = run.follower.course.saved
    end(wizard)
    until(qtbot, lambda: run.follower.outcome is not None)
    assert run.follower.state == "died"
    assert "signal 9" in run.trouble.what.text()
    assert f"{saved:,} images is kept" in run.trouble.advice.text()
    run.trouble.retry.click()
    assert run.trouble.isHidden()
    until(qtbot, lambda: run.follower.state == "running")
    assert run.follower.course.images >= saved


def test_a_dataset_that_was_moved_is_asked_for(wizard, qtbot, dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "here")
    wizard.dataset.take(copy)
    copy.rename(tmp_path / "there")
    run = wizard.run
    run.begin.click()
    until(qtbot, lambda: run.follower.outcome is not None)
    assert "here" in run.trouble.what.text()
    assert "Choose where the dataset is now" in run.trouble.advice.text()
    wizard.dataset.take(tmp_path / "there")
    run.trouble.retry.click()
    until(qtbot, lambda: run.follower.course.images > 0)
    assert [path.name for path in runs_dir().iterdir()] == ["dreamt"]


def test_a_trial_tells_what_to_expect(wizard, qtbot):
    trial = wizard.settings.trial
    trial.try_out()
    until(qtbot, lambda: trial.measured is not None or not trial.trouble.isHidden())
    assert trial.trouble.isHidden(), trial.trouble.what.text()
    assert "images a minute" in trial.told.text()
    assert trial.expected.rowCount() == 4
