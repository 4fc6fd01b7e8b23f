"""The folder of a command that takes long: what it tells there, and how others watch and steer it.

Files, and nothing else, connect the two:

events.jsonl     what happens, one JSON object a line, appended by the process that works
control          one word, written whole by anyone; the process reads it, deletes it and obeys
lock             locked by the process while it works; its number stands in the "started" event
output.log       what it printed, where somebody kept that; its last lines explain an end without an event
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from technogan.atomic import explain, write_whole
from technogan.errors import OutputError, SourceError

EVENTS, CONTROL, LOCK, LOG = "events.jsonl", "control", "lock", "output.log"

Word = Literal["pause", "resume", "save", "stop"]
Event = dict[str, Any]

# Who only looks whether somebody works here holds the lock for a moment.
_LOOKING_S = 0.5
_AT_ONCE = 1 << 20
_TAIL_BYTES = 8192


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

        path = self.folder / LOCK
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that may not be written: nobody can work there
            return False

    def tell(self, event: str, **facts: Any) -> Event:
        """Append an event. A disk that is full must not end the work: then nobody is told."""
        line = {"time": round(time.time(), 3), "event": event} | facts
        with contextlib.suppress(OSError), (self.folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return line

    def events(self) -> list[Event]:
        """All events so far, oldest first; a line that a crash cut short is left out. Raises SourceError."""
        path = self.folder / EVENTS
        try:
            return _events_in(path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SourceError(path, explain(error)) from error

    def command(self, word: Word) -> None:
        """Ask whoever works here for something. Raises OutputError."""
        write_whole(self.folder / CONTROL, word.encode())

    def taken_command(self) -> Word | None:
        """What was asked for since the last time, once."""
        path = self.folder / CONTROL
        try:
            word = path.read_text(encoding="utf-8").strip()
            path.unlink()
        except (OSError, UnicodeDecodeError):
            return None
        return next((command for command in get_args(Word) if command == word), None)

    def printed(self) -> str:
        """The last lines of what was printed; "" where there is nothing."""
        try:
            with (self.folder / LOG).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - _TAIL_BYTES))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""


class EventReader:
    """Reads a growing file of events from where it stood last; a line that is still being written waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> list[Event]:
        """What was added since the last time, at most a megabyte; nothing where the file cannot be read."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset = 0  # another file under the same name
                file.seek(self._offset)
                data = file.read(_AT_ONCE)
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        self._offset += whole or (len(data) if len(data) == _AT_ONCE else 0)
        return _events_in(data[:whole])


def _events_in(lines: bytes) -> list[Event]:
    return [event for line in lines.split(b"\n") if (event := _event(line))]


def _event(line: bytes) -> Event | None:
    """None for what is no event, like a line that a full disk cut short."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def clock(seconds: float) -> str:
    """Hours, minutes and seconds: 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
