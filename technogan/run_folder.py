"""The folder of a long-running command: how it records events there, and how other processes watch and control it.

The two sides share nothing but these files:

events.jsonl     the events so far, one JSON object a line, appended by the running process
control          one command as one word, written by any process; the running process reads, deletes and obeys it
lock             locked by the process while it runs; its process id is in the "started" event
output.log       standard output and error, if the caller keeps them; explains an end without a final event
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SourceError, SpecError
from technogan.records import parse_json

EVENTS, CONTROL, LOCK, LOG = "events.jsonl", "control", "lock", "output.log"

RunCommand = Literal["pause", "resume", "save", "stop"]
Event = dict[str, Any]

# `is_busy` takes the lock for a moment, so a process that starts must wait for it.
_LOCK_TIMEOUT_S = 0.5
_MAX_READ_BYTES = 1 << 20
_TAIL_BYTES = 8192


def cause_of(error: BaseException) -> dict[str, str]:
    """Return the `cause` field of a "failed" event, or {} if programs cannot act on the error."""
    cause = getattr(error, "cause", "")
    return {"cause": cause} if cause else {}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder in which one process runs and any number of processes watch."""

    folder: Path

    BUSY: ClassVar[str] = "another process is running in this folder; stop it or wait until it ends"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock while the block runs.

        Raises:
            OutputError: another process holds the lock, or the folder is not writable.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / LOCK, timeout=_LOCK_TIMEOUT_S)
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
    def is_busy(self) -> bool:
        """True while a process runs in this folder."""
        from filelock import FileLock, Timeout

        path = self.folder / LOCK
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # no process can run in a folder that is not writable
            return False

    def append_event(self, event: str, **details: Any) -> Event:
        """Append an event to the file and return it. Errors are ignored: a full disk must not end the run."""
        line = {"time": round(time.time(), 3), "event": event} | details
        with contextlib.suppress(OSError), (self.folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return line

    def read_events(self) -> list[Event]:
        """Return all events so far, oldest first, without lines cut short by a crash. Raises SourceError."""
        path = self.folder / EVENTS
        try:
            return _parse_events(path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SourceError(path, explain(error)) from error

    def send_command(self, command: RunCommand) -> None:
        """Leave a command for the running process. Raises OutputError."""
        write_atomically(self.folder / CONTROL, command.encode())

    def take_command(self) -> RunCommand | None:
        """Return the waiting command and remove it; None if there is none."""
        path = self.folder / CONTROL
        try:
            word = path.read_text(encoding="utf-8").strip()
            path.unlink()
        except (OSError, UnicodeDecodeError):
            return None
        return next((command for command in get_args(RunCommand) if command == word), None)

    def read_log_tail(self) -> str:
        """Return the last lines of the log, "" if there is none."""
        try:
            with (self.folder / LOG).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - _TAIL_BYTES))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""


class EventReader:
    """A reader of a growing event file; it leaves a line that is still being written for the next call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read_new(self) -> list[Event]:
        """Return the events added since the last call, at most a megabyte; [] if the file cannot be read."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset = 0  # another file of the same name
                file.seek(self._offset)
                data = file.read(_MAX_READ_BYTES)
        except OSError:
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end or (len(data) if len(data) == _MAX_READ_BYTES else 0)
        return _parse_events(data[:end])


def _parse_events(lines: bytes) -> list[Event]:
    return [event for line in lines.split(b"\n") if (event := _parse_event(line))]


def _parse_event(line: bytes) -> Event | None:
    """Return None for anything that is not an event, such as a line cut short by a full disk."""
    try:
        found = parse_json(line)
    except SpecError:
        return None
    return found if isinstance(found.get("event"), str) else None


def format_duration(seconds: float) -> str:
    """Format a duration as hours, minutes and seconds, such as 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
