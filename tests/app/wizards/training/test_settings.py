"""Test the page with the options of a run, and the benchmark."""

from pathlib import Path

import pytest

from app.wizards.training.runs import TrainingOptions, new_run_folder


def test_a_benchmark_shows_its_result(qtbot, wizard):
    benchmark = wizard.settings.benchmark
    benchmark.measure.click()
    assert not benchmark.cancel.isHidden()
    qtbot.waitUntil(lambda: benchmark.result is not None, timeout=20_000)
    assert "600 images per minute" in benchmark.status.text()
    wizard.settings._set(batch=4)
    assert "600 images" not in benchmark.status.text()


@pytest.mark.parametrize(("play", "message"), [("memory", "memory"), ("nonsense", "no usable result")])
def test_a_failed_benchmark_shows_why(qtbot, wizard, monkeypatch, play, message):
    monkeypatch.setenv("PLAY", play)
    benchmark = wizard.settings.benchmark
    benchmark.start()
    qtbot.waitUntil(lambda: not benchmark.error_panel.isHidden(), timeout=20_000)
    assert message in benchmark.error_panel.what.text()


def test_a_benchmark_can_be_cancelled(wizard):
    benchmark = wizard.settings.benchmark
    benchmark.start()
    folder = Path(benchmark._folder.name)
    benchmark.cancel.click()
    assert not folder.exists()
    assert benchmark.measure.isEnabled()


def test_options_are_restored(wizard, open_wizard):
    wizard.settings._set(batch=8, minutes=None, precision="bfloat16")
    wizard.settings.model.setText("mine")
    wizard.settings.model.editingFinished.emit()
    wizard.close()
    again = open_wizard()
    assert again.plan.options == TrainingOptions(batch=8, minutes=None, precision="bfloat16")
    assert again.settings.model.text() == "mine"
    assert again.settings.length.buttons["until I stop it"].isChecked()


def test_the_suggested_name_is_that_of_no_other_run(wizard):
    page = wizard.settings
    assert page.model.placeholderText() == "loops"
    new_run_folder("loops").mkdir(parents=True)
    page.enter()
    assert page.model.placeholderText() == "loops 2" == wizard.plan.use_folder().name
