"""The training wizard's pages over a program that stands in for `technogan train`, and over broken folders."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal

from app.training_tools.tools import Tools
from app.widgets.tokens import THEMES
from app.wizards.common.host import Desk
from app.wizards.training import finish, follow, trial
from app.wizards.training.runs import Choices, known_runs, new_folder, read_run, runs_dir, safe_name
from app.wizards.training.wizard import TrainingWizard
from app.workers.tasks import Background
from technogan.errors import SourceError

TOKENS = THEMES["Dark"]

# As `technogan train` does: it tells, locks, obeys, keeps a config; what it is to do stands in the variable PLAY.
PROGRAM = """
import json, os, sys, time
from pathlib import Path
from filelock import FileLock

words = sys.argv[1:]
option = lambda name, default=None: words[words.index(name) + 1] if name in words else default
out = Path(option("--out"))
plays = os.environ["PLAY"].split(",")
batch = int(option("--batch", 16))

def tell(event, **facts):
    with (out / "events.jsonl").open("a") as file:
        file.write(json.dumps({"event": event} | facts) + chr(10))

if "--trial" in words:
    if "memory" in plays and batch > 8:
        tell("failed", message="memory does not suffice for 16 images at once", cause="memory")
        sys.exit(1)
    tell("progress", what="measuring", done=50, total=100)
    cost = dict(images_per_second=10, begin_seconds=1, memory_mb=1, device="", device_mb=0, checkpoint_mb=1, kept_mb=1)
    (out / "result.json").write_text("{" if "nonsense" in plays else json.dumps(cost))
    tell("finished")
    sys.exit()
out.mkdir(exist_ok=True)
with FileLock(out / "lock"):
    recipe = {"network": {"recipe": {"batch": batch}}}
    (out / "config.json").write_text(json.dumps({"dataset": words[1], "images": 100} | recipe))
    tell("started", process=os.getpid(), words=words, images=0, seconds=0)
    if "memory" in plays and batch > 8:
        tell("failed", message="memory", cause="memory", images=0)
        sys.exit(1)
    if "fault" in plays:
        1 / 0
    losses = dict(generator=1.0, discriminator=0.5, images_per_second=8.0, seconds_left=60.0)
    tell("progress", images=160, seconds=20.0, **losses)
    if "full" in plays:
        tell("warning", message="cannot write x: the disk is full; training goes on from memory")
    for _ in range(3000):
        time.sleep(0.02)
        control = out / "control"
        if control.exists():
            word = control.read_text()
            control.unlink()
            tell({"pause": "paused", "resume": "resumed", "save": "checkpoint", "stop": "stopped"}[word], images=160)
            if word == "save":
                (out / "model.onnx").write_bytes(b"")
                tell("floor", mel=2.0)
                tell("figures", mel=8.0, images=160)
                tell("preview", images=160, paths=["previews/1.png", "previews/1.wav"])
            if word == "stop":
                break
