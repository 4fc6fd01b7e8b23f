"""Hearing a loop that is no part of the session yet, through the instrument's own output and at its tempo."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.audio.remote_player import AnyPlayer
from app.controllers.playback import Sound
from technogan.sound.loop import Loop


class Audition(QObject):
    """In the GUI thread, on a voice of its own. While it plays nothing else is heard. changed: `playing` has."""

    changed = Signal()

    def __init__(self, sound: Sound, player: AnyPlayer, voice: int) -> None:
        super().__init__()
        self._sound, self._player, self._voice = sound, player, voice
        self._started_clock = False
        # What the asker called it; None while nothing plays.
        self.playing: object | None = None
        sound.running_changed.connect(self._clock_changed)

    def play(self, loop: Loop, key: object) -> None:
        """Hear this loop, round and round. key: what `playing` is meanwhile."""
        self._player.set_loop(self._voice, loop)
        mixer = self._player.mixer
        mixer.set_solo(self._voice, True)
        mixer.start(self._voice)
        self.playing = key
        if not self._sound.running:
            self._started_clock = True
            self._sound.run(True)
        self.changed.emit()

    def stop(self) -> None:
        """Back to what was heard before."""
        if self.playing is None:
            return
        self.playing = None
        self._player.mixer.stop(self._voice)
        self._player.mixer.set_solo(self._voice, False)
        if self._started_clock:
            self._started_clock = False
            self._sound.run(False)
        self.changed.emit()

    def _clock_changed(self, running: bool) -> None:
        """Whoever stops everything stops this, too."""
        if not running:
            self._started_clock = False
            self.stop()
