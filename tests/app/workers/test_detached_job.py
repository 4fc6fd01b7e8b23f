"""Jobs over small programs that do what the commands do: tell events, hold a lock, obey a word."""

import os
import signal
import sys
import time

import pytest

from app.training_tools.tools import Tools
from app.workers.detached_job import Job, Outcome
from technogan.errors import OutputError, TechnoganError
from technogan.run_folder import CONTROL, EVENTS, LOCK, LOG, EventReader, RunFolder

BEGIN = """
import json, os, sys, time
from pathlib import Path
from filelock import FileLock

def tell(event, **facts):
    with open("events.jsonl", "a") as file:
        file.write(json.dumps({"event": event} | facts) + chr(10))
"""
# What a command does until somebody stops it.
WORK = """
with FileLock("lock"):
    tell("started", process=os.getpid())
    while not Path("control").exists():
        time.sleep(0.01)
    tell("stopped", reason="asked", word=Path("control").read_text())
"""


def tools(text):
    return Tools((sys.executable, "-c", BEGIN + text))


class HeardJob(Job):
    """Keeps what it tells."""

    def __init__(self, folder):
        super().__init__(folder)
        self.events: list = []
        self.outcomes: list = []
        self.told.connect(lambda event: self.events.append(event))
        self.ended.connect(lambda outcome: self.outcomes.append(outcome))


@pytest.fixture
def job(tmp_path, qtbot):
    made = HeardJob(tmp_path / "run")
    yield made
    made.leave()


def names(job):
    return [event["event"] for event in job.events]


def ended(qtbot, job):
    qtbot.waitUntil(lambda: bool(job.outcomes), timeout=20_000)
    return job.outcomes[0]


def test_events_are_told_in_order(job, qtbot):
    job.start(tools('tell("started"); tell("progress", done=1); tell("finished")'))
    assert ended(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "progress", "finished"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ('tell("finished")', "done", ""),
        ('tell("stopped", reason="minutes")', "done", ""),
        ('tell("stopped", reason="asked")', "stopped", ""),
        ('tell("stopped")', "stopped", ""),
        ('tell("failed", message="the disk is full")', "failed", "the disk is full"),
        ('print("technogan: no such dataset", file=sys.stderr); sys.exit(1)', "failed", "no such dataset"),
        ('tell("started"); 1 / 0', "died", "status 1"),
        ('tell("started"); os._exit(0)', "died", "without a word"),
        ('tell("progress"); print("a word")', "died", "without a word"),
    ],
)
def test_how_it_ended(job, qtbot, text, kind, message):
    job.start(tools(text))
    outcome = ended(qtbot, job)
    assert outcome.kind == kind
    assert message in outcome.message


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_process_is_told_with_its_last_words(job, qtbot):
    job.start(tools('print("before", flush=True)' + WORK))
    qtbot.waitUntil(lambda: bool(job.events), timeout=20_000)
    os.kill(job.events[0]["process"], signal.SIGKILL)
    outcome = ended(qtbot, job)
    assert (outcome.kind, outcome.details) == ("died", "before")
    assert "signal 9" in outcome.message


def test_it_obeys(job, qtbot):
    job.start(tools(WORK))
    qtbot.waitUntil(lambda: names(job) == ["started"], timeout=20_000)
    job.ask("stop")
    assert ended(qtbot, job).kind == "stopped"
    assert job.events[-1]["word"] == "stop"


def test_another_window_takes_it_up(job, qtbot):
    job.start(tools(WORK))
    qtbot.waitUntil(lambda: names(job) == ["started"], timeout=20_000)
    job.leave()
    other = HeardJob(job.folder)
    other.attach()
    qtbot.waitUntil(lambda: names(other) == ["started"])
    assert RunFolder(job.folder).alive
    other.ask("stop")
    qtbot.waitUntil(lambda: bool(other.outcomes), timeout=20_000)
    assert names(other) == ["started", "stopped"]
    assert not RunFolder(job.folder).alive