"""


class _FakeAudition(QObject):
    """Plays nothing, and says what it would."""

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


# Stands where an Audition is asked for.
FakeAudition: Any = _FakeAudition


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    monkeypatch.setenv("PLAY", "")

    def tools(_modules):
        import os

        return Tools((sys.executable, "-c", PROGRAM), dict(os.environ))

    for module in (follow, trial, finish):
        monkeypatch.setattr(module, "find_tools", tools)
    monkeypatch.setattr("app.wizards.training.wizard.find_tools", tools)


@pytest.fixture
def open_wizard(qtbot, tmp_path):
    """Opens wizards on one folder; ends what they started."""
    opened: list = []
    used: list = []
    background = Background("test")

    def make():
        desk = Desk(TOKENS, tmp_path / "wizards", FakeAudition(), background, used.append, used.append)
        wizard = TrainingWizard(desk)
        qtbot.addWidget(wizard)
        wizard.show_wizard()
        opened.append(wizard)
        return wizard

    yield make
    for wizard in opened:
        wizard.close()
    for run in known_runs():
        (run.folder / "control").write_text("stop")
    background.close()


@pytest.fixture
def wizard(open_wizard, dataset):
    made = open_wizard()
    made.choose(dataset)
    made.next.click()
    made.next.click()
    return made


def state_is(qtbot, wizard, state):
    qtbot.waitUntil(lambda: wizard.run.follower.state == state, timeout=20_000)
    # What is shown follows a moment later.
    qtbot.waitUntil(lambda: not wizard.run.follower._soon.isActive())


def begin(qtbot, wizard):
    wizard.run.begin.click()
    qtbot.waitUntil(lambda: wizard.run.follower.course.images == 160, timeout=20_000)
    state_is(qtbot, wizard, "running")


def test_a_run_is_steered(qtbot, wizard):
    begin(qtbot, wizard)
    run = wizard.run
    assert (run.begin.isHidden(), run.pause.isHidden(), run.stop.isHidden()) == (True, False, False)
    assert "8.0 a second" in run.facts.text()
    assert "60 s left" in run.facts.text()
    run.toggle_pause()
    state_is(qtbot, wizard, "paused")
    assert run.pause.text() == "Go on"
    run.pause.click()
    state_is(qtbot, wizard, "running")
    assert not wizard.next.isEnabled()
    run.save.click()
    qtbot.waitUntil(lambda: wizard.next.isEnabled(), timeout=20_000)
    run.stop.click()
    state_is(qtbot, wizard, "stopped")
    assert run.begin.text() == "Go on"


def test_previews_are_shown_and_heard(qtbot, wizard):
    begin(qtbot, wizard)
    previews = wizard.plan.folder / "previews"
    previews.mkdir()
    Image.fromarray(np.full((8, 16), 128, np.uint8)).save(previews / "1.png")
    from tests.app.fakes import loop_of, seed_of

    loop_of(seed_of(1), beats=4).save(previews / "1.wav")
    wizard.run.save.click()
    panel = wizard.run.previews
    qtbot.waitUntil(lambda: panel.picture.image is not None, timeout=20_000)
    assert (panel.picture.image.width(), panel.picture.image.height()) == (16, 8)
    panel.play.click()
    qtbot.waitUntil(lambda: panel.play.text() == "Stop", timeout=20_000)
    wizard.go("dataset")
    assert panel.play.text() == "Play"


def test_a_closed_window_takes_the_run_up_again(qtbot, wizard, open_wizard):
    begin(qtbot, wizard)
    folder = wizard.plan.folder
    wizard.close()
    again = open_wizard()
    assert again.page is again.run
    state_is(qtbot, again, "running")
    assert again.plan.folder == folder
    again.run.stop.click()
    state_is(qtbot, again, "stopped")


def test_the_best_is_known_on_the_last_page_of_a_window_opened_anew(qtbot, wizard, open_wizard):
    begin(qtbot, wizard)
    wizard.run.save.click()
    qtbot.waitUntil(lambda: wizard.next.isEnabled(), timeout=20_000)
    wizard.next.click()
    assert wizard.page is wizard.finish
    wizard.close()
    again = open_wizard()
    assert again.page is again.finish
    qtbot.waitUntil(lambda: again.finish.which.keys["the best"].isEnabled(), timeout=20_000)
    assert again.finish.which.keys["the best"].isChecked()


def test_too_little_memory_offers_a_smaller_batch(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "memory")
    wizard.run.begin.click()
    state_is(qtbot, wizard, "failed")
    trouble = wizard.run.trouble
    assert "16 images at once" in trouble.what.text()
    assert trouble.retry.text() == "Go on with a batch of 8"
    trouble.retry.click()
    state_is(qtbot, wizard, "running")
    assert read_run(wizard.plan.folder).batch == 8
    assert trouble.isHidden()


def test_a_fault_shows_what_was_printed(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "fault")
    wizard.run.begin.click()
    state_is(qtbot, wizard, "died")
    trouble = wizard.run.trouble
    assert "no checkpoint yet" in trouble.advice.text()
    assert "ZeroDivisionError" in trouble.details.toPlainText()


def test_a_full_disk_is_told_while_the_run_goes_on(qtbot, wizard, monkeypatch):
    monkeypatch.setenv("PLAY", "full")
    begin(qtbot, wizard)
    qtbot.waitUntil(lambda: "disk is full" in wizard.run.trouble.what.text())
    wizard.run.save.click()
    qtbot.waitUntil(lambda: wizard.run.trouble.isHidden(), timeout=20_000)


def test_little_room_is_told_before_the_disk_is_full(qtbot, wizard, monkeypatch):
    monkeypatch.setattr(follow, "_ROOM_MB", 10**12)
    begin(qtbot, wizard)
    assert "next checkpoint may not fit" in wizard.run.trouble.what.text()


def test_a_run_folder_that_is_moved_away_is_told(qtbot, wizard, tmp_path):
    begin(qtbot, wizard)
    folder = wizard.plan.folder
    folder.rename(tmp_path / "elsewhere")
    state_is(qtbot, wizard, "died")
    (tmp_path / "elsewhere" / "control").write_text("stop")
    assert "not there any more" in wizard.run.trouble.what.text()


def test_a_folder_that_cannot_be_written_is_told(qtbot, wizard, state_folder):
    (state_folder / "runs").write_text("a file")
    wizard.run.begin.click()
    assert "cannot write" in wizard.run.trouble.what.text()
    (state_folder / "runs").unlink()
    wizard.run.trouble.retry.click()
    state_is(qtbot, wizard, "running")


def test_a_new_run_gets_a_folder_of_its_own(qtbot, wizard):
    begin(qtbot, wizard)
    wizard.run.stop.click()
    state_is(qtbot, wizard, "stopped")
    first = wizard.plan.folder
    wizard.run.renew.click()
    assert wizard.page is wizard.settings
    wizard.next.click()
    begin(qtbot, wizard)
    assert (first.name, wizard.plan.folder.name) == ("loops", "loops 2")


def test_going_on_uses_what_the_run_began_with(qtbot, wizard):
    begin(qtbot, wizard)
    wizard.run.stop.click()
    state_is(qtbot, wizard, "stopped")
    wizard.run.begin.click()
    state_is(qtbot, wizard, "running")
    lines = (wizard.plan.folder / "events.jsonl").read_text().splitlines()
    words = [json.loads(line)["words"] for line in lines if "words" in line]
    assert "--resume" not in words[0]
    assert "--resume" in words[1]
    assert words[1][-2:] == ["--minutes", "120"]


def test_earlier_runs_can_be_opened(qtbot, wizard):
    begin(qtbot, wizard)
    folder = wizard.plan.folder
    wizard.plan.follow(None)
    wizard.go("dataset")
    assert [row.title for row in wizard.dataset.runs.rows] == ["loops"]
    assert wizard.dataset.runs.rows[0].badge == "training"
    wizard.dataset.open.click()
    assert (wizard.page, wizard.plan.folder) == (wizard.run, folder)
    state_is(qtbot, wizard, "running")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "dataset.json").unlink(), "holds no dataset"),
        (lambda folder: (folder / "dataset.json").write_text("{"), "no dataset's file"),
        (lambda folder: (folder / "images.npy").unlink(), "is missing"),
        (lambda folder: folder.rename(folder.parent / "moved"), "not there"),
    ],
)
def test_a_broken_dataset_is_told_at_once(open_wizard, dataset, spoil, reason):
    spoil(dataset)
    wizard = open_wizard()
    wizard.dataset.take(dataset)
    assert reason in wizard.dataset.trouble.what.text()
    assert not wizard.next.isEnabled()


def test_a_dataset_comes_back_after_it_was_mended(open_wizard, dataset):
    wizard = open_wizard()
    dataset.rename(dataset.parent / "moved")
    wizard.dataset.take(dataset)
    (dataset.parent / "moved").rename(dataset)
    wizard.dataset.trouble.retry.click()
    assert wizard.dataset.trouble.isHidden()
    assert wizard.next.isEnabled()


# --- settings


def test_a_trial_is_measured(qtbot, wizard):
    trial = wizard.settings.trial
    trial.measure.click()
    assert not trial.cancel.isHidden()
    qtbot.waitUntil(lambda: trial.measured is not None, timeout=20_000)
    assert "600 images a minute" in trial.told.text()
    wizard.settings._choose(batch=4)
    assert "600 images" not in trial.told.text()


@pytest.mark.parametrize(("play", "told"), [("memory", "memory"), ("nonsense", "nothing that makes sense")])
def test_a_trial_that_fails_says_why(qtbot, wizard, monkeypatch, play, told):
    monkeypatch.setenv("PLAY", play)
    trial = wizard.settings.trial
    trial.try_out()
    qtbot.waitUntil(lambda: not trial.trouble.isHidden(), timeout=20_000)
    assert told in trial.trouble.what.text()


def test_a_trial_can_be_given_up(wizard):
    trial = wizard.settings.trial
    trial.try_out()
    folder = Path(trial._folder.name)
    trial.cancel.click()
    assert not folder.exists()
    assert trial.measure.isEnabled()


def test_choices_come_back(wizard, open_wizard):
    wizard.settings._choose(batch=8, minutes=None, precision="bfloat16")
    wizard.settings.model.setText("mine")
    wizard.settings.model.editingFinished.emit()
    wizard.close()
    again = open_wizard()
    assert again.plan.choices == Choices(batch=8, minutes=None, precision="bfloat16")
    assert again.settings.model.text() == "mine"
    assert again.settings.length.keys["until I stop it"].isChecked()


# --- runs and choices


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (Choices(), ["--checkpoint-minutes", "10"]),
        (
            Choices("bar", "torch", "bfloat16", 8, None, 2),
            [
                *("--network", "bar", "--backend", "torch", "--precision", "bfloat16"),
                *("--batch", "8", "--checkpoint-minutes", "2"),
            ],
        ),
    ],
)
def test_choices_as_words(choices, words):
    assert choices.arguments() == words


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Choices()),
        ({"minutes": None, "batch": 8}, replace(Choices(), minutes=None, batch=8)),
        ({"batch": "8", "network": 3, "minutes": -1, "precision": True, "backend": None}, Choices()),
        ({"minutes": float("nan"), "checkpoint_minutes": float("inf")}, Choices()),
    ],
)
def test_choices_from_a_file(values, expected):
    assert Choices.of(values) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [("my set", "my set"), (" a/b:c ", "abc"), ("...", ""), ("", ""), ("x" * 99, "x" * 60), ("a\nb", "ab")],
)
def test_names_that_every_system_takes(text, name):
    assert safe_name(text) == name


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dataset": 3}', '{"dataset": "", "images": "x", "network": {}}'])
def test_a_folder_that_is_no_run_is_passed_over(state_folder, text):
    folder = new_folder("x")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(text)
    assert known_runs() == []
    with pytest.raises(SourceError):
        read_run(folder)
    assert runs_dir() == state_folder / "runs"
