"""Test the page that makes a model of a run."""

from dataclasses import replace

import pytest

from app.workers.detached_job import DetachedJob
from technogan.network.library import find_model, user_dir
from technogan.network.writing import write_bundle
from tests.app.wizards.training.fake_training import start_run, wait_for_state


@pytest.fixture
def page(qtbot, wizard):
    """The last page, after a run that has saved a checkpoint."""
    start_run(qtbot, wizard)
    wizard.run.save.click()
    qtbot.waitUntil(wizard.next.isEnabled, timeout=20_000)
    wizard.run.stop.click()
    wait_for_state(qtbot, wizard, "stopped")
    return wizard.finish


def install_model(name):
    """Install a copy of a model that comes with TechnoGAN under another name."""
    bundle = find_model("beat")
    write_bundle(bundle.read(), replace(bundle.spec, name=name), user_dir() / f"{name}.onnx")


def test_the_suggested_name_is_free(qtbot, page, wizard):
    install_model("Loops")
    wizard.next.click()
    qtbot.waitUntil(lambda: page.model.placeholderText() == "loops 2")
    assert page.model.text() == ""


@pytest.mark.parametrize(("typed", "used"), [("", "loops"), ("my model", "my model")])
def test_the_model_gets_the_typed_name_or_the_suggested_one(qtbot, page, wizard, monkeypatch, typed, used):
    wizard.next.click()
    page.model.setText(typed)
    asked: list = []
    monkeypatch.setattr(DetachedJob, "start", lambda _job, _tools, *words: asked.append(words))
    page.make.click()
    words = asked[0]
    assert words[words.index("--name") + 1] == used


def test_a_name_that_was_typed_for_another_run_is_forgotten(page, wizard):
    wizard.next.click()
    page.model.setText("for this run")
    wizard.plan.changed.emit()
    assert page.model.text() == "for this run"
    wizard.run.new_run.click()
    assert page.model.text() == ""
