"""The windows of the Tools menu: each is made when it is first opened and closes with the instrument."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.preview import Preview
from app.notifications import Notifications
from app.settings.paths import state_dir
from app.widgets.themed import restyle_all
from app.widgets.tokens import Tokens
from app.wizards.common.host import Host
from app.wizards.common.wizard import Wizard
from app.workers.tasks import TaskQueue

_MAX_RUNS = 12


class ToolWindows(QObject):
    """Opens the wizards, in the GUI thread. use_model: as in `Host`."""

    def __init__(
        self,
        preview: Preview,
        notifications: Notifications,
        tokens: Callable[[], Tokens],
        use_model: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._preview, self._tokens, self._use_model = preview, tokens, use_model
        self._notifications = notifications
        self._tasks = TaskQueue("tools")
        self._tasks.failed.connect(lambda what, error: notifications.error(error, what))
        self._open: dict[str, Wizard] = {}

    def open_dataset(self) -> None:
        """Open the dataset wizard."""
        from app.wizards.dataset.wizard import DatasetWizard

        self._show("dataset", DatasetWizard)

    def open_training(self, dataset: Path | None = None) -> None:
        """Open the training wizard. dataset: the folder to select in it."""
        from app.wizards.training.wizard import TrainingWizard

        wizard = self._show("training", TrainingWizard)
        if dataset is not None and isinstance(wizard, TrainingWizard):
            wizard.train_on(dataset)

    def open_tools(self) -> None:
        """Open the window that installs, checks, repairs and removes the training tools."""
        from app.wizards.common.training_tools import TrainingToolsPage

        self._show(
            "tools",
            lambda host: Wizard(
                host.tokens, "Training tools", [TrainingToolsPage(host.tokens)], host.folder / "tools.json"
            ),
        )

    def look_for_runs(self) -> None:
        """Report training that was started earlier and is still running."""
        from app.wizards.training.runs import list_runs

        def work(_progress: object, _stop: object) -> list[str]:
            return [run.name for run in list_runs()[:_MAX_RUNS] if run.running]

        def done(names: list[str]) -> None:
            if names:
                self._notifications.note(f"Still training: {', '.join(names)}. Press Ctrl+Shift+T to see it.")

        self._tasks.submit("looking for runs", work, done)

    def window_of(self, name: str) -> Wizard | None:
        """Return the window named dataset, training or tools; None before it was first opened."""
        return self._open.get(name)

    def restyle(self) -> None:
        """Apply the current theme."""
        for wizard in self._open.values():
            restyle_all(wizard, self._tokens())

    def close(self) -> None:
        """Close every window. Their jobs continue."""
        for wizard in self._open.values():
            wizard.close()
        self._tasks.close()

    def _show(self, name: str, make: Callable[[Host], Wizard]) -> Wizard:
        if name not in self._open:
            self._open[name] = make(self._host())
        self._open[name].show_wizard()
        return self._open[name]

    def _host(self) -> Host:
        folder = state_dir() / "wizards"
        return Host(self._tokens(), folder, self._preview, self._tasks, self._use_model, self.open_training)
