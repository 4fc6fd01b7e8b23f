"""The folder of a command that takes long: what it tells there, and how others watch and steer it.

events.jsonl     what happens, one JSON object a line, appended
control          one word, written whole by anyone; the command reads it, deletes it and obeys
lock             locked by the process that works; its number stands in the "started" event
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from technogan.errors import OutputError, SourceError
from technogan.files import explain, write_whole

# Who only looks whether somebody works here holds the lock for a moment.
_LOOKING_S = 0.5

EVENTS, CONTROL, LOCK = "events.jsonl", "control", "lock"

Command = Literal["pause", "resume", "save", "stop"]


def cause_of(error: BaseException) -> dict[str, str]:
    """What a "failed" event says besides its message, where programs can do something about it."""
    cause = getattr(error, "cause", "")
    return {"cause": cause} if cause else {}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder in which one process works and any number watch."""

    folder: Path

    BUSY: ClassVar[str] = "another process works here; let it end, or stop it"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock. Raises OutputError where another process holds it, or the folder cannot be written."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / LOCK, timeout=_LOOKING_S)
        try:
            lock.acquire()
        except Timeout as error:
            raise OutputError(self.folder, self.BUSY) from error
        except OSError as error:
            raise OutputError(self.folder, explain(error)) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def alive(self) -> bool:
        """Whether a process works here now."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / LOCK, timeout=0):
                return False
        except Timeout:
            return True

    def tell(self, event: str, **facts: Any) -> dict[str, Any]:
        """Append an event. A disk that is full must not end the work: then nobody is told."""
        line = {"time": round(time.time(), 3), "event": event} | facts
        with contextlib.suppress(OSError), (self.folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return line

    def events(self) -> list[dict[str, Any]]:
        """All events so far, oldest first; a line that a crash cut short is left out. Raises SourceError."""
        path, found = self.folder / EVENTS, []
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        for line in lines:
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    found.append(event)
        return found

    def command(self, word: Command) -> None:
        """Ask whoever works here for something. Raises OutputError."""
        write_whole(self.folder / CONTROL, word.encode())

    def taken_command(self) -> Command | None:
        """What was asked for since the last time, once."""
        path = self.folder / CONTROL
        try:
            word = path.read_text(encoding="utf-8").strip()
            path.unlink()
        except (OSError, UnicodeDecodeError):
            return None
        return next((command for command in get_args(Command) if command == word), None)
