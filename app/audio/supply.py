"""Loops on their way to the mixer: made to fit its tempo and rate in a thread of their own."""

from __future__ import annotations

import threading
from collections import deque

from app.audio.mixdown import When
from app.audio.mixer import Mixer
from app.audio.preparation import PreparedLoop, prepare
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop, check_bpm, loop_frames


class LoopSupply:
    """Takes loops and tempos at any time and gives them to the mixer prepared; where more come than can be, the newest
    win.

    problems: TechnoganErrors of loops that could not be used, for whoever tells the user.
    """

    def __init__(self, mixer: Mixer, *, bpm: float, sample_rate: int) -> None:
        self.problems: deque[TechnoganError] = deque(maxlen=32)
        self._mixer = mixer
        self._bpm, self._sample_rate = bpm, sample_rate
        self._known: PreparedLoop | None = None
        self._sources: dict[int, Loop] = {}
        self._wanted_loops: dict[int, tuple[Loop | None, When]] = {}
        self._wanted_bpm: float | None = None
        self._busy = self._closing = False
        self._changed = threading.Condition()
        # Held while loops are prepared and given, so that all that reaches the mixer fits together.
        self._giving = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="technogan-loops", daemon=True)
        self._thread.start()

    def set_loop(self, voice: int, loop: Loop | None, when: When = "now") -> None:
        """Give a voice another loop, or none; returns at once."""
        with self._changed:
            self._wanted_loops[voice] = (loop, when)
            self._changed.notify_all()

    def know(self, prepared: PreparedLoop) -> None:
        """This loop has been prepared elsewhere, and may be asked for next."""
        self._known = prepared

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo; returns at once. Raises SettingError for one that makes no sense."""
        check_bpm(bpm)
        with self._changed:
            self._wanted_bpm = bpm
            self._changed.notify_all()

    def set_rate(self, sample_rate: int) -> None:
        """Prepare all loops for another rate and give them to the mixer; returns when that is done.

        Raises SettingError for a rate that makes no sense.
        """
        with self._giving:
            loop_frames(1, self._bpm, sample_rate)
            self._sample_rate = sample_rate
            self._mixer.set_rate(sample_rate, self._all_prepared())

    def wait(self, timeout: float) -> bool:
        """Until all that was asked for has been given to the mixer; False where that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._busy or self._is_wanted()), timeout)

    def close(self) -> None:
        """End the thread; what still waits is forgotten."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing or self._is_wanted())
                if self._closing:
                    return
                self._busy = True
                bpm, loops = self._wanted_bpm, self._wanted_loops
                self._wanted_bpm, self._wanted_loops = None, {}
            with self._giving:
                self._give(bpm, loops)

    def _is_wanted(self) -> bool:
        return self._wanted_bpm is not None or bool(self._wanted_loops)

    def _give(self, bpm: float | None, loops: dict[int, tuple[Loop | None, When]]) -> None:
        if bpm is not None and bpm != self._bpm:
            self._bpm = bpm
            self._mixer.set_tempo(bpm, self._all_prepared())
        for voice, (loop, when) in loops.items():
            try:
                self._mixer.set_loop(voice, None if loop is None else self._prepared(loop), when=when)
            except TechnoganError as error:
                self.problems.append(error)
                continue
            self._sources.pop(voice, None)
            if loop is not None:
                self._sources[voice] = loop

    def _prepared(self, loop: Loop) -> PreparedLoop:
        known, wanted = self._known, loop_frames(1, self._bpm, self._sample_rate)
        # A kept loop is another object around the same samples.
        if known is not None and known.source.samples is loop.samples and known.beat_frames == wanted:
            return known
        return prepare(loop, bpm=self._bpm, sample_rate=self._sample_rate)

    def _all_prepared(self) -> dict[int, PreparedLoop]:
        return {voice: self._prepared(loop) for voice, loop in self._sources.items()}
