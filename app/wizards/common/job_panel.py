"""A panel that runs a `technogan dataset` command and shows its progress, the time left, Pause and Stop."""

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.training_tools.tools import DATASET, find_tools
from app.widgets.button import Button
from app.widgets.layout import make_column, make_row
from app.widgets.panel import ElidedLabel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.wording import format_count, format_time_left
from app.workers.detached_job import DetachedJob, Outcome
from technogan.errors import TechnoganError
from technogan.run_folder import EVENTS, Event, RunCommand

_NO_TOOLS = "The training tools are not installed."
_GET_TOOLS = "Install them with Tools > Training tools…, then come back. Everything here is kept."
_ADVICE = {
    "the disk is full": "Free some disk space, then click Resume to continue.",
    "permission denied": "Choose a folder that you can write to, or change its permissions, then click Resume.",
    "read-only": "Choose a folder that you can write to, then click Resume.",
}
_DEFAULT_ADVICE = "Completed work is kept. Click Resume to continue."
# Bytes of free space below which the disk counts as full.
_FULL = 1 << 16


class JobPanel(QWidget):
    """Progress, buttons and errors of one command.

    Attributes:
        item_received: emitted with each item of the result as soon as it is reported.
        skipped: emitted with the path and the reason of each input that is left out.
        warned: emitted with each warning.
        finished: emitted when the command has finished; its result is in its run folder.
        interrupted: emitted when it was stopped or has failed.
        retry_requested: emitted when the user asks to resume or to try again.
    """

    item_received = Signal(object)
    skipped = Signal(str, str)  # path, reason
    warned = Signal(str)
    finished = Signal()
    interrupted = Signal()
    retry_requested = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.status = ElidedLabel(tokens)
        self.time_left = ElidedLabel(tokens)
        self.line = ProgressLine(tokens, "Progress")
        self.pause = Button(tokens, "Pause", small=True)
        self.stop = Button(tokens, "Stop", tip="Stop; completed work is kept", small=True)
        self.error_panel = ErrorPanel(tokens)
        self.pause.setCheckable(True)
        self._job: DetachedJob | None = None
        # When and at which count the current estimate of the time left began.
        self._first: tuple[float, int] | None = None
        self._lay_out()
        self.pause.clicked.connect(lambda paused: self._send("pause" if paused else "resume"))
        self.stop.clicked.connect(self.request_stop)
        self.error_panel.retry_requested.connect(self.retry_requested)
        self._show_running(False)

    @property
    def running(self) -> bool:
        """True while a command is running."""
        return self._job is not None and self._job.running

    def start(self, folder: Path, arguments: Sequence[str]) -> bool:
        """Run `technogan dataset ARGUMENTS --run FOLDER`; show an error and return False if it cannot start."""
        tools = find_tools(DATASET)
        if tools is None:
            self.error_panel.show_message(_NO_TOOLS, _GET_TOOLS, retry="Try again")
            return False
        job = self._new_job(folder)
        try:
            (folder / EVENTS).unlink(missing_ok=True)
            self._show_running(True)
            self.status.setText("Starting…")
            job.start(tools, "dataset", *arguments, "--run", str(folder))
        except (TechnoganError, OSError) as error:
            self._show_running(False)
            self._show_error(str(error))
            return False
        return True

    def attach(self, folder: Path) -> None:
        """Follow a command that an earlier window started; it may have ended meanwhile."""
        self._new_job(folder).attach()
        self._show_running(True)

    def request_stop(self) -> None:
        """Ask the command to stop."""
        if self.running:
            self._send("stop")
            self.time_left.setText("Stopping…")
            self.stop.setEnabled(False)

    def detach(self) -> None:
        """Stop following the command, which continues."""
        if self._job is not None:
            self._job.detach()

    def _new_job(self, folder: Path) -> DetachedJob:
        self.detach()
        self.error_panel.clear()
        self._first = None
        self._job = DetachedJob(folder, self)
        self._job.event_received.connect(self._handle)
        self._job.ended.connect(self._end)
        return self._job

    def _send(self, command: RunCommand) -> None:
        if self._job is not None:
            try:
                self._job.send_command(command)
            except TechnoganError as error:
                self.error_panel.show_message(str(error))

    def _handle(self, event: Event) -> None:
        match event["event"]:
            case "progress":
                self._show_progress(str(event.get("what", "")), int(event.get("done", 0)), int(event.get("total", 0)))
            case "item":
                self.item_received.emit(event.get("value"))
            case "skipped":
                self.skipped.emit(str(event.get("path", "")), str(event.get("message", "")))
            case "warning":
                self.warned.emit(str(event.get("message", "")))
            case "paused" | "resumed" as state:
                self.pause.setChecked(state == "paused")
                self.time_left.setText("Paused" if state == "paused" else "")
                self._first = None

    def _show_progress(self, what: str, done: int, total: int) -> None:
        self.line.show_progress(done / total if total else 0.0)
        counted = f"{done} of {format_count(total, what.removesuffix('s'))}"
        self.status.setText(counted if total else f"Looking for {what}…")
        now = time.monotonic()
        if self._first is None or done <= self._first[1]:
            self._first = (now, done)
            self.time_left.setText("")
        elif total and self.stop.isEnabled():
            began, first = self._first
            self.time_left.setText(format_time_left((now - began) / (done - first) * (total - done)))

    def _end(self, outcome: Outcome) -> None:
        self._show_running(False)
        if outcome.kind == "done":
            self.finished.emit()
            return
        if outcome.kind == "stopped":
            self.error_panel.show_message("Stopped.", "Completed work is kept.", retry="Resume", tone="caution")
        else:
            # The process could not write the reason to a full disk.
            self._show_error("the disk is full" if self._disk_is_full() else outcome.message, outcome.details)
        self.interrupted.emit()

    def _disk_is_full(self) -> bool:
        assert self._job is not None
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self._job.folder).free < _FULL
        return False

    def _show_error(self, message: str, details: str = "") -> None:
        advice = next((advice for part, advice in _ADVICE.items() if part in message), _DEFAULT_ADVICE)
        self.error_panel.show_message(message[:1].upper() + message[1:], advice, details=details, retry="Resume")

    def _show_running(self, running: bool) -> None:
        for widget in (self.status, self.time_left, self.line, self.pause, self.stop):
            widget.setVisible(running)
        self.stop.setEnabled(True)
        self.pause.setChecked(False)
        self.time_left.setText("")
        self.line.show_progress(0.0 if running else None)

    def _lay_out(self) -> None:
        self.status.setMinimumWidth(160)
        self.time_left.setMinimumWidth(150)
        row = make_row(self.status, (self.line, 1), self.time_left, self.pause, self.stop, spacing=3 * GRID)
        make_column(row, self.error_panel, parent=self)
