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


def test_settings_round_trip(run, config):
    assert Run.open(run.folder).config == config


def test_a_second_run_in_one_folder_is_refused(run, config):
    with pytest.raises(OutputError, match="--resume"):
        Run.create(run.folder, config)


def test_settings_can_change(run):
    run.with_settings(checkpoint_minutes=7.0)
    assert Run.open(run.folder).config.checkpoint_minutes == 7.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not valid JSON"),
        ("[]", "must be a JSON object"),
        ('{"schema": 99}', "schema is 99: a newer TechnoGAN wrote it"),
        ('{"schema": 1}', "network is missing"),
        ('{"schema": 1, "network": 3, "dataset": "", "images": 1}', "network must be a table"),
    ],
)
def test_a_damaged_config_is_reported(tmp_path, text, reason):
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(SourceError, match=reason):
        Run.open(tmp_path)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(SourceError, match="does not contain a training run"):
        Run.open(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("random_seed", -1), ("checkpoint_minutes", 0.0), ("checkpoint_minutes", float("nan")), ("glance", 3)],
)
def test_invalid_settings(name, value):
    with pytest.raises(SettingError, match="must be"):
        TrainConfig(small("beat"), "/data", 100, **{name: value})


def test_events_are_read_in_order(run):
    run.append_event("one", images=1)
    run.append_event("two", images=2)
    assert [(event["event"], event["images"]) for event in run.read_events()] == [("one", 1), ("two", 2)]


def test_a_truncated_event_is_ignored(run):
    run.append_event("one")
    with (run.folder / EVENTS).open("a") as file:
        file.write('{"event": "tw')
    assert [event["event"] for event in run.read_events()] == ["one"]


def test_a_full_disk_does_not_end_a_run(run, monkeypatch):
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    assert run.append_event("one")["event"] == "one"


def test_a_command_is_taken_once(run):
    run.send_command("pause")
    assert run.take_command() == "pause"
    assert run.take_command() is None


def test_an_unknown_command_is_ignored(run):
    (run.folder / CONTROL).write_text("explode")
    assert run.take_command() is None
    assert not (run.folder / CONTROL).exists()


def test_only_one_process_at_a_time(run):
    results = []

    def other():
        try:
            with Run.open(run.folder).lock():
                results.append("in")
        except OutputError as error:
            results.append(str(error))

    with run.lock():
        assert run.is_busy
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another process is training here" in results[0]
    assert not run.is_busy


def test_the_config_contains_the_recipe(run):
    values = json.loads((run.folder / CONFIG).read_text())
    assert values["network"]["recipe"]["loss"] == "relativistic"
