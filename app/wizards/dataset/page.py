"""What the pages of the dataset wizard have in common: the bench, and a command that one of them runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtWidgets import QWidget

from app.wizards.common.job_panel import WorkPanel
from app.wizards.common.page import Page
from app.wizards.dataset.project_store import Bench
from technogan.errors import TechnoganError


class DatasetPage(Page):
    """A page on a project. A child shows the project in `show_project`, which is called whenever it may have changed
    while the page is seen.
    """

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        self.bench = bench
        self.seen = False
        super().__init__(bench.desk.tokens, parent)
        bench.changed.connect(self._changed)

    def show_project(self) -> None:
        """Show what is known now."""

    def enter(self) -> None:
        """See Page."""
        self.seen = True
        if self.bench.project is not None:
            self.show_project()

    def leave(self) -> None:
        """See Page."""
        self.seen = False
        self.bench.desk.audition.stop()

    def _changed(self) -> None:
        if not self.seen:
            return  # one of them speaks for all
        if self.bench.project is not None:
            self.show_project()
        self.changed.emit()


class WorkPage(DatasetPage):
    """A page with a command. commands: what it runs, one after another, by their names."""

    commands: ClassVar[tuple[str, ...]]

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(bench, parent)
        self.work = WorkPanel(bench.desk.tokens)
        self.command = ""
        self.work.item.connect(self._item)
        self.work.skipped.connect(self._skipped)
        self.work.done.connect(self._done)
        self.work.ended.connect(self._ended)
        self.work.again_asked.connect(self.begin)

    def begin(self) -> None:
        """Start what is to be done, or go on with it."""

    def take_item(self, command: str, value: Any) -> None:
        """One of the results is there."""

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """Something was left out."""

    def take_result(self, command: str) -> None:
        """A command has ended well; what came out is in its run folder."""

    def enter(self) -> None:
        """See Page. What an earlier window started is followed."""
        super().enter()
        project = self.bench.project
        if project is None or self.work.running:
            return
        for command in self.commands:
            if command in project.pending:
                self.command = command
                self.work.attach(self.bench.run_folder(command))
                return

    def run_command(self, command: str, arguments: Sequence[str]) -> None:
        """Start a command of `technogan dataset`."""
        self.command = command
        if self.work.start(self.bench.run_folder(command), [command, *arguments]):
            self.bench.put(self.bench.now.began(command))

    def close_page(self) -> None:
        """See Page. The command goes on without a window."""
        self.work.leave()

    def _item(self, value: Any) -> None:
        try:
            self.take_item(self.command, value)
        except TechnoganError as error:
            self.bench.troubled.emit(str(error))

    def _skipped(self, path: str, reason: str) -> None:
        self.take_skipped(self.command, path, reason)

    def _done(self) -> None:
        self.bench.put(self.bench.now.halted(self.command))
        self.take_result(self.command)

    def _ended(self, _outcome: object) -> None:
        self.bench.put(self.bench.now.halted(self.command))
