"""Runs a command in a process that outlives the window, and follows it by the files in its folder."""

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
from technogan.run_folder import CONTROL, EVENTS, LOG, Event, EventReader, RunCommand, RunFolder

_POLL_MS = 200
# A process that was started elsewhere may not hold its lock yet.
_STARTING_S = 60.0
# Low priority, because painting and sound come first.
_NICE = 10
# The start of the line in which the command line explains an error.
_ERROR_PREFIX = "technogan: "


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a job.

    Attributes:
        kind: "done": it completed. "stopped": it stopped on request and kept its results. "failed": it reported an
            error. "died": it ended without one.
        message: what happened, for the user.
        details: the last lines of its output, for a bug report.
    """

    kind: Literal["done", "stopped", "failed", "died"]
    message: str = ""
    details: str = ""


class DetachedJob(QObject):
    """One process with a folder of its own. Lives in the GUI thread.

    Signals: `event_received` carries every event, oldest first; after `attach`, earlier events come again. `ended` is
    emitted once for each start.
    """

    event_received = Signal(object)  # Event
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
        """True while the process runs, as far as is known."""
        return self._timer.isActive()

    def start(self, tools: Tools, *arguments: str) -> None:
        """Run `technogan ARGUMENTS` in a process of its own, whose output goes to this folder; paths must be absolute.

        Raises:
            OutputError: the folder cannot be created.
            TechnoganError: the program cannot be started.
        """
        self._timer.stop()
        while self._read_events():  # the events of an earlier process
            pass
        self._reset()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / CONTROL).unlink(missing_ok=True)  # a command for an earlier process
            with (self.folder / LOG).open("wb") as log:
                self._process = _start_detached([*tools.program, *arguments], tools.environment, log.fileno())
        except FileNotFoundError as error:
            raise TechnoganError(f"cannot start {tools.program[0]}: {explain(error)}") from error
        except OSError as error:
            raise OutputError(self.folder, explain(error)) from error
        self._timer.start()

    def attach(self) -> None:
        """Follow a process that was started elsewhere; `ended` is emitted soon if none is running."""
        self._reset()
        self._reader = EventReader(self.folder / EVENTS)
        self._timer.start()

    def send_command(self, command: RunCommand) -> None:
        """Ask the process to pause, resume, save or stop. Raises OutputError."""
        RunFolder(self.folder).send_command(command)

    def terminate(self) -> None:
        """Terminate the process if it was started here, and stop following it."""
        self.detach()
        if self._process is not None:
            self._process.terminate()

    def detach(self) -> None:
        """Stop following the process, which keeps running."""
        self._timer.stop()

    def _reset(self) -> None:
        self._timer.stop()
        self._process = None
        self._last = {}

    def _poll(self) -> None:
        alive = self._is_alive()  # first, so that its last events are not missed
        more = self._read_events()
        if not alive and not more and self.running:
            self._timer.stop()
            self.ended.emit(self._find_outcome())

    def _read_events(self) -> bool:
        """Emit the new events; return whether there were any."""
        events = self._reader.read_new()
        for event in events:
            self._last = event
            self.event_received.emit(event)
        return bool(events)

    def _is_alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None and self.folder.is_dir()
        return RunFolder(self.folder).is_busy or self._may_be_starting()

    def _may_be_starting(self) -> bool:
        """Return whether a process may have been started a moment ago: it prints nothing before it holds its lock."""
        try:
            log = (self.folder / LOG).stat()
        except OSError:
            return False
        events = self.folder / EVENTS
        silent = not log.st_size and (not events.exists() or events.stat().st_mtime < log.st_mtime)
        return silent and 0 <= time.time() - log.st_mtime < _STARTING_S

    def _find_outcome(self) -> Outcome:
        if not self.folder.is_dir():
            return Outcome("died", f"The folder {self.folder} no longer exists. Restore it, then continue.")
        details = RunFolder(self.folder).read_log_tail()
        match self._last.get("event"):
            case "finished":
                return Outcome("done")
            case "stopped":
                return Outcome("stopped" if self._last.get("reason", "asked") == "asked" else "done")
            case "failed":
                return Outcome("failed", str(self._last.get("message", "")), details)
        line = details.rpartition("\n")[2]
        if line.startswith(_ERROR_PREFIX):
            return Outcome("failed", line.removeprefix(_ERROR_PREFIX), details)
        return Outcome("died", self._explain_death(), details)

    def _explain_death(self) -> str:
        code = self._process.returncode if self._process is not None else None
        if code is not None and code < 0:
            return (
                f"The process was killed (signal {-code}). The operating system often does this when memory runs out."
            )
        if code:
            return f"The process ended with an unexpected error (status {code}); see the details."
        return "The process ended without a message: the computer was switched off, or memory ran out."


def _start_detached(command: list[str], environment: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    """Start a process that needs no terminal and no parent, and prints into the file `log`. Raises OSError."""
    flags = 0
    if sys.platform == "win32":
        windows = (subprocess.CREATE_NO_WINDOW, subprocess.CREATE_NEW_PROCESS_GROUP)
        flags = sum(windows) | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=Path(command[0]).parent,  # files in the run's folder may come from strangers
        env=environment,
        start_new_session=True,
        creationflags=flags,
    )
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    # A thread waits for it, so that it does not become a zombie; the instrument may end meanwhile.
    threading.Thread(target=process.wait, name="technogan-job", daemon=True).start()
    return process
