"""`technogan` without a command, in a real process."""

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
_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def environment(folder):
    own = {"TECHNOGAN_STATE": str(folder), "QT_QPA_PLATFORM": "offscreen", "PULSE_SERVER": f"unix:{folder}/none"}
    return {**os.environ, **own, "TMPDIR": str(folder), "XDG_RUNTIME_DIR": str(folder)}


def open_window(folder, *options):
    (folder / "settings.json").write_text('{"osc": false}')
    return subprocess.Popen(
        [sys.executable, "-m", "app", *options], cwd=ROOT, env=environment(folder), stderr=subprocess.DEVNULL
    )


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def catches_sigterm(process):
    """Return whether the process handles SIGTERM already."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:  # not on Linux
        time.sleep(3)
        return True
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def is_saved(folder):
    return (folder / "autosave" / "session.json").exists()


def spawned_by(process):
    """Return the ids of the player and the renderers of a window."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [number for path in tasks for number in path.read_text().split()]
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def runs(process_id):
    """Return whether a process exists and has not ended without being waited for, as happens in containers."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def first(tmp_path):
    process = open_window(tmp_path)
    yield process
    process.kill()
    process.wait()


unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that end a process in order")


@unix
def test_it_opens_saves_its_session_and_closes(first, tmp_path):
    wait_for(lambda: is_saved(tmp_path))
    first.terminate()
    assert first.wait(PATIENCE_S) == 0
    assert read_session(tmp_path / "autosave").model == "bar"
    assert not (tmp_path / "running").exists()


@unix
def test_a_signal_before_there_is_a_window_ends_it_in_order(first, tmp_path):
    wait_for(lambda: catches_sigterm(first))
    first.terminate()
    assert first.wait(PATIENCE_S) == 0
    assert not (tmp_path / "running").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="finds child processes in /proc")
def test_it_closes_while_its_processes_are_frozen(first, tmp_path):
    wait_for(lambda: is_saved(tmp_path))
    children = spawned_by(first)
    assert len(children) >= 2
    for child in children:
        os.kill(child, signal.SIGSTOP)
    first.terminate()
    assert first.wait(PATIENCE_S) == 0
    wait_for(lambda: not any(runs(child) for child in children))


@unix
def test_after_a_kill_it_restores_the_session(first, tmp_path):
    wait_for(lambda: is_saved(tmp_path))
    seed = read_session(tmp_path / "autosave").seed
    first.kill()
    first.wait()
    again = open_window(tmp_path)
    try:
        wait_for(lambda: (tmp_path / "running").read_text() == "2")
        wait_for(lambda: catches_sigterm(again))
        again.terminate()
        assert again.wait(PATIENCE_S) == 0
    finally:
        again.kill()
        again.wait()
    assert read_session(tmp_path / "autosave").seed == seed


@unix
def test_a_second_start_raises_the_first_and_ends(first, tmp_path):
    wait_for(lambda: is_saved(tmp_path))
    second = open_window(tmp_path)
    assert second.wait(PATIENCE_S) == 0
    assert first.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="the variables of other systems name no display")
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "there is no display"),
        ({"DISPLAY": ":9999"}, "could not connect to display :9999"),
        ({"QT_QPA_PLATFORM": "nonsense"}, 'Could not find the Qt platform plugin "nonsense"'),
    ],
)
def test_a_missing_display_is_reported_in_one_line(tmp_path, variables, reason):
    clean = {name: value for name, value in environment(tmp_path).items() if name not in _DISPLAY}
    done = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=ROOT,
        env=clean | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith(f"technogan: the window cannot be opened: {reason}")


def test_the_self_test_uses_every_part(tmp_path):
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
