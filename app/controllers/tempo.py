"""The tempo, set directly or tapped."""

import time

from app.audio.tap_tempo import TapTempo
from app.notifications import Notifications
from app.session.session import Session


class TempoController:
    """Sets the tempo of the session."""

    def __init__(self, session: Session, notifications: Notifications) -> None:
        self._session, self._notifications = session, notifications
        self._taps = TapTempo()

    def set(self, bpm: float) -> None:
        """Set the tempo, or report that it is out of range."""
        self._notifications.attempt(self._session.set_bpm, bpm)

    def tap(self) -> None:
        """Register a tap; each tap after the first sets the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None:
            self.set(bpm)
