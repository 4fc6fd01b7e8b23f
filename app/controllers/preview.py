"""Preview of loops that are not part of the session, through the instrument's output and at its tempo."""

from PySide6.QtCore import QObject, Signal

from app.audio.interface import AnyPlayer
from app.controllers.playback import Playback
from technogan.sound.loop import Loop


class Preview(QObject):
    """Plays a loop on its own voice and mutes everything else. Only the GUI thread calls it.

    Signal: `changed` when `playing` changes.
    """

    changed = Signal()

    def __init__(self, playback: Playback, player: AnyPlayer, voice: int) -> None:
        super().__init__()
        self._playback, self._player, self._voice = playback, player, voice
        self._started_clock = False
        # The key that the caller gave; None while nothing plays.
        self.playing: object | None = None
        playback.running_changed.connect(self._clock_changed)

    def play(self, loop: Loop, key: object) -> None:
        """Play a loop until `stop`. key: the value of `playing` until then."""
        self._player.set_loop(self._voice, loop)
        mixer = self._player.mixer
        mixer.set_solo(self._voice, True)
        mixer.start(self._voice)
        self.playing = key
        if not self._playback.running:
            self._started_clock = True
            self._playback.run(True)
        self.changed.emit()

    def stop(self) -> None:
        """Stop, and let everything else be heard again."""
        if self.playing is None:
            return
        self.playing = None
        self._player.mixer.stop(self._voice)
        self._player.mixer.set_solo(self._voice, False)
        if self._started_clock:
            self._started_clock = False
            self._playback.run(False)
        self.changed.emit()

    def _clock_changed(self, running: bool) -> None:
        """Stop the preview when the clock stops."""
        if not running:
            self._started_clock = False
            self.stop()
