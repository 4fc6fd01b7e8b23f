"""The first run: the loop plays at once, and five things to do are told beside where they are done.

A step counts as done when it was done, by whatever means; the order is the musician's own.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.controllers.playback import Sound
from app.session.session import Session
from app.settings.paths import recordings_dir
from app.widgets.main_window import MainWindow
from app.widgets.tokens import Tokens
from app.widgets.welcome import Step, WelcomeCard

_STEPS = (
    Step("Space", "stops the loop and starts it again"),
    Step("drag", "across the bars: the loop bends while it plays"),
    Step("R", "dreams another loop"),
    Step("1 … 8", "keep it in a slot; keep two"),
    Step("X", "morphs from one to the other"),
)
_PLAY, _BEND, _DREAM, _KEEP, _MORPH = range(len(_STEPS))
_KEPT = 2


class Welcome(QObject):
    """In the GUI thread. It is made when it is wanted, and forgotten when it is closed."""

    def __init__(self, window: MainWindow, session: Session, sound: Sound, tokens: Callable[[], Tokens]) -> None:
        super().__init__()
        self._window, self._session, self._sound, self._tokens = window, session, sound, tokens
        self._card: WelcomeCard | None = None
        self._done = [False] * len(_STEPS)
        self._starting = False
        self._morph = session.state.morph.position
        session.loop_changed.connect(self._loop_came)
        sound.running_changed.connect(lambda _running: self._did(_PLAY))
        window.seed.bars.gesture_ended.connect(lambda: self._did(_BEND))
        session.undo_stack.indexChanged.connect(self._undoable)
        session.slot_changed.connect(lambda _slot: self._kept())
        session.morph_changed.connect(self._morphed)

    @property
    def shown(self) -> bool:
        """Whether the card is there."""
        return self._card is not None

    def begin(self, *, play: bool = False) -> None:
        """Show the card. play: start the loop, as soon as there is one."""
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
            self._loop_came()

    def close(self) -> bool:
        """Take the card away; returns whether it was there."""
        card, self._card = self._card, None
        if card is None:
            return False
        for widget in (card.outline, card):
            widget.hide()
            widget.deleteLater()
        return True

    def _loop_came(self, _loop: object = None) -> None:
        if self._starting and not self._sound.running:
            self._sound.run(True)
            self._done[_PLAY] = False
            self._show()
        self._starting = False

    def _undoable(self, _index: int) -> None:
        if self.shown and self._session.undo_stack.undoText() == "Randomise":
            self._did(_DREAM)

    def _kept(self) -> None:
        if sum(slot.clip is not None for slot in self._session.state.slots) >= _KEPT:
            self._did(_KEEP)

    def _morphed(self, _morph: object) -> None:
        before, self._morph = self._morph, self._session.state.morph.position
        if self._morph != before:
            self._did(_MORPH)

    def _did(self, step: int) -> None:
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
        "A slot dragged out of the window is a WAV file, exactly on tempo. Recordings (Ctrl+R) go to "
        f"{recordings_dir()}. The session saves itself. Rest the pointer on anything to learn its key."
    )
