"""The frame clock: sixty times a second, it polls the player and moves what follows the sound on the screen."""

import time

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.audio.interface import AnyPlayer
from app.audio.messages import PlayerStatus
from app.controllers.playback import Playback
from app.drawing.spectrum_analyser import WINDOW, SpectrumAnalyser
from app.osc.bridge import OscBridge
from app.session.session import Session
from app.widgets.main_window import MainWindow

_FRAME_MS = 16
_SLOW_EVERY = 15
# Opening a device takes a moment; the lack of one is reported only after this time.
_TIMEOUT_S = 2.0


class FrameClock(QObject):
    """Polls the player, in the GUI thread.

    Signals: `status_changed` when the output changes; `problem` for each error of the player; `recording_ended`.
    """

    status_changed = Signal(object)  # PlayerStatus
    problem = Signal(object)  # TechnoganError
    recording_ended = Signal(object)  # Recording

    def __init__(
        self, session: Session, player: AnyPlayer, playback: Playback, bridge: OscBridge, window: MainWindow
    ) -> None:
        super().__init__()
        self._session, self._player, self._playback = session, player, playback
        self._bridge, self._window = bridge, window
        self.analyser = SpectrumAnalyser()
        self.analysing = True
        self.frames = 0
        self._beats: float | None = None
        self._hertz = (0, np.zeros(0, np.float32))
        self._began = self._last = time.monotonic()
        self._status: PlayerStatus | None = None
        self._osc_count = 0
        self._recording = False
        self._timer = QTimer(self, interval=_FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start polling."""
        self._began = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        self.frames += 1
        self._follow_clock()
        meter = self._player.mixer.meter()
        self._window.transport.meter.show_level(meter.true_peak, meter.reduction, elapsed)
        # Slots and analyser take turns, so that no frame does everything.
        if self.frames % 2:
            self._follow_slots()
        elif self.analysing:
            self._analyse(2 * elapsed)
        if self._bridge.count != self._osc_count:
            self._osc_count = self._bridge.count
            self._window.transport.osc.blink()
        if self.frames % _SLOW_EVERY == 0:
            self._poll_rarely()

    def _follow_clock(self) -> None:
        self._beats = beats = self._player.beats_heard() if self._playback.running else None
        self._window.transport.lights.set_beats(beats)
        loop, live = self._session.loop, self._session.state.live.on
        position = None if beats is None or loop is None else beats % loop.beats / loop.beats
        self._window.loop.set_playhead(position if live else None)

    def _follow_slots(self) -> None:
        beats = self._beats
        for view in self._window.slots.slots:
            slot = view.slot
            sounds = beats is not None and slot.playing and slot.clip is not None
            n = slot.clip.loop.beats if slot.clip else 1
            view.thumbnail.set_playhead(beats % n / n if sounds and beats is not None else None)

    def _analyse(self, elapsed_s: float) -> None:
        rate = self._player.status.sample_rate
        if self._hertz[0] != rate:
            self._hertz = (rate, self.analyser.frequencies(rate))
        levels = self.analyser.update(self._player.mixer.tap(WINDOW), rate, elapsed_s)
        self._window.loop.spectrum.show_levels(self._hertz[1], levels)

    def _poll_rarely(self) -> None:
        """Show what changes rarely."""
        status = self._player.status
        self._window.transport.show_dropouts(status.dropouts)
        opening = status.device is None and time.monotonic() - self._began < _TIMEOUT_S
        before = self._status
        if not opening and (before is None or (status.device, status.problem) != (before.device, before.problem)):
            self._status = status
            self.status_changed.emit(status)
        recording = self._player.recording
        running = recording is not None and recording.running
        if running or self._recording:
            self._window.transport.show_recording(recording.seconds if recording and running else None)
        if self._recording and not running and recording is not None:
            self.recording_ended.emit(recording)
        self._recording = running
        for error in self._player.take_problems():
            self.problem.emit(error)
