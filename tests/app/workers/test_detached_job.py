"""Jobs that run small programs, which write events, hold a lock and obey commands as the real ones do."""

import os
import signal
import sys
import time

import pytest

from app.training_tools.tools import Tools, find_tools
from app.workers.detached_job import DetachedJob, Outcome
from technogan.errors import OutputError, TechnoganError
from technogan.run_folder import CONTROL, EVENTS, LOCK, LOG, EventReader, RunFolder

BEGIN = """
import json, os, sys, time
from pathlib import Path
from filelock import FileLock

os.chdir(sys.argv[1])

def emit(event, **details):
    with open("events.jsonl", "a") as file:
        file.write(json.dumps({"event": event} | details) + chr(10))
"""
# A command that runs until it is stopped.
WORK = """
with FileLock("lock"):
    emit("started", process=os.getpid())
    while not Path("control").exists():
        time.sleep(0.01)
    emit("stopped", reason="asked", word=Path("control").read_text())
"""

# Modules that `python -m app` imports.
PLANTED = ("app.py", "technogan.py", "typer.py", "multiprocessing.py", "numpy.py", "sitecustomize.py")


def tools(text):
    return Tools((sys.executable, "-c", BEGIN + text))


class LoggedJob(DetachedJob):
    """Keeps its events and outcomes."""

    def __init__(self, folder):
        super().__init__(folder)
        self.events: list = []
        self.outcomes: list = []
        self.event_received.connect(lambda event: self.events.append(event))
        self.ended.connect(lambda outcome: self.outcomes.append(outcome))

    def run(self, tools):
        self.start(tools, str(self.folder))


@pytest.fixture
def job(tmp_path, qtbot):
    made = LoggedJob(tmp_path / "run")
    yield made
    made.detach()


def names(job):
    return [event["event"] for event in job.events]


def wait_for_end(qtbot, job):
    qtbot.waitUntil(lambda: bool(job.outcomes), timeout=20_000)
    return job.outcomes[0]


def test_events_arrive_in_order(job, qtbot):
    job.run(tools('emit("started"); emit("progress", done=1); emit("finished")'))
    assert wait_for_end(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "progress", "finished"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ('emit("finished")', "done", ""),
        ('emit("stopped", reason="minutes")', "done", ""),
        ('emit("stopped", reason="asked")', "stopped", ""),
        ('emit("stopped")', "stopped", ""),
        ('emit("failed", message="the disk is full")', "failed", "the disk is full"),
        ('print("technogan: no such dataset", file=sys.stderr); sys.exit(1)', "failed", "no such dataset"),
        ('emit("started"); 1 / 0', "died", "status 1"),
        ('emit("started"); os._exit(0)', "died", "without a message"),
        ('emit("progress"); print("a line")', "died", "without a message"),
    ],
)
def test_the_outcome_of_each_end(job, qtbot, text, kind, message):
    job.run(tools(text))
    outcome = wait_for_end(qtbot, job)
    assert outcome.kind == kind
    assert message in outcome.message


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_outcome_of_a_killed_process_has_its_last_lines(job, qtbot):
    job.run(tools('print("before", flush=True)' + WORK))
    qtbot.waitUntil(lambda: bool(job.events), timeout=20_000)
    os.kill(job.events[0]["process"], signal.SIGKILL)
    outcome = wait_for_end(qtbot, job)
    assert (outcome.kind, outcome.details) == ("died", "before")
    assert "signal 9" in outcome.message


def test_it_obeys_commands(job, qtbot):
    job.run(tools(WORK))
    qtbot.waitUntil(lambda: names(job) == ["started"], timeout=20_000)
    job.send_command("stop")
    assert wait_for_end(qtbot, job).kind == "stopped"
    assert job.events[-1]["word"] == "stop"


def test_another_window_attaches_to_it(job, qtbot):
    job.run(tools(WORK))
    qtbot.waitUntil(lambda: names(job) == ["started"], timeout=20_000)
    job.detach()
    other = LoggedJob(job.folder)
    other.attach()
    qtbot.waitUntil(lambda: names(other) == ["started"])
    assert RunFolder(job.folder).is_busy
    other.send_command("stop")
    qtbot.waitUntil(lambda: bool(other.outcomes), timeout=20_000)
    assert names(other) == ["started", "stopped"]
    assert not RunFolder(job.folder).is_busy


