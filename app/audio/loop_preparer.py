"""Prepares loops for the mixer in its own thread, technogan-loops."""

import threading
from collections import deque

from app.audio.mixdown import When
from app.audio.mixer import Mixer
from app.audio.preparation import PreparedLoop, prepare
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop, check_bpm, loop_frames


class LoopPreparer:
    """Accepts loops and tempos from any thread, prepares the loops and passes them to the mixer.

    If they arrive faster than loops can be prepared, only the newest are used. `problems` collects the
    TechnoganErrors of loops that could not be used, until the player takes them.
    """

    def __init__(self, mixer: Mixer, *, bpm: float, sample_rate: int) -> None:
        self.problems: deque[TechnoganError] = deque(maxlen=32)
        self._mixer = mixer
        self._bpm, self._sample_rate = bpm, sample_rate
        self._cached: PreparedLoop | None = None
        self._sources: dict[int, Loop] = {}
        self._wanted_loops: dict[int, tuple[Loop | None, When]] = {}
        self._wanted_bpm: float | None = None
        self._busy = self._closing = False
        self._changed = threading.Condition()
        # Held while loops are prepared and passed on, so that they always match the mixer's tempo and rate.
        self._update_lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="technogan-loops", daemon=True)
        self._thread.start()

    def set_loop(self, voice: int, loop: Loop | None, when: When = "now") -> None:
        """Set or remove the loop of a voice. Returns immediately."""
        with self._changed:
            self._wanted_loops[voice] = (loop, when)
            self._changed.notify_all()

    def add_prepared(self, prepared: PreparedLoop) -> None:
        """Keep a loop that was prepared elsewhere, in case it is set next."""
        self._cached = prepared

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo. Returns immediately. Raises SettingError for a tempo that is out of range."""
        check_bpm(bpm)
        with self._changed:
            self._wanted_bpm = bpm
            self._changed.notify_all()

    def set_rate(self, sample_rate: int) -> None:
        """Prepare all loops for another rate and pass them to the mixer; return when that is done.

        Raises SettingError for a rate that is out of range.
        """
        with self._update_lock:
            loop_frames(1, self._bpm, sample_rate)
            self._sample_rate = sample_rate
            self._mixer.set_rate(sample_rate, self._prepare_all())

    def wait(self, timeout: float) -> bool:
        """Wait until the mixer has everything that was requested. Returns False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._busy or self._has_work()), timeout)

    def close(self) -> None:
        """End the thread and discard waiting loops."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing or self._has_work())
                if self._closing:
                    return
                self._busy = True
                bpm, loops = self._wanted_bpm, self._wanted_loops
                self._wanted_bpm, self._wanted_loops = None, {}
            with self._update_lock:
                self._update_mixer(bpm, loops)

    def _report(self, error: Exception) -> None:
        """Report that a loop or tempo could not be used; the thread carries on whatever the reason was."""
        self.problems.append(
            error if isinstance(error, TechnoganError) else TechnoganError(f"a loop cannot be played: {error!r}")
        )

    def _has_work(self) -> bool:
        return self._wanted_bpm is not None or bool(self._wanted_loops)

    def _update_mixer(self, bpm: float | None, loops: dict[int, tuple[Loop | None, When]]) -> None:
        if bpm is not None and bpm != self._bpm:
            self._bpm = bpm
            try:
                self._mixer.set_tempo(bpm, self._prepare_all())
            except Exception as error:
                self._report(error)
        for voice, (loop, when) in loops.items():
            try:
                self._mixer.set_loop(voice, None if loop is None else self._prepare(loop), when=when)
            except Exception as error:
                self._report(error)
                continue
            self._sources.pop(voice, None)
            if loop is not None:
                self._sources[voice] = loop

    def _prepare(self, loop: Loop) -> PreparedLoop:
        cached, wanted = self._cached, loop_frames(1, self._bpm, self._sample_rate)
        # A clip holds another Loop object around the same samples.
        if cached is not None and cached.source.samples is loop.samples and cached.beat_frames == wanted:
            return cached
        return prepare(loop, bpm=self._bpm, sample_rate=self._sample_rate)

    def _prepare_all(self) -> dict[int, PreparedLoop]:
        return {voice: self._prepare(loop) for voice, loop in self._sources.items()}
