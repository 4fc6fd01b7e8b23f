"""The base classes of the dataset wizard's pages: a page on a project, and a page that runs commands."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from app.wizards.common.job_panel import JobPanel
from app.wizards.common.page import Page
from app.wizards.dataset.project_store import ProjectStore
from app.workers.tasks import Task
from technogan.errors import TechnoganError
from technogan.progress import Progress, Stop

T = TypeVar("T")


class ProjectPage(Page):
    """A page on a project, which calls `show_project` when the project may have changed while the page is visible."""

    def __init__(self, store: ProjectStore) -> None:
        self.store = store
        self.is_shown = False
        super().__init__(store.host.tokens)
        store.changed.connect(self._project_changed)

    def show_project(self) -> None:
        """Show the current state of the project."""

    def enter(self) -> None:
        self.is_shown = True
        if self.store.project is not None:
            self.show_project()

    def leave(self) -> None:
        self.is_shown = False
        self.store.host.preview.stop()

    def submit(
        self,
        what: str,
        work: Callable[[Progress, Stop], T],
        done: Callable[[T], None],
        failed: Callable[[TechnoganError], None] | None = None,
    ) -> Task:
        """Run work in the background, then call `done` with its result, or `failed`; by default, show the error."""
        return self.store.host.submit(what, work, done, failed or (lambda error: self.store.failed.emit(str(error))))

    @contextlib.contextmanager
    def show_errors(self) -> Iterator[None]:
        """Show a TechnoganError at the bottom of the window rather than raise it."""
        try:
            yield
        except TechnoganError as error:
            self.store.failed.emit(str(error))

    def _project_changed(self) -> None:
        if not self.is_shown:
            return  # the visible page reports the change for all
        if self.store.project is not None:
            self.show_project()
        self.changed.emit()


class JobPage(ProjectPage):
    """A page that runs commands of `technogan dataset`, named in `commands`, one after another."""

    commands: ClassVar[tuple[str, ...]]

    def __init__(self, store: ProjectStore) -> None:
        super().__init__(store)
        self.job_panel = JobPanel(store.host.tokens)
        self.command = ""
        self.job_panel.item_received.connect(self._take_item)
        self.job_panel.skipped.connect(lambda path, reason: self.take_skipped(self.command, path, reason))
        self.job_panel.finished.connect(self._finish)
        self.job_panel.interrupted.connect(self._clear_pending)
        self.job_panel.retry_requested.connect(self.begin)

    def begin(self) -> None:
        """Start or resume the work of the page."""

    def take_item(self, command: str, value: Any) -> None:
        """Handle an item of the result."""

    def take_skipped(self, command: str, path: str, reason: str) -> None:
        """Handle an input that was left out."""

    def take_result(self, command: str) -> None:
        """Handle the result of a finished command, which is in its run folder."""

    def enter(self) -> None:
        """Show the page, and follow a command that an earlier window started."""
        super().enter()
        project = self.store.project
        if project is None or self.job_panel.running:
            return
        for command in self.commands:
            if command in project.pending:
                self.command = command
                self.job_panel.attach(self.store.run_folder(command))
                return

    def run_command(self, command: str, arguments: Sequence[str]) -> None:
        """Start a command of `technogan dataset`."""
        self.command = command
        if self.job_panel.start(self.store.run_folder(command), [command, *arguments]):
            self.store.set_project(self.store.current.with_pending(command))

    def close_page(self) -> None:
        self.job_panel.detach()

    def _take_item(self, value: Any) -> None:
        with self.show_errors():
            self.take_item(self.command, value)

    def _finish(self) -> None:
        self._clear_pending()
        self.take_result(self.command)

    def _clear_pending(self) -> None:
        self.store.set_project(self.store.current.without_pending(self.command))
