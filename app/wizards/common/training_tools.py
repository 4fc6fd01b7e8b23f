"""The page that installs, checks, repairs and removes the training tools."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot

from app.training_tools.environment import EnvironmentState, ToolsEnvironment
from app.training_tools.install_sources import TrainingToolsError, find_sources
from app.training_tools.installer import DISK_MB, DOWNLOAD_MB, ReportStep, check, set_up
from app.training_tools.tools import TRAINING, find_tools, tools_dir
from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import Tokens
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.page import Page
from app.wizards.common.text import Body
from app.workers.tasks import TaskQueue
from technogan.progress import Stop

_STATUS: dict[EnvironmentState, str] = {
    "absent": "Not installed.",
    "incomplete": "Installation was interrupted. Click Resume to continue.",
    "outdated": "Installed by an earlier version of TechnoGAN. Reinstall them; your datasets and runs are kept.",
    "ready": "Installed and ready.",
}
_BUNDLED_STATUS = "This Python environment already contains everything: nothing to install."
_INSTALL_TEXT: dict[EnvironmentState, str] = {
    "absent": "Install",
    "incomplete": "Resume",
    "outdated": "Reinstall",
    "ready": "Repair",
}


class TrainingToolsPage(Page):
    """A page that is complete once the wizard's commands can import their modules."""

    name, step = "tools", "Tools"
    heading = "Training tools"
    lead = (
        "Analysing tracks and training a network require TensorFlow and other large packages, which the instrument "
        "itself does not. They are installed once, in their own folder; nothing else on this machine changes."
    )

    _step_reported = Signal(str, object)  # text, float or None; emitted in the thread of the installer

    def __init__(self, tokens: Tokens, modules: Sequence[str] = TRAINING) -> None:
        super().__init__(tokens)
        self._modules = modules
        self._environment = ToolsEnvironment(tools_dir())
        self._background: TaskQueue | None = None
        self.status = Body(tokens)
        self.cost = Body(tokens, tone="quiet")
        self.progress = ProgressLine(tokens, "Installing")
        self.current_step = Body(tokens, tone="quiet")
        self.install = Button(tokens, "Install", primary=True)
        self.cancel = Button(tokens, "Cancel", tip="Stop; downloads are kept")
        self.check = Button(tokens, "Check", tip="Import every package once")
        self.remove = Button(tokens, "Remove", tip="Delete the tools; datasets, runs and models are kept")
        self.error_panel = ErrorPanel(tokens)
        self._lay_out(tokens)
        self._step_reported.connect(self._show_step)
        self.install.clicked.connect(self.set_up)
        self.error_panel.retry_requested.connect(self.set_up)
        self.cancel.clicked.connect(self._cancel)
        self.check.clicked.connect(lambda: self._run("check", partial(check, self._environment)))
        self.remove.clicked.connect(lambda: self._run("remove", self._remove))
        self._show()

    def complete(self) -> bool:
        return not self.busy and find_tools(self._modules) is not None

    def enter(self) -> None:
        self._show()

    def close_page(self) -> None:
        """Stop an installation; it can be resumed later."""
        if self._background is not None:
            self._background.close()
            self._background = None

    @property
    def busy(self) -> bool:
        """True while the tools are being installed, checked or removed."""
        return self._background is not None and self._background.busy

    def set_up(self) -> None:
        """Install or repair the tools."""
        self._run("set up", lambda report, stop: set_up(self._environment, find_sources(), report, stop))

    def _run(self, what: str, work: Callable[[ReportStep, Stop], None]) -> None:
        if self.busy:
            return
        self.error_panel.clear()
        if self._background is None:
            self._background = TaskQueue("training-tools")
            self._background.failed.connect(self._show_error)
            self._background.idle.connect(self._show)
        report_step = self._step_reported.emit
        self._background.submit(what, lambda _progress, stop: work(report_step, stop), lambda _: None)
        self._show()

    def _remove(self, report_step: ReportStep, _stop: Stop) -> None:
        report_step("Deleting…", None)
        self._environment.remove()

    def _cancel(self) -> None:
        if self._background is not None:
            self._background.cancel()
        self.current_step.setText("Stopping…")

    def _show_error(self, _what: str, error: Exception) -> None:
        advice = error.advice if isinstance(error, TrainingToolsError) else "Nothing else was changed."
        details = error.details if isinstance(error, TrainingToolsError) else repr(error)
        self.error_panel.show_message(str(error), advice, details=details, retry="Try again")

    @Slot(str, object)
    def _show_step(self, text: str, done: float | None) -> None:
        self.current_step.setText(text)
        self.progress.show_progress(0.02 if done is None else max(0.02, done))

    def _show(self) -> None:
        state, busy = self._environment.state, self.busy
        available = find_tools(self._modules) is not None
        bundled = available and state != "ready"
        self.status.setText(_BUNDLED_STATUS if bundled else _STATUS[state])
        self.status.set_tone("good" if available else "text")
        self.cost.setText(
            f"Downloads about {DOWNLOAD_MB} MB and takes {DISK_MB / 1000:.1f} GB on disk (measured on Linux): "
            f"a few minutes on a fast connection. Folder: {self._environment.folder}"
        )
        self.cost.setVisible(not bundled)
        self.install.setText(_INSTALL_TEXT[state])
        self.install.updateGeometry()
        self.install.setVisible(not busy and not bundled)
        self.cancel.setVisible(busy)
        self.check.setVisible(not busy and state == "ready")
        self.remove.setVisible(not busy and state != "absent")
        self.progress.setVisible(busy)
        self.current_step.setVisible(busy)
        self.changed.emit()

    def _lay_out(self, tokens: Tokens) -> None:
        panel = Panel(tokens, "Training tools")
        buttons = make_row(self.install, self.cancel, self.check, self.remove, STRETCH)
        add_items(panel.body, self.status, self.cost, self.progress, self.current_step, buttons)
        add_items(self.body, panel, self.error_panel, STRETCH)
