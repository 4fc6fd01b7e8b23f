"""The welcome of the first run: the loop plays at once, and a card suggests five things to try.

A step is done when its effect has happened, by any means and in any order.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.controllers.playback import Playback
from app.controllers.recording import recordings_dir
from app.session.session import Session
from app.widgets.main_window import MainWindow
from app.widgets.tokens import Tokens
from app.widgets.welcome import WelcomeCard, WelcomeStep

_STEPS = (
    WelcomeStep("Space", "stops and restarts the loop"),
    WelcomeStep("drag", "across the bars to change the loop while it plays"),
    WelcomeStep("R", "makes a new random loop"),
    WelcomeStep("1 … 8", "keep the loop in a slot; keep two"),
    WelcomeStep("X", "morphs from one slot to the other"),
)
_PLAY, _BEND, _RANDOM, _KEEP, _MORPH = range(len(_STEPS))
_KEPT = 2


class FirstRun(QObject):
    """Shows the welcome card and follows its steps, in the GUI thread. The card exists only while it is shown."""

    closed = Signal()

    def __init__(self, window: MainWindow, session: Session, playback: Playback, tokens: Callable[[], Tokens]) -> None:
        super().__init__()
        self._window, self._session, self._playback, self._tokens = window, session, playback, tokens
        self._card: WelcomeCard | None = None
        self._done = [False] * len(_STEPS)
        self._starting = False
        self._morph = session.state.morph.position
        session.loop_changed.connect(self._start_playback)
        playback.running_changed.connect(lambda _running: self._finish_step(_PLAY))
        window.seed.bars.gesture_ended.connect(lambda: self._finish_step(_BEND))
        session.undo_stack.indexChanged.connect(self._follow_undo)
        session.slot_changed.connect(lambda _slot: self._follow_slots())
        session.morph_changed.connect(self._follow_morph)

    @property
    def shown(self) -> bool:
        """True if the card is shown."""
        return self._card is not None

    def begin(self, *, play: bool = False) -> None:
        """Show the card. play: start the loop as soon as there is one."""
        if self._card is None:
            self._card = WelcomeCard(
                self._tokens(), _STEPS, _places(), self._window.loop, self._window.centralWidget() or self._window
            )
            self._card.closed.connect(self.close)
        self._done = [False] * len(_STEPS)
        self._starting = play
        self._card.show()
        self._show()
        if self._session.loop is not None:
            self._start_playback()

    def close(self) -> bool:
        """Remove the card. Returns whether it was shown."""
        card, self._card = self._card, None
        if card is None:
            return False
        for widget in (card.outline, card):
            widget.hide()
            widget.deleteLater()
        self.closed.emit()
        return True

    def _start_playback(self, _loop: object = None) -> None:
        if self._starting and not self._playback.running:
            self._playback.run(True)
            self._done[_PLAY] = False
            self._show()
        self._starting = False

    def _follow_undo(self, _index: int) -> None:
        if self.shown and self._session.undo_stack.undoText() == "Randomise":
            self._finish_step(_RANDOM)

    def _follow_slots(self) -> None:
        if sum(slot.clip is not None for slot in self._session.state.slots) >= _KEPT:
            self._finish_step(_KEEP)

    def _follow_morph(self, _morph: object) -> None:
        before, self._morph = self._morph, self._session.state.morph.position
        # With an empty slot, the crossfader moves but the sound stays.
        if self._morph != before and self._session.morph_ends() is not None:
            self._finish_step(_MORPH)

    def _finish_step(self, step: int) -> None:
        if self._card is not None and not self._done[step]:
            self._done[step] = True
            self._show()

    def _show(self) -> None:
        if self._card is not None:
            following = self._done.index(False) if False in self._done else None
            self._card.show_progress(self._done, None if following is None else self._targets()[following])

    def _targets(self) -> tuple[QWidget, ...]:
        window = self._window
        return window.transport.play, window.seed.bars, window.seed.random, window.slots, window.morph.crossfader


def _places() -> str:
    return (
        "Drag a slot out of the window to get a WAV file, exactly on tempo. Recordings (Ctrl+R) go to "
        f"{recordings_dir()}. The session is saved automatically. Hover over a control to see its key."
    )
