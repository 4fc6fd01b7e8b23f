"""Work of another process: started so that it outlives the window, followed by the files in its folder."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from app.training_tools.tools import Tools
from technogan.atomic import explain
from technogan.errors import OutputError, TechnoganError
from technogan.run_folder import CONTROL, EVENTS, LOG, Event, EventReader, RunFolder, Word

_POLL_MS = 200
# A process that somebody else started may still be on its way to its lock.
_STARTING_S = 60.0
# One may play meanwhile: what paints and sounds comes first.
_NICE = 10
# How the console entry point begins the line that explains an error.
_EXPLAINED = "technogan: "


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. done: all of it, or as much as was asked for. stopped: on request; what was made is kept.
    failed: it explained itself. died: it did not.

    message: for people, what happened. details: for a report, the last lines that it printed.
    """

    kind: Literal["done", "stopped", "failed", "died"]
    message: str = ""
    details: str = ""


class Job(QObject):
    """One piece of work with a folder of its own, in the GUI thread.

    told: every event, oldest first; those from before are told again when one attaches. ended: once for each start.
    """

    told = Signal(object)  # Event
    ended = Signal(object)  # Outcome

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._reader = EventReader(folder / EVENTS)
        self._process: subprocess.Popen[bytes] | None = None
        self._last: Event = {}
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether it goes on, as far as is known."""
        return self._timer.isActive()

    def start(self, tools: Tools, *arguments: str) -> None:
        """Run `technogan ARGUMENTS`, paths in full, in a process of its own, whose command works in this folder.

        Raises OutputError where the folder cannot be made, TechnoganError where the program cannot be started.
        """
        self._timer.stop()
        while self._tell_new():  # what an earlier process told
            pass
        self._begin()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / CONTROL).unlink(missing_ok=True)  # asked of an earlier process
            with (self.folder / LOG).open("wb") as log:
                self._process = _detached([*tools.program, *arguments], tools.environment, self.folder, log.fileno())
        except FileNotFoundError as error:
            raise TechnoganError(f"{tools.program[0]} cannot be started: {explain(error)}") from error
        except OSError as error:
            raise OutputError(self.folder, explain(error)) from error
        self._timer.start()

    def attach(self) -> None:
        """Follow what goes on in the folder, whoever started it; `ended` comes soon where nothing does."""
        self._begin()
        self._reader = EventReader(self.folder / EVENTS)
        self._timer.start()

    def ask(self, word: Word) -> None:
        """Ask it to pause, resume, save or stop. Raises OutputError."""
        RunFolder(self.folder).command(word)

    def end(self) -> None:
        """End a process that was started here, without asking it, and follow it no more."""
        self.leave()
        if self._process is not None:
            self._process.terminate()

    def leave(self) -> None:
        """Follow it no more; the process goes on."""
        self._timer.stop()

    def _begin(self) -> None:
        self._timer.stop()
        self._process = None
        self._last = {}

    def _poll(self) -> None:
        alive = self._alive()  # first, so that its last words are not missed
        more = self._tell_new()
        if not alive and not more and self.running:
            self._timer.stop()
            self.ended.emit(self._outcome())

    def _tell_new(self) -> bool:
        """Returns whether there was anything."""
        events = self._reader.new()
        for event in events:
            self._last = event
            self.told.emit(event)
        return bool(events)

    def _alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None and self.folder.is_dir()
        return RunFolder(self.folder).alive or self._starting()

    def _starting(self) -> bool:
        """Whether somebody may have started it a moment ago. A command prints nothing before it has its lock."""
        try:
            log = (self.folder / LOG).stat()
        except OSError:
            return False
        events = self.folder / EVENTS
        silent = not log.st_size and (not events.exists() or events.stat().st_mtime < log.st_mtime)
        return silent and 0 <= time.time() - log.st_mtime < _STARTING_S

    def _outcome(self) -> Outcome:
        if not self.folder.is_dir():
            return Outcome("died", f"The folder {self.folder} is not there any more. Bring it back and go on.")
        details = RunFolder(self.folder).printed()
        match self._last.get("event"):
            case "finished":
                return Outcome("done")
            case "stopped":
                return Outcome("stopped" if self._last.get("reason", "asked") == "asked" else "done")
            case "failed":
                return Outcome("failed", str(self._last.get("message", "")), details)
        line = details.rpartition("\n")[2]
        if line.startswith(_EXPLAINED):
            return Outcome("failed", line.removeprefix(_EXPLAINED), details)
        return Outcome("died", self._cause(), details)

    def _cause(self) -> str:
        code = self._process.returncode if self._process is not None else None
        if code is not None and code < 0:
            return (
                f"The process was ended from outside (signal {-code}). "
                "Often the system does that where memory has run out."
            )
        if code:
            return f"The process ended with an error of its own (status {code}); the details say more."
        return "The process ended without a word: the machine was switched off, or memory ran out."


def _detached(command: list[str], environment: dict[str, str], folder: Path, log: int) -> subprocess.Popen[bytes]:
    """A process that needs no terminal and no parent; what it prints goes to the file `log`. Raises OSError."""
    flags = 0
    if sys.platform == "win32":
        windows = (subprocess.CREATE_NO_WINDOW, subprocess.CREATE_NEW_PROCESS_GROUP)
        flags = sum(windows) | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        env=environment,
        start_new_session=True,
        creationflags=flags,
    )
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    # Whoever waits for it is no zombie's parent; the instrument may end meanwhile.
    threading.Thread(target=process.wait, name="technogan-job", daemon=True).start()
    return process
