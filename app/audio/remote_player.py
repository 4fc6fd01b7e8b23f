"""A player in a process of its own.

In the window's process the thread that mixes would need the interpreter's lock. If the system interrupts the thread
that holds it, the sound drops out, regardless of the mixing thread's priority. In its own process that thread does
not share the interpreter with painting. If the process ends, another replaces it and gets the same state again.

The other end is `app.audio.player_process`.
"""

import time
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from app.audio.devices import BLOCK_FRAMES, BUFFER_S, OutputDevice
from app.audio.interface import MixerControls
from app.audio.messages import (
    TAP_FRAMES,
    Meter,
    MixerMessage,
    PlayerReport,
    PlayerStatus,
    SetLoop,
    SetTempo,
    StartRecording,
    StateMessage,
    StopRecording,
    UseDevice,
    combine_meters,
    replay_key,
)
from app.audio.mixdown import When
from app.audio.player import RATE_WITHOUT_DEVICE
from app.audio.player_process import open_player
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from app.processes.child_process import ChildLost, ChildProcess, ChildProgram
from technogan.arrays import FloatArray
from technogan.errors import DeviceError, OutputError, SettingError, TechnoganError
from technogan.sound.loop import Loop, check_bpm

_TIMEOUT_S = 5.0
# Ending a recording on a slow disk takes a while.
_DEADLINE_S = 8.0
_GRACE_S = 1.5
_NO_MAGNITUDE = np.empty((0, 0), np.float32)