def test_attaching_to_a_finished_job_repeats_its_events(job, qtbot):
    job.run(tools('emit("started"); emit("finished")'))
    wait_for_end(qtbot, job)
    job.events.clear()
    job.outcomes.clear()
    job.attach()
    assert wait_for_end(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "finished"]


def test_a_second_start_emits_only_new_events(job, qtbot):
    job.run(tools('emit("started"); emit("failed", message="once")'))
    wait_for_end(qtbot, job)
    job.events.clear()
    job.outcomes.clear()
    job.run(tools('emit("started"); emit("finished")'))
    assert wait_for_end(qtbot, job) == Outcome("done")
    assert names(job) == ["started", "finished"]


def test_an_old_command_does_not_end_a_new_start(job, qtbot):
    job.folder.mkdir()
    job.send_command("stop")
    job.run(tools('emit("finished" if not Path("control").exists() else "stopped")'))
    assert wait_for_end(qtbot, job).kind == "done"


def test_it_runs_without_a_terminal(job, qtbot):
    job.run(tools('emit("finished", read=sys.stdin.read(), leader=os.getpid() == os.getsid(0))'))
    wait_for_end(qtbot, job)
    assert job.events[0]["read"] == ""
    assert job.events[0]["leader"]


def test_python_files_in_its_folder_do_not_run(job, qtbot):
    job.folder.mkdir()
    for name in PLANTED:
        (job.folder / name).write_text(f"open({str(job.folder / 'executed')!r}, 'w')")
    found = find_tools(("filelock",))
    assert found is not None
    job.start(found, "--version")
    wait_for_end(qtbot, job)
    assert (job.folder / LOG).read_text().startswith("technogan ")
    assert not (job.folder / "executed").exists()


def test_a_folder_that_is_moved_ends_it(job, qtbot, tmp_path):
    job.run(tools(WORK))
    qtbot.waitUntil(lambda: bool(job.events), timeout=20_000)
    job.folder.rename(tmp_path / "elsewhere")
    outcome = wait_for_end(qtbot, job)
    (tmp_path / "elsewhere" / CONTROL).write_text("stop")
    assert outcome.kind == "died"
    assert "no longer exists" in outcome.message


def test_a_folder_that_cannot_be_created_is_refused(tmp_path, qtbot):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        DetachedJob(tmp_path / "file" / "run").start(tools(""))


def test_a_missing_program_is_refused(job):
    with pytest.raises(TechnoganError, match="cannot start"):
        job.start(Tools(("/nowhere/python",)))
    assert not job.running


def test_a_process_without_a_lock_yet_is_waited_for(job, qtbot):
    job.folder.mkdir()
    (job.folder / LOG).write_text("")
    job.attach()
    qtbot.wait(500)
    assert not job.outcomes
    old = time.time() - 3600
    os.utime(job.folder / LOG, (old, old))
    assert wait_for_end(qtbot, job).kind == "died"


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
def test_a_growing_file_is_read(tmp_path, parts, found):
    reader, path = EventReader(tmp_path / EVENTS), tmp_path / EVENTS
    events = reader.read_new()
    for part in parts:
        with path.open("ab") as file:
            file.write(part)
        events += reader.read_new()
    events += reader.read_new()
    assert [event["event"] for event in events] == found


def test_a_replaced_file_is_read_from_its_start(tmp_path):
    reader, path = EventReader(tmp_path / EVENTS), tmp_path / EVENTS
    path.write_text('{"event": "first", "more": 1}\n')
    reader.read_new()
    path.write_text('{"event": "a"}\n')
    assert [event["event"] for event in reader.read_new()] == ["a"]


def test_a_lock_without_a_holder_is_free(tmp_path):
    assert not RunFolder(tmp_path).is_busy
    assert not RunFolder(tmp_path / "missing").is_busy
    (tmp_path / LOCK).write_text("")
    assert not RunFolder(tmp_path).is_busy
