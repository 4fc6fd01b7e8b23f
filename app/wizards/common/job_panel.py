"""A command at work: how far it is, how long it still takes, and keys to pause and stop it."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.training_tools.tools import DATASET, Tools, find_tools
from app.widgets.button import Key
from app.widgets.panel import Elided
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import Trouble
from app.wizards.common.wording import left, several
from app.workers.detached_job import Job, Outcome
from technogan.errors import TechnoganError
from technogan.run_folder import EVENTS, Event

_NO_TOOLS = "The tools that make datasets are not installed."
_GET_TOOLS = "Set up the studio environment (Tools, Studio environment), then come back: everything here is kept."
_ADVICE = {
    "the disk is full": "Make room on the disk and press the key: it goes on where it stopped.",
    "permission denied": "Choose a folder that you may write into, or allow it, and press the key.",
    "read-only": "Choose a folder that you may write into, and press the key.",
}
# Bytes with which nothing can be written any more.
_FULL = 1 << 16
_USUAL_ADVICE = "What was done is kept. Press the key to go on from there."


class WorkPanel(QWidget):
    """item: one of the results, as soon as it is there. done: all went well; what came out is in its folder. ended: not
    so.
    """

    started = Signal()
    item = Signal(object)
    skipped = Signal(str, str)  # path, reason
    warned = Signal(str)
    done = Signal()
    ended = Signal(object)  # Outcome
    again_asked = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = Elided(tokens)
        self.time_left = Elided(tokens)
        self.line = ProgressLine(tokens, "Progress")
        self.pause = Key(tokens, "Pause", small=True)
        self.stop = Key(tokens, "Stop", tip="Stop; what is done is kept", small=True)
        self.trouble = Trouble(tokens)
        self.pause.setCheckable(True)
        self._job: Job | None = None
        self._first: tuple[float, int] | None = None
        self._lay_out()
        self.pause.clicked.connect(lambda paused: self._ask("pause" if paused else "resume"))
        self.stop.clicked.connect(self.stop_work)
        self.trouble.retried.connect(self.again_asked)
        self._show_running(False)

    @property
    def running(self) -> bool:
        """Whether a command is at work."""
        return self._job is not None and self._job.running

    def start(self, folder: Path, arguments: Sequence[str]) -> bool:
        """Run `technogan dataset ARGUMENTS --run FOLDER`; False, and a word about it, where that cannot be."""
        tools = find_tools(DATASET)
        if tools is None:
            self.trouble.show_trouble(_NO_TOOLS, _GET_TOOLS, retry="Try again")
            return False
        try:
            self._begin(folder)
            (folder / EVENTS).unlink(missing_ok=True)
            self._start(tools, folder, arguments)
        except (TechnoganError, OSError) as error:
            self._show_running(False)
            self._explain(str(error), "")
            return False
        return True

    def attach(self, folder: Path) -> None:
        """Follow what an earlier window started, or take up how it ended."""
        self._begin(folder)
        assert self._job is not None
        self._job.attach()
        self._show_running(True)

    def stop_work(self) -> None:
        """Ask it to stop."""
        if self.running:
            self._ask("stop")
            self.time_left.setText("stopping")
            self.stop.setEnabled(False)

    def leave(self) -> None:
        """Follow it no more; it goes on."""
        if self._job is not None:
            self._job.leave()

    def _begin(self, folder: Path) -> None:
        self.leave()
        self.trouble.clear()
        self._first = None
        self._job = Job(folder, self)
        self._job.told.connect(self._told)
        self._job.ended.connect(self._ended)

    def _start(self, tools: Tools, folder: Path, arguments: Sequence[str]) -> None:
        assert self._job is not None
        self._show_running(True)
        self.said.setText("starting")
        self._job.start(tools, "dataset", *arguments, "--run", str(folder))
        self.started.emit()

    def _ask(self, word: Any) -> None:
        if self._job is not None:
            try:
                self._job.ask(word)
            except TechnoganError as error:
                self.trouble.show_trouble(str(error))

    def _told(self, event: Event) -> None:
        match event["event"]:
            case "progress":
                self._show_progress(str(event.get("what", "")), int(event.get("done", 0)), int(event.get("total", 0)))
            case "item":
                self.item.emit(event.get("value"))
            case "skipped":
                self.skipped.emit(str(event.get("path", "")), str(event.get("message", "")))
            case "warning":
                self.warned.emit(str(event.get("message", "")))
            case "paused" | "resumed" as word:
                self.pause.setChecked(word == "paused")
                self.time_left.setText("paused" if word == "paused" else "")
                self._first = None

    def _show_progress(self, what: str, done: int, total: int) -> None:
        self.line.show_progress(done / total if total else 0.0)
        self.said.setText(f"{done} of {several(total, what.removesuffix('s'))}" if total else f"looking for {what}")
        now = time.monotonic()
        if self._first is None or done <= self._first[1]:
            self._first = (now, done)
            self.time_left.setText("")
        elif total and self.stop.isEnabled():
            began, first = self._first
            self.time_left.setText(left((now - began) / (done - first) * (total - done)))

    def _ended(self, outcome: Outcome) -> None:
        self._show_running(False)
        if outcome.kind == "done":
            self.done.emit()
            return
        if outcome.kind == "stopped":
            advice = "What was done is kept."
            self.trouble.show_trouble("Stopped.", advice, retry="Go on", tone="caution")
        else:
            # A process cannot tell of a full disk on that disk.
            self._explain("the disk is full" if self._disk_is_full() else outcome.message, outcome.details)
        self.ended.emit(outcome)

    def _disk_is_full(self) -> bool:
        assert self._job is not None
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self._job.folder).free < _FULL
        return False

    def _explain(self, message: str, details: str) -> None:
        advice = next((text for words, text in _ADVICE.items() if words in message), _USUAL_ADVICE)
        self.trouble.show_trouble(message[:1].upper() + message[1:], advice, details=details, retry="Go on")

    def _show_running(self, running: bool) -> None:
        for widget in (self.said, self.time_left, self.line, self.pause, self.stop):
            widget.setVisible(running)
        self.stop.setEnabled(True)
        self.pause.setChecked(False)
        self.time_left.setText("")
        self.line.show_progress(0.0 if running else None)

    def _lay_out(self) -> None:
        self.said.setMinimumWidth(160)
        self.time_left.setMinimumWidth(150)
        row = QHBoxLayout()
        row.setSpacing(3 * GRID)
        row.addWidget(self.said)
        row.addWidget(self.line, 1)
        row.addWidget(self.time_left)
        row.addWidget(self.pause)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addLayout(row)
        column.addWidget(self.trouble)
