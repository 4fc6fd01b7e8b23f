"""The services that the instrument offers to a wizard."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.controllers.preview import Preview
from app.widgets.tokens import Tokens
from app.workers.tasks import Task, TaskQueue
from technogan.errors import Cancelled, TechnoganError
from technogan.progress import Progress, Stop

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Host:
    """The services that the instrument offers to a wizard.

    Attributes:
        tokens: the theme at the time a window is made.
        folder: where the wizards keep their state.
        preview: plays loops through the instrument.
        background: runs work outside the GUI thread.
        use_model: loads the installed model of this name into the instrument.
        train_on: opens the training wizard with the dataset in this folder.
    """

    tokens: Tokens
    folder: Path
    preview: Preview
    background: TaskQueue
    use_model: Callable[[str], None]
    train_on: Callable[[Path], None]

    def submit(
        self,
        what: str,
        work: Callable[[Progress, Stop], T],
        done: Callable[[T], None],
        failed: Callable[[TechnoganError], None],
    ) -> Task:
        """Run work in the background; then call `done` with its result, or `failed`, in the GUI thread."""

        def attempt(progress: Progress, stop: Stop) -> T | TechnoganError:
            try:
                return work(progress, stop)
            except Cancelled:
                raise
            except TechnoganError as error:
                return error

        def deliver(result: T | TechnoganError) -> None:
            if isinstance(result, TechnoganError):
                failed(result)
            else:
                done(result)

        return self.background.submit(what, attempt, deliver)
