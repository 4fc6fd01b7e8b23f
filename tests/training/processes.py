"""Commands in processes of their own, which tests kill."""

import subprocess
import sys
import time
from collections.abc import Callable

import psutil


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Start `technogan` with these arguments."""
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen[bytes]) -> int:
    """Kill a process and wait until its descendants have exited by themselves; return their number."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    wait_for(lambda: not any(_is_alive(child) for child in children))
    return len(children)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
