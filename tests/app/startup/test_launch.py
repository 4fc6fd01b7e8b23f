"""`technogan` without a command: a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.session.session_file import read_session
from technogan.network.library import bundled_dir

ROOT = bundled_dir().parents[1]
PATIENCE_S = 30


def environment(folder):
    own = {"TECHNOGAN_STATE": str(folder), "QT_QPA_PLATFORM": "offscreen", "PULSE_SERVER": f"unix:{folder}/none"}
    return {**os.environ, **own, "TMPDIR": str(folder), "XDG_RUNTIME_DIR": str(folder)}


def opened(folder, *options):
    (folder / "settings.json").write_text('{"osc": false}')
    return subprocess.Popen(
        [sys.executable, "-m", "app", *options], cwd=ROOT, env=environment(folder), stderr=subprocess.DEVNULL
    )


def wait_for(there):
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def heeds_the_end(process):
    """Whether it has begun to catch SIGTERM."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:  # not on Linux
        time.sleep(3)
        return True
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def saved(folder):
    return (folder / "autosave" / "session.json").exists()


@pytest.fixture
def first(tmp_path):
    process = opened(tmp_path)
    yield process
    process.kill()
    process.wait()


unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process kindly")


@unix
def test_it_opens_saves_itself_and_ends_kindly(first, tmp_path):
    wait_for(lambda: saved(tmp_path))
    first.terminate()
    assert first.wait(PATIENCE_S) == 0
    assert read_session(tmp_path / "autosave").model == "bar"
    assert not (tmp_path / "running").exists()


@unix
def test_killed_it_comes_back_with_what_there_was(first, tmp_path):
    wait_for(lambda: saved(tmp_path))
    seed = read_session(tmp_path / "autosave").seed
    first.kill()
    first.wait()
    again = opened(tmp_path)
    try:
        wait_for(lambda: (tmp_path / "running").read_text() == "2")
        wait_for(lambda: heeds_the_end(again))
        again.terminate()
        assert again.wait(PATIENCE_S) == 0
    finally:
        again.kill()
        again.wait()
    assert read_session(tmp_path / "autosave").seed == seed


@unix
def test_a_second_start_raises_the_first_and_ends(first, tmp_path):
    wait_for(lambda: saved(tmp_path))
    second = opened(tmp_path)
    assert second.wait(PATIENCE_S) == 0
    assert first.poll() is None


def test_the_self_test_looks_at_every_part(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "app", "--self-test"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    states = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert list(states) == ["model", "file", "display", "window", "sound", "osc", "end"]
    assert {name for name, state in states.items() if state != "ok"} <= {"display", "sound"}


def test_help_loads_no_qt_and_no_numpy():
    code = (
        "import sys; from app.cli import run; run(['--help'])\n"
        "print(sorted({'PySide6', 'numpy', 'onnxruntime', 'sounddevice'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "--safe" in done.stdout
