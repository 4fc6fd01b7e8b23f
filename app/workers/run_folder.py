"""The folder of work that another process does, as the window sees it: files, and nothing else, connect the two.

events.jsonl     what happens, one JSON object a line, appended by the process
control          one word, written whole by anyone; the process reads it, deletes it and obeys
lock             locked by the process while it lives
output.log       what it printed; its last lines explain an end without an event
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from technogan.files import write_whole

EVENTS, CONTROL, LOCK, LOG = "events.jsonl", "control", "lock", "output.log"

Word = Literal["pause", "resume", "save", "stop"]
Event = dict[str, Any]

_AT_ONCE = 1 << 20
_TAIL_BYTES = 8192


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
        return [event for line in data[:whole].splitlines() if (event := _event(line))]


def _event(line: bytes) -> Event | None:
    """None for what is no event, like a line that a full disk cut short."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def is_held(folder: Path) -> bool:
    """Whether a process works in this folder now."""
    from filelock import FileLock, Timeout

    path = folder / LOCK
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that may not be written: nobody can work there
        return False


def ask(folder: Path, word: Word) -> None:
    """Ask whoever works there for something. Raises OutputError."""
    write_whole(folder / CONTROL, word.encode())


def tail(folder: Path) -> str:
    """The last lines of what was printed; "" where there is nothing."""
    try:
        with (folder / LOG).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
