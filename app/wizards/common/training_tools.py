"""The page that sets up the training tools, and checks, repairs and removes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.training_tools.environment import State, Studio
from app.training_tools.installer import DISK_MB, DOWNLOAD_MB, Tell, check, set_up
from app.training_tools.supplies import StudioError, find_supplies
from app.training_tools.tools import TRAINING, find_tools, studio_dir
from app.widgets.button import Key
from app.widgets.panel import Panel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.error_panel import Trouble
from app.wizards.common.page import Page
from app.wizards.common.text import Body
from app.workers.tasks import Background
from technogan.progress import Stop

_WORDS: dict[State, str] = {
    "absent": "They are not set up yet.",
    "half-made": "They are half set up: something stopped it. Go on, and what is missing is added.",
    "outdated": "They are of an earlier TechnoGAN. Set them up again; your datasets and runs stay.",
    "ready": "They are set up and ready.",
}


class _Said(QObject):
    """Carries what the installer says from its thread into the GUI's."""

    said = Signal(str, object)  # text, float or None

    def __init__(self, hear: Callable[[str, float | None], None]) -> None:
        super().__init__()
        self._hear = hear
        self.said.connect(self._pass_on)

    @Slot(str, object)
    def _pass_on(self, text: str, done: float | None) -> None:
        self._hear(text, done)


class StudioPage(Page):
    """modules: what the wizard's commands import."""

    name, step = "tools", "Tools"
    heading = "The training tools"
    lead = (
        "Listening to tracks and training a network need TensorFlow and other large tools, which the instrument itself "
        "does without. They are set up once, in a folder of their own, and nothing else on this machine is touched."
    )

    def __init__(self, tokens: Tokens, modules: Sequence[str] = TRAINING, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._modules = modules
        self._studio = Studio(studio_dir())
        self._background: Background | None = None
        self._said = _Said(self._hear)
        self.standing = Body(tokens)
        self.cost = Body(tokens, tone="quiet")
        self.progress = ProgressLine(tokens, "Setting up")
        self.doing = Body(tokens, tone="quiet")
        self.install = Key(tokens, "Set up", primary=True)
        self.cancel = Key(tokens, "Cancel", tip="Stop; what was downloaded is kept")
        self.check = Key(tokens, "Check", tip="Load everything once")
        self.remove = Key(tokens, "Remove", tip="Delete the tools; datasets, runs and models stay")
        self.trouble = Trouble(tokens)
        self._lay_out(tokens)
        self.install.clicked.connect(self.set_up)
        self.trouble.retried.connect(self.set_up)
        self.cancel.clicked.connect(self._cancel)
        self.check.clicked.connect(lambda: self._do("check", lambda tell, stop: check(self._studio, tell, stop)))
        self.remove.clicked.connect(lambda: self._do("remove", self._remove))
        self._show()

    def complete(self) -> bool:
        return not self.busy and find_tools(self._modules) is not None

    def enter(self) -> None:
        self._show()

    def close_page(self) -> None:
        """A set-up ends; it goes on where it was another time."""
        if self._background is not None:
            self._background.close()
            self._background = None

    @property
    def busy(self) -> bool:
        """Whether something goes on."""
        return self._background is not None and self._background.busy

    def set_up(self) -> None:
        """Make the environment, or mend it."""
        self._do("set up", lambda tell, stop: set_up(self._studio, find_supplies(), tell, stop))

    def _do(self, what: str, work: Callable[[Tell, Stop], None]) -> None:
        if self.busy:
            return
        self.trouble.clear()
        if self._background is None:
            self._background = Background("studio")
            self._background.failed.connect(self._failed)
            self._background.idle.connect(self._show)
        tell = self._said.said.emit
        self._background.submit(what, lambda _progress, stop: work(tell, stop), lambda _: None)
        self._show()

    def _remove(self, tell: Tell, _stop: Stop) -> None:
        tell("Deleting", None)
        self._studio.remove()

    def _cancel(self) -> None:
        if self._background is not None:
            self._background.cancel()
        self.doing.setText("Stopping…")

    def _failed(self, _what: str, error: Exception) -> None:
        advice = error.advice if isinstance(error, StudioError) else "Nothing else was touched."
        details = error.details if isinstance(error, StudioError) else repr(error)
        self.trouble.show_trouble(str(error), advice, details=details, retry="Try again")

    def _hear(self, text: str, done: float | None) -> None:
        self.doing.setText(text)
        self.progress.show_progress(0.02 if done is None else max(0.02, done))

    def _show(self) -> None:
        state, busy = self._studio.state, self.busy
        own = find_tools(self._modules)
        here = own is not None and state != "ready"
        self.standing.setText(
            "This environment has everything that is needed; nothing has to be set up." if here else _WORDS[state]
        )
        self.standing.set_tone("good" if own is not None else "text")
        self.cost.setText(
            f"About {DOWNLOAD_MB} MB are downloaded and {DISK_MB / 1000:.1f} GB taken on the disk (measured on Linux); "
            f"a few minutes on a good line. Folder: {self._studio.folder}"
        )
        self.cost.setVisible(not here)
        self.install.setText(
            {"absent": "Set up", "half-made": "Go on", "outdated": "Set up again"}.get(state, "Repair")
        )
        self.install.updateGeometry()
        self.install.setVisible(not busy and not here)
        self.cancel.setVisible(busy)
        self.check.setVisible(not busy and state == "ready")
        self.remove.setVisible(not busy and state != "absent")
        self.progress.setVisible(busy)
        self.doing.setVisible(busy)
        self.changed.emit()

    def _lay_out(self, tokens: Tokens) -> None:
        panel = Panel(tokens, "Studio environment")
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        for key in (self.install, self.cancel, self.check, self.remove):
            row.addWidget(key)
        row.addStretch(1)
        for widget in (self.standing, self.cost, self.progress, self.doing):
            panel.body.addWidget(widget)
        panel.body.addLayout(row)
        self.body.addWidget(panel)
        self.body.addWidget(self.trouble)
        self.body.addStretch(1)
