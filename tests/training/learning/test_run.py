import json
import threading

import pytest

from technogan.errors import OutputError, SettingError, SourceError
from technogan.run_folder import CONTROL, EVENTS
from tests.training.small import small
from training.learning.run import CONFIG, Run, TrainConfig


@pytest.fixture
def config():
    return TrainConfig(small("beat"), "/data", 100, random_seed=3, checkpoint_minutes=2.5)


@pytest.fixture
def run(tmp_path, config):
    return Run.create(tmp_path / "run", config)


def test_the_choices_come_back(run, config):
    assert Run.open(run.folder).config == config


def test_a_second_run_in_one_folder_is_refused(run, config):
    with pytest.raises(OutputError, match="--resume"):
        Run.create(run.folder, config)


def test_choices_can_change_on_the_way(run):
    run.changed(checkpoint_minutes=7.0)
    assert Run.open(run.folder).config.checkpoint_minutes == 7.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("[]", "another schema"),
        ('{"schema": 99}', "another schema"),
        ('{"schema": 1}', "network is missing"),
        ('{"schema": 1, "network": 3, "dataset": "", "images": 1}', "network must be a table"),
    ],
)
def test_a_damaged_config_is_named(tmp_path, text, reason):
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(SourceError, match=reason):
        Run.open(tmp_path)


def test_a_folder_without_a_run_says_so(tmp_path):
    with pytest.raises(SourceError, match="holds no training run"):
        Run.open(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("random_seed", -1), ("checkpoint_minutes", 0.0), ("checkpoint_minutes", float("nan")), ("glance", 3)],
)
def test_choices_without_sense(name, value):
    with pytest.raises(SettingError, match="must be"):
        TrainConfig(small("beat"), "/data", 100, **{name: value})


def test_events_come_back_in_order(run):
    run.tell("one", images=1)
    run.tell("two", images=2)
    assert [(event["event"], event["images"]) for event in run.events()] == [("one", 1), ("two", 2)]


def test_an_event_that_was_cut_short_is_left_out(run):
    run.tell("one")
    with (run.folder / EVENTS).open("a") as file:
        file.write('{"event": "tw')
    assert [event["event"] for event in run.events()] == ["one"]


def test_a_full_disk_does_not_end_a_run(run, monkeypatch):
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    assert run.tell("one")["event"] == "one"


def test_a_command_is_taken_once(run):
    run.command("pause")
    assert run.taken_command() == "pause"
    assert run.taken_command() is None


def test_an_unknown_word_is_no_command(run):
    (run.folder / CONTROL).write_text("explode")
    assert run.taken_command() is None
    assert not (run.folder / CONTROL).exists()


def test_one_process_at_a_time(run):
    seen = []

    def other():
        try:
            with Run.open(run.folder).locked():
                seen.append("in")
        except OutputError as error:
            seen.append(str(error))

    with run.locked():
        assert run.alive
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another process trains here" in seen[0]
    assert not run.alive


def test_the_config_is_readable(run):
    values = json.loads((run.folder / CONFIG).read_text())
    assert values["network"]["recipe"]["loss"] == "relativistic"
