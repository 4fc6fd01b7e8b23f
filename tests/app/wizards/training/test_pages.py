"""Test the pages of the training wizard with a fake `technogan train`, and with damaged folders."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal

from app.training_tools.tools import Tools
from app.widgets.tokens import THEMES
from app.wizards.common.host import Host
from app.wizards.training import benchmark, finish, run_follower
from app.wizards.training.runs import TrainingOptions, list_runs, new_run_folder, read_run, runs_dir, safe_run_name
from app.wizards.training.wizard import TrainingWizard
from app.workers.tasks import TaskQueue
from technogan.errors import SourceError
from technogan.records import read_record_leniently

TOKENS = THEMES["Dark"]

# A fake `technogan train`: it locks its folder, reports events, obeys commands and writes a configuration. The variable
# PLAY makes it fail in different ways.
PROGRAM = """
import json, os, sys, time
from pathlib import Path
from filelock import FileLock

words = sys.argv[1:]
option = lambda name, default=None: words[words.index(name) + 1] if name in words else default
out = Path(option("--out"))
plays = os.environ["PLAY"].split(",")
batch = int(option("--batch", 16))

def report(event, **details):
    with (out / "events.jsonl").open("a") as file:
        file.write(json.dumps({"event": event} | details) + chr(10))

if "--trial" in words:
    if "memory" in plays and batch > 8:
        report("failed", message="out of memory with 16 images per step", cause="memory")
        sys.exit(1)
    report("progress", what="measuring", done=50, total=100)
    cost = dict(images_per_second=10, begin_seconds=1, memory_mb=1, device="", device_mb=0, checkpoint_mb=1, kept_mb=1)
    (out / "result.json").write_text("{" if "nonsense" in plays else json.dumps(cost))
    report("finished")
    sys.exit()
out.mkdir(exist_ok=True)
with FileLock(out / "lock"):
    recipe = {"network": {"recipe": {"batch": batch}}}
    (out / "config.json").write_text(json.dumps({"dataset": words[1], "images": 100} | recipe))
    report("started", process=os.getpid(), words=words, images=0, seconds=0)
    if "memory" in plays and batch > 8:
        report("failed", message="memory", cause="memory", images=0)
        sys.exit(1)
    if "fault" in plays:
        1 / 0
    losses = dict(generator=1.0, discriminator=0.5, images_per_second=8.0, seconds_left=60.0)
    report("progress", images=160, seconds=20.0, **losses)
    if "full" in plays:
        report("warning", message="cannot write x: the disk is full; training goes on from memory")
    for _ in range(3000):
        time.sleep(0.02)
        control = out / "control"
        if control.exists():
            word = control.read_text()
            control.unlink()
            report({"pause": "paused", "resume": "resumed", "save": "checkpoint", "stop": "stopped"}[word], images=160)
            if word == "save":
                (out / "model.onnx").write_bytes(b"")
                report("floor", mel=2.0)
                report("figures", mel=8.0, images=160)
                report("preview", images=160, paths=["previews/1.png", "previews/1.wav"])
            if word == "stop":
                break
"""


class _FakePreview(QObject):
    """A preview that plays nothing and records what it would play."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.playing = None

    def play(self, loop, key):
        self.playing = key
        self.changed.emit()

    def stop(self):
        self.playing = None
        self.changed.emit()


# Any: it replaces a Preview.
FakePreview: Any = _FakePreview


@pytest.fixture(autouse=True)
def _use_fake_program(monkeypatch):
    monkeypatch.setenv("PLAY", "")

    def tools(_modules):
        import os

        return Tools((sys.executable, "-c", PROGRAM), dict(os.environ))

    for module in (run_follower, benchmark, finish):
        monkeypatch.setattr(module, "find_tools", tools)
    monkeypatch.setattr("app.wizards.training.wizard.find_tools", tools)


@pytest.fixture
def open_wizard(qtbot, tmp_path):
    """Open wizards with the same state; close them and stop their runs at the end."""
    opened: list = []
    used: list = []
    background = TaskQueue("test")

    def make():
        host = Host(TOKENS, tmp_path / "wizards", FakePreview(), background, used.append, used.append)
        wizard = TrainingWizard(host)
        qtbot.addWidget(wizard)
        wizard.show_wizard()
        opened.append(wizard)
        return wizard

    yield make
    for wizard in opened:
        wizard.close()
    for run in list_runs():
        (run.folder / "control").write_text("stop")
    background.close()


