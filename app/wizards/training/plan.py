"""What the pages of the training wizard share: what is to be trained, how, and the run that is followed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.wizards.training.facts import DatasetFacts, read_dataset
from app.wizards.training.runs import Choices, RunFacts, new_folder, read_run, safe_name
from technogan.errors import SourceError


class Plan(QObject):
    """In the GUI thread. folder: of the run that is followed, which may not have begun yet; None for no run."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.dataset: DatasetFacts | None = None
        self.choices = Choices()
        self.name = ""
        self.folder: Path | None = None

    def use_dataset(self, folder: Path) -> None:
        """Train on this one. Raises SourceError where it is none."""
        self.dataset = read_dataset(folder)
        self.changed.emit()

    def follow(self, folder: Path | None) -> None:
        """This run and its dataset, if that is still there; None for a new run."""
        self.folder = folder
        run = self.run
        if run is not None:
            self.name = run.name
            try:
                self.dataset = read_dataset(run.dataset)
            except SourceError:
                self.dataset = None
        self.changed.emit()

    @property
    def run(self) -> RunFacts | None:
        """What is known of the run; None where it has not begun, or cannot be read."""
        if self.folder is None:
            return None
        try:
            return read_run(self.folder)
        except SourceError:
            return None

    @property
    def run_name(self) -> str:
        """What a new run will be called."""
        return safe_name(self.name) or (safe_name(self.dataset.folder.name) if self.dataset else "") or "training"

    def begin(self) -> Path:
        """The folder for a new run, which is followed from now on."""
        if self.folder is None:
            self.folder = new_folder(self.run_name)
        return self.folder