def test_attaching_to_what_has_ended_tells_it_again(job, qtbot):
    job.start(tools('tell("started"); tell("finished")'))
    ended(qtbot, job)
    job.events.clear()
    job.outcomes.clear()
    job.attach()
    assert ended(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "finished"]


def test_a_second_start_tells_only_what_is_new(job, qtbot):
    job.start(tools('tell("started"); tell("failed", message="once")'))
    ended(qtbot, job)
    job.events.clear()
    job.outcomes.clear()
    job.start(tools('tell("started"); tell("finished")'))
    assert ended(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "finished"]


def test_a_word_from_before_does_not_end_a_new_start(job, qtbot):
    job.folder.mkdir()
    job.ask("stop")
    job.start(tools('tell("finished" if not Path("control").exists() else "stopped")'))
    assert ended(qtbot, job).kind == "done"


def test_it_works_in_its_folder_without_a_terminal(job, qtbot):
    job.start(tools('tell("finished", folder=os.getcwd(), read=sys.stdin.read(), leader=os.getpid() == os.getsid(0))'))
    ended(qtbot, job)
    assert job.events[0]["folder"] == str(job.folder)
    assert job.events[0]["read"] == ""
    assert job.events[0]["leader"]


def test_a_folder_that_is_moved_away_is_told(job, qtbot, tmp_path):
    job.start(tools(WORK))
    qtbot.waitUntil(lambda: bool(job.events), timeout=20_000)
    job.folder.rename(tmp_path / "elsewhere")
    outcome = ended(qtbot, job)
    (tmp_path / "elsewhere" / CONTROL).write_text("stop")
    assert outcome.kind == "died"
    assert "not there any more" in outcome.message


def test_a_folder_that_cannot_be_made(tmp_path, qtbot):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        Job(tmp_path / "file" / "run").start(tools(""))


def test_a_program_that_is_not_there(job):
    with pytest.raises(TechnoganError, match="cannot be started"):
        job.start(Tools(("/nowhere/python",)))
    assert not job.running


def test_somebody_elses_process_may_be_on_its_way_to_its_lock(job, qtbot):
    job.folder.mkdir()
    (job.folder / LOG).write_text("")
    job.attach()
    qtbot.wait(500)
    assert not job.outcomes
    old = time.time() - 3600
    os.utime(job.folder / LOG, (old, old))
    assert ended(qtbot, job).kind == "died"


# --- events


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([b'{"event": "a"}\n'], ["a"]),
        ([b'{"event": "a"}\n{"ev', b'ent": "b"}\n'], ["a", "b"]),
        ([b'{"event": "a"}\n{"event": "cut', b'{"event": "b"}\n', b'{"event": "c"}\n'], ["a", "c"]),
        ([b'[]\n7\n{}\n{"event": 3}\n\xff\n{"event": "a"}\n'], ["a"]),
        ([b"", b""], []),
        ([b"x" * (1 << 20) + b"\n" + b'{"event": "a"}\n', b'{"event": "b"}\n'], ["a", "b"]),
    ],
)
def test_reading_a_file_that_grows(tmp_path, parts, found):
    reader, path = EventReader(tmp_path / EVENTS), tmp_path / EVENTS
    events = reader.new()
    for part in parts:
        with path.open("ab") as file:
            file.write(part)
        events += reader.new()
    events += reader.new()
    assert [event["event"] for event in events] == found


def test_a_file_that_begins_anew_is_read_from_its_start(tmp_path):
    reader, path = EventReader(tmp_path / EVENTS), tmp_path / EVENTS
    path.write_text('{"event": "first", "more": 1}\n')
    reader.new()
    path.write_text('{"event": "a"}\n')
    assert [event["event"] for event in reader.new()] == ["a"]


def test_a_lock_nobody_holds_is_free(tmp_path):
    assert not RunFolder(tmp_path).alive
    assert not RunFolder(tmp_path / "missing").alive
    (tmp_path / LOCK).write_text("")
    assert not RunFolder(tmp_path).alive