@pytest.fixture
def wizard(open_wizard, dataset):
    wizard = open_wizard()
    wizard.train_on(dataset)
    wizard.next.click()
    wizard.next.click()
    return wizard


def wait_for_state(qtbot, wizard, state):
    qtbot.waitUntil(lambda: wizard.run.follower.state == state, timeout=20_000)
    # The display follows a moment later.
    qtbot.waitUntil(lambda: not wizard.run.follower._show_soon.isActive())


def start_run(qtbot, wizard):
    wizard.run.begin.click()
    qtbot.waitUntil(lambda: wizard.run.follower.progress.images == 160, timeout=20_000)
    wait_for_state(qtbot, wizard, "running")


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
    from tests.app.fakes import loop_of, seed_of

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


def test_earlier_runs_can_be_opened(qtbot, wizard):
    start_run(qtbot, wizard)
    folder = wizard.plan.folder
    wizard.plan.follow(None)
    wizard.go("dataset")
    assert [row.title for row in wizard.dataset.runs.rows] == ["loops"]
    assert wizard.dataset.runs.rows[0].badge == "running"
    wizard.dataset.open.click()
    assert (wizard.page, wizard.plan.folder) == (wizard.run, folder)
    wait_for_state(qtbot, wizard, "running")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "dataset.json").unlink(), "has no dataset.json"),
        (lambda folder: (folder / "dataset.json").write_text("{"), "not a valid dataset manifest"),
        (lambda folder: (folder / "images.npy").unlink(), "is missing"),
        (lambda folder: folder.rename(folder.parent / "moved"), "no longer exists"),
    ],
)
def test_a_damaged_dataset_is_reported(open_wizard, dataset, damage, reason):
    damage(dataset)
    wizard = open_wizard()
    wizard.dataset.use_dataset(dataset)
    assert reason in wizard.dataset.error_panel.what.text()
    assert not wizard.next.isEnabled()


def test_a_dataset_that_was_moved_back_is_found(open_wizard, dataset):
    wizard = open_wizard()
    dataset.rename(dataset.parent / "moved")
    wizard.dataset.use_dataset(dataset)
    (dataset.parent / "moved").rename(dataset)
    wizard.dataset.error_panel.retry.click()
    assert wizard.dataset.error_panel.isHidden()
    assert wizard.next.isEnabled()


# --- settings


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


# --- runs and options


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        (TrainingOptions(), ["--checkpoint-minutes", "10"]),
        (
            TrainingOptions("bar", "torch", "bfloat16", 8, None, 2),
            [
                *("--network", "bar", "--backend", "torch", "--precision", "bfloat16"),
                *("--batch", "8", "--checkpoint-minutes", "2"),
            ],
        ),
    ],
)
def test_options_as_arguments(options, arguments):
    assert options.arguments() == arguments


@pytest.mark.parametrize(
    ("values", "expected", "has_problems"),
    [
        ({}, TrainingOptions(), False),
        ({"minutes": None, "batch": 8}, TrainingOptions(minutes=None, batch=8), False),
        ({"batch": "8", "network": 3, "minutes": -1, "precision": True, "backend": None}, TrainingOptions(), True),
        ({"minutes": float("nan"), "checkpoint_minutes": float("inf")}, TrainingOptions(), True),
    ],
)
def test_options_from_a_file(values, expected, has_problems):
    options, problems = read_record_leniently(TrainingOptions, values)
    assert options == expected
    assert bool(problems) == has_problems


@pytest.mark.parametrize(
    ("text", "name"),
    [("my set", "my set"), (" a/b:c ", "abc"), ("...", ""), ("", ""), ("x" * 99, "x" * 60), ("a\nb", "ab")],
)
def test_names_are_valid_on_every_system(text, name):
    assert safe_run_name(text) == name


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dataset": 3}', '{"dataset": "", "images": "x", "network": {}}'])
def test_other_folders_are_not_runs(state_folder, text):
    folder = new_run_folder("x")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(text)
    assert list_runs() == []
    with pytest.raises(SourceError):
        read_run(folder)
    assert runs_dir() == state_folder / "runs"
