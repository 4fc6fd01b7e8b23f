"""The windows behind the Tools menu: made when they are first asked for, gone when the instrument is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.preview import Audition
from app.notifications import Notices
from app.settings.paths import state_dir
from app.widgets.tokens import Tokens
from app.wizards.common.host import Desk
from app.wizards.common.wizard import Wizard
from app.workers.tasks import Background

_LOOKED_AT = 12


class Workshop(QObject):
    """In the GUI thread. use_model: as in `Desk`."""

    def __init__(
        self, audition: Audition, notices: Notices, tokens: Callable[[], Tokens], use_model: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._audition, self._tokens, self._use_model = audition, tokens, use_model
        self._notices = notices
        self._background = Background("workshop")
        self._background.failed.connect(lambda what, error: notices.error(error, what))
        self._open: dict[str, Wizard] = {}

    def open_dataset(self) -> None:
        """The dataset wizard."""
        from app.wizards.dataset.wizard import DatasetWizard

        self._shown("dataset", DatasetWizard)

    def open_training(self, dataset: Path | None = None) -> None:
        """The training wizard; dataset: the folder it should train on."""
        from app.wizards.training.wizard import TrainingWizard

        wizard = self._shown("training", TrainingWizard)
        if dataset is not None and isinstance(wizard, TrainingWizard):
            wizard.choose(dataset)

    def open_tools(self) -> None:
        """The window that sets up, checks, repairs and removes the training tools."""
        from app.wizards.common.training_tools import StudioPage

        self._shown(
            "tools",
            lambda desk: Wizard(desk.tokens, "Training tools", [StudioPage(desk.tokens)], desk.folder / "tools.json"),
        )

    def look_for_runs(self) -> None:
        """Tell of a training that goes on from another time."""
        from app.wizards.training.runs import known_runs

        def work(_progress: object, _stop: object) -> list[str]:
            return [run.name for run in known_runs()[:_LOOKED_AT] if run.running]

        def done(names: list[str]) -> None:
            if names:
                self._notices.note(f"Still training: {', '.join(names)}. Ctrl+Shift+T shows it.")

        self._background.submit("looking for runs", work, done)

    def window_of(self, name: str) -> Wizard | None:
        """dataset, training or tools; None before it was first asked for."""
        return self._open.get(name)

    def restyle(self) -> None:
        """Another theme."""
        for wizard in self._open.values():
            wizard.restyle_window(self._tokens())

    def close(self) -> None:
        """Close every window; their jobs go on."""
        for wizard in self._open.values():
            wizard.close()
        self._background.close()

    def _shown(self, name: str, make: Callable[[Desk], Wizard]) -> Wizard:
        if name not in self._open:
            self._open[name] = make(self._desk())
        self._open[name].show_wizard()
        return self._open[name]

    def _desk(self) -> Desk:
        folder = state_dir() / "wizards"
        return Desk(self._tokens(), folder, self._audition, self._background, self._use_model, self.open_training)
