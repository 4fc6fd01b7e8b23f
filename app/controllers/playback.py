"""Passes every change of a slot, a level or the tempo from the session to the player."""

from PySide6.QtCore import QObject, Signal

from app.audio.interface import AnyPlayer
from app.audio.mixdown import When
from app.session.session import Session
from app.session.state import MIN_LEVEL_DB, Slot, Start, StemMix
from technogan.sound.loop import Loop

LIVE = 0

_WHEN: dict[Start, When] = {Start.now: "now", Start.beat: "beat", Start.bar: "bar"}


class Playback(QObject):
    """Controls the player, in the GUI thread. Voice 0 plays the live loop, voice n plays slot n."""

    running_changed = Signal(bool)

    def __init__(self, session: Session, player: AnyPlayer) -> None:
        super().__init__()
        self._session, self._player = session, player
        self.running = False
        self._sent = [Slot()] * len(session.state.slots)
        self._sent_stems: dict[tuple[int, str], float] = {}
        session.slot_changed.connect(self._slot_changed)
        session.live_changed.connect(self._live_changed)
        session.loop_changed.connect(self._loop_changed)
        session.bpm_changed.connect(player.set_tempo)
        self._live_changed()

    def run(self, running: bool) -> None:
        """Start or stop the clock."""
        if running != self.running:
            self.running = running
            self._player.mixer.run(running)
            self.running_changed.emit(running)

    def toggle(self) -> None:
        """Start the clock if it is stopped, else stop it."""
        self.run(not self.running)

    def play(self, index: int, playing: bool) -> None:
        """Start or stop a slot, quantised to the session's `start` setting. Starting a slot also starts the clock."""
        self._session.set_slot(index, playing=playing)
        if playing and self._session.state.slots[index].playing:
            self.run(True)

    def stop_all(self) -> None:
        """Stop all slots."""
        for i, slot in enumerate(self._session.state.slots):
            if slot.playing:
                self._session.set_slot(i, playing=False)

    def set_master(self, level_db: float) -> None:
        """Set the master level."""
        self._player.mixer.set_master(gain_of(level_db))

    def _slot_changed(self, index: int) -> None:
        slot, before = self._session.state.slots[index], self._sent[index]
        self._sent[index] = slot
        voice, mixer, when = index + 1, self._player.mixer, _WHEN[self._session.state.start]
        loop = slot.clip.loop if slot.clip else None
        self._set_stems(voice, slot.stems, loop)
        if loop is not (before.clip.loop if before.clip else None):
            self._player.set_loop(voice, loop, when=when)
        if slot.playing != before.playing:
            (mixer.start if slot.playing else mixer.stop)(voice, when=when)
        if slot.muted != before.muted:
            mixer.set_muted(voice, slot.muted)
        if slot.soloed != before.soloed:
            mixer.set_solo(voice, slot.soloed)
        if slot.level_db != before.level_db:
            mixer.set_level(voice, gain_of(slot.level_db))

    def _live_changed(self) -> None:
        live = self._session.state.live
        mixer = self._player.mixer
        (mixer.start if live.on else mixer.stop)(LIVE)
        mixer.set_level(LIVE, gain_of(live.level_db))
        self._set_stems(LIVE, live.stems, self._session.loop)

    def _loop_changed(self, loop: Loop) -> None:
        self._set_stems(LIVE, self._session.state.live.stems, loop)
        self._player.set_loop(LIVE, loop)

    def _set_stems(self, voice: int, mix: StemMix, loop: Loop | None) -> None:
        """Send the gains that have changed of the stems that a loop has."""
        names = tuple(loop.stems) if loop is not None else ()
        heard = mix.heard(names)
        for name in names:
            gain = gain_of(mix.stem(name).level_db) if name in heard else 0.0
            if gain != self._sent_stems.get((voice, name), 1.0):
                self._sent_stems[voice, name] = gain
                self._player.mixer.set_stem(voice, name, gain)


def gain_of(level_db: float) -> float:
    """Return the linear gain of a fader; its lowest position is silence."""
    return 0.0 if level_db <= MIN_LEVEL_DB else float(10 ** (level_db / 20))
