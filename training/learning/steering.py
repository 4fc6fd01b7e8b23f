"""How a run is steered: by keys in its terminal, by signals, by a word in its folder. One command at a time."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from technogan.run_folder import Word
from training.learning.run import Run

# What a key asks for; p asks for either, as the run stands.
KEYS: dict[str, Word] = {"p": "pause", "s": "save", "q": "stop"}

ReadKey = Callable[[], str]


class Steering:
    """Polled between steps."""

    def __init__(self, run: Run, read_key: ReadKey) -> None:
        self._run = run
        self._read_key = read_key
        self._asked: deque[Word] = deque()

    def ask(self, command: Word) -> None:
        """From a signal handler or anywhere else."""
        self._asked.append(command)

    def next(self) -> Word | None:
        """What is to be done now, once."""
        if self._asked:
            return self._asked.popleft()
        return KEYS.get(self._read_key().lower()) or self._run.taken_command()


@contextlib.contextmanager
def steering(run: Run) -> Iterator[Steering]:
    """Listen to the terminal's keys, if there is a terminal, to SIGINT, SIGTERM and the run's folder.

    The first signal asks for a stop; the second SIGINT interrupts at once.
    """
    with _keys() as read_key:
        steered = Steering(run, read_key)
        with _signals(steered):
            yield steered


@contextlib.contextmanager
def watching(run: Run) -> Iterator[Callable[[], None]]:
    """A function that passes on what was asked for by a key to whoever trains here; polled."""
    with _keys() as read_key:

        def pressed() -> None:
            if command := KEYS.get(read_key().lower()):
                run.command(command)

        yield pressed


@contextlib.contextmanager
def _signals(steered: Steering) -> Iterator[None]:
    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        steered.ask("stop")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _keys() -> Iterator[ReadKey]:
    """A function that gives the key that was pressed since the last time, or "": never waits."""
    if not sys.stdin or not sys.stdin.isatty():
        yield str
    elif sys.platform == "win32":
        yield _windows_key
    else:
        with _single_keys() as read_key:
            yield read_key


def _windows_key() -> str:
    import msvcrt

    module: Any = msvcrt
    return str(module.getwch()) if module.kbhit() else ""


@contextlib.contextmanager
def _single_keys() -> Iterator[ReadKey]:
    """The terminal gives every key at once, not only whole lines; Ctrl-C stays a signal."""
    import select
    import termios
    import tty

    file = sys.stdin.fileno()
    before = termios.tcgetattr(file)

    def read_key() -> str:
        return sys.stdin.read(1) if select.select([file], [], [], 0)[0] else ""

    try:
        tty.setcbreak(file)
        yield read_key
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)
