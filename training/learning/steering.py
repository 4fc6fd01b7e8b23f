"""Commands for a run: from keys in its terminal, from signals, and from its folder."""

import contextlib
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from technogan.run_folder import RunCommand
from training.learning.run import Run

# Commands by key; "pause" also resumes a paused run.
KEYS: dict[str, RunCommand] = {"p": "pause", "s": "save", "q": "stop"}

ReadKey = Callable[[], str]


class RunControls:
    """The commands for a run, polled between steps."""

    def __init__(self, run: Run, read_key: ReadKey) -> None:
        self._run = run
        self._read_key = read_key
        self._commands: deque[RunCommand] = deque()

    def send(self, command: RunCommand) -> None:
        """Add a command; safe to call from a signal handler."""
        self._commands.append(command)

    def next(self) -> RunCommand | None:
        """Return the next command, or None."""
        if self._commands:
            return self._commands.popleft()
        return KEYS.get(self._read_key().lower()) or self._run.take_command()


@contextlib.contextmanager
def listen_for_commands(run: Run) -> Iterator[RunControls]:
    """Listen to the keys of the terminal, if there is one, to SIGINT and SIGTERM, and to the run's folder.

    The first signal sends "stop"; a second SIGINT interrupts at once.
    """
    with _open_keys() as read_key:
        controls = RunControls(run, read_key)
        with _handle_signals(controls):
            yield controls


@contextlib.contextmanager
def forward_keys(run: Run) -> Iterator[Callable[[], None]]:
    """Return a function that sends the command of the pressed key, if any, to the process that trains this run."""
    with _open_keys() as read_key:

        def forward() -> None:
            if command := KEYS.get(read_key().lower()):
                run.send_command(command)

        yield forward


@contextlib.contextmanager
def _handle_signals(controls: RunControls) -> Iterator[None]:
    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        controls.send("stop")

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _open_keys() -> Iterator[ReadKey]:
    """Yield a function that returns the pressed key, or "", without waiting."""
    if not sys.stdin or not sys.stdin.isatty():
        yield str
    elif sys.platform == "win32":
        yield _windows_key
    else:
        with _unbuffered_keys() as read_key:
            yield read_key


def _windows_key() -> str:
    import msvcrt

    module: Any = msvcrt
    return str(module.getwch()) if module.kbhit() else ""


@contextlib.contextmanager
def _unbuffered_keys() -> Iterator[ReadKey]:
    """Read single keys instead of lines from the terminal; Ctrl-C remains a signal."""
    import select
    import termios
    import tty

    file = sys.stdin.fileno()
    settings = termios.tcgetattr(file)

    def read_key() -> str:
        return sys.stdin.read(1) if select.select([file], [], [], 0)[0] else ""

    try:
        tty.setcbreak(file)
        yield read_key
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, settings)
