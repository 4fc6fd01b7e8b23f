"""The state that the pages of the training wizard share: the dataset, the options and the run that is followed."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.wizards.training.dataset_info import DatasetInfo, read_dataset
from app.wizards.training.runs import (
    TrainingOptions,
    TrainingRun,
    free_run_name,
    new_run_folder,
    read_run,
    safe_run_name,
)
from technogan.errors import SourceError


class TrainingPlan(QObject):
    """The plan of a training run: the dataset, the options and the run to follow.

    Attributes:
        changed: emitted when any of it changes.
        dataset: the dataset to train on, if it is there.
        options: the options of a new run.
        name: the name of the model as the user entered it.
        folder: the folder of the run that is followed, which may not have begun; None for a new run.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.dataset: DatasetInfo | None = None
        self.options = TrainingOptions()
        self.name = ""
        self.folder: Path | None = None

    def use_dataset(self, folder: Path) -> None:
        """Train on this dataset. Raises SourceError if it cannot be read."""
        self.dataset = read_dataset(folder)
        self.changed.emit()

    def follow(self, folder: Path | None) -> None:
        """Follow this run and use its dataset, if that is still there; None for a new run."""
        self.folder = folder
        run = self.run
        if run is not None:
            try:
                self.dataset = read_dataset(run.dataset)
            except SourceError:
                self.dataset = None
        self.changed.emit()

    @property
    def run(self) -> TrainingRun | None:
        """The run that is followed; None if it has not begun or cannot be read."""
        if self.folder is None:
            return None
        try:
            return read_run(self.folder)
        except SourceError:
            return None

    @property
    def run_name(self) -> str:
        """The name of the run that is followed, or the name that a new one gets, which no other run has."""
        if self.folder is not None:
            return self.folder.name
        from_dataset = safe_run_name(self.dataset.folder.name) if self.dataset else ""
        return free_run_name(safe_run_name(self.name) or from_dataset or "training")

    def use_folder(self) -> Path:
        """Return the folder of the run, a new one for a new run."""
        if self.folder is None:
            self.folder = new_run_folder(self.run_name)
        return self.folder