class RemotePlayer:
    """See `Player`. One controlling thread calls its methods; all but `record` and `close` return at once.

    What is read here is up to a sixtieth of a second old. Reports arrive in a thread of the `ChildProcess`.
    """

    def __init__(
        self, *, n_voices: int = 9, bpm: float = 128.0, device: str | None = None, buffer_s: float = BUFFER_S
    ) -> None:
        self.mixer = RemoteMixer(self)
        settings = {"n_voices": n_voices, "bpm": bpm, "device": device, "buffer_s": buffer_s}
        program = ChildProgram("player", open_player, settings, deadline_s=_DEADLINE_S, grace_s=_GRACE_S)
        self.child = ChildProcess(program, on_event=self._receive_report, on_lost=self._on_lost)
        self._loops: dict[int, tuple[int, Loop | None]] = {}
        self._prepared: PreparedLoop | None = None
        self._report = PlayerReport(_status_without_device("no device has been opened yet"))
        self._meters: deque[Meter] = deque(maxlen=60)
        self._problems: deque[TechnoganError] = deque(maxlen=32)
        self._devices: tuple[OutputDevice, ...] = ()
        self._earlier_dropouts = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """See `Player.start`."""
        self.child.start()

    def begin_close(self) -> None:
        """Ask the process to end; `close` waits for it."""
        self.child.ask_to_close()

    def close(self) -> None:
        """End the recording, the sound and the process."""
        self.child.close()

    @property
    def status(self) -> PlayerStatus:
        """See `Player.status`."""
        status = self._report.status
        return replace(status, dropouts=self._earlier_dropouts + status.dropouts)

    @property
    def recording(self) -> Recording | None:
        """See `Player.recording`."""
        return self._report.recording

    def devices(self) -> tuple[OutputDevice, ...]:
        """See `Player.devices`."""
        return self._devices

    def use_device(self, title: str | None) -> None:
        """See `Player.use_device`."""
        self.send(UseDevice(title))

    def add_prepared(self, prepared: PreparedLoop) -> None:
        """See `Player.add_prepared`."""
        self._prepared = prepared

    def set_loop(self, voice: int, loop: Loop | None, *, when: When = "now") -> None:
        """See `Player.set_loop`."""
        number = self._loops[voice][0] + 1 if voice in self._loops else 1
        self._loops[voice] = (number, loop)
        # The process does not use the magnitude, which is the larger part of a loop.
        sent = None if loop is None else replace(loop, magnitude=_NO_MAGNITUDE)
        known, prepared = self._prepared, None
        if sent is not None and known is not None and known.source.samples is sent.samples:
            prepared = replace(known, source=sent)
        self.send(SetLoop(voice, number, sent, prepared, when))

    def set_tempo(self, bpm: float) -> None:
        """See `Player.set_tempo`."""
        check_bpm(bpm)
        self.send(SetTempo(bpm))

    def loop_in(self, voice: int) -> Loop | None:
        """Return the loop that was last given to a voice, once the mixer has it."""
        number, loop = self._loops.get(voice, (0, None))
        numbers = self._report.loops
        return loop if voice < len(numbers) and numbers[voice] == number else None

    def take_problems(self) -> list[TechnoganError]:
        """Return the errors since the previous call, those of refused messages included."""
        return [self._problems.popleft() for _ in range(len(self._problems))]

    def record(self, path: Path) -> None:
        """See `Player.record`; wait until the file exists."""
        call = self.child.call(StartRecording(path))
        try:
            call.future.result(_TIMEOUT_S)
        except (TimeoutError, ChildLost) as error:
            self.child.cancel(call)
            raise OutputError(path, "the audio engine does not respond; nothing is recorded") from error

    def stop_recording(self) -> None:
        """End the recording. The file is complete when `recording` shows that it no longer runs."""
        self.child.call(StopRecording())

    def beats_heard(self) -> float:
        """See `Player.beats_heard`."""
        return self._report.mark.at(time.monotonic())

    def send(self, message: StateMessage) -> None:
        """Send a message, which a restarted process gets as well."""
        call = self.child.set_state(replay_key(message), message)
        call.future.add_done_callback(self._note_refusal)

    def _note_refusal(self, future: "Future[Any]") -> None:
        error = future.exception()
        if error is not None and not isinstance(error, ChildLost):
            self._problems.append(_as_problem(error))

    # --- the threads of the ChildProcess

    def _receive_report(self, report: PlayerReport) -> None:
        self._report = report
        self._meters.append(report.meter)
        self._problems.extend(report.problems)
        if report.devices is not None:
            self._devices = report.devices

    def _on_lost(self, lost: ChildLost, message: StateMessage | None) -> None:
        """Report that the process ended; another one starts."""
        self._earlier_dropouts += self._report.status.dropouts + 1
        recording = self._report.recording
        if recording is not None and recording.running:
            error = OutputError(recording.path, "the audio engine stopped; what was recorded is kept")
            recording = replace(recording, running=False, error=error)
        reason = "does not respond" if lost.hung else f"stopped (exit code {lost.exit_code})"
        problem = f"audio engine {reason}; restarting…"
        if isinstance(message, SetLoop):
            problem = f"audio engine {reason}; restarting without the loop that caused it…"
        elif message is not None:
            problem = f"audio engine {reason}; restarting without {type(message).__name__}…"
        self._problems.append(DeviceError(problem))
        self._report = PlayerReport(_status_without_device(problem), recording=recording)


class RemoteMixer(MixerControls):
    """The mixer of a RemotePlayer. `RemotePlayer.take_problems` returns the errors of refused messages."""

    def __init__(self, player: RemotePlayer) -> None:
        self._player = player

    def send(self, message: MixerMessage) -> None:
        """See MixerControls."""
        self._player.send(message)

    def meter(self) -> Meter:
        """See MixerControls."""
        meters = self._player._meters
        return combine_meters([meters.popleft() for _ in range(len(meters))])

    def tap(self, n_frames: int) -> FloatArray:
        """See MixerControls; TAP_FRAMES are kept."""
        if not 0 <= n_frames <= TAP_FRAMES:
            raise SettingError("n_frames", n_frames, f"at most {TAP_FRAMES}")
        return self._player._report.newest[TAP_FRAMES - n_frames :]


def _status_without_device(problem: str) -> PlayerStatus:
    return PlayerStatus(None, RATE_WITHOUT_DEVICE, BLOCK_FRAMES, 0.0, 0, problem)


def _as_problem(error: BaseException) -> TechnoganError:
    return error if isinstance(error, TechnoganError) else TechnoganError(f"the audio engine failed: {error}")
