"""A player in a process of its own.

In the window's process the thread that mixes would need the interpreter's lock. If the system interrupts the thread
that holds it, the sound drops out, regardless of the mixing thread's priority. In its own process that thread does
not share the interpreter with painting. If the process ends, another replaces it and gets the same state again.

The other end is `app.audio.player_process`.
"""

import contextlib
import multiprocessing
import threading
import time
from collections import deque
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Self

import numpy as np

from app.audio.devices import BLOCK_FRAMES, BUFFER_S, OutputDevice
from app.audio.interface import MixerControls
from app.audio.messages import (
    TAP_FRAMES,
    Meter,
    MixerMessage,
    PlayerMessage,
    PlayerReport,
    PlayerStatus,
    RecordingAnswer,
    ReplayKey,
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
from app.audio.player_process import serve
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from app.processes.shared_arrays import create_memory, free_memory, pack
from technogan.arrays import FloatArray
from technogan.errors import DeviceError, OutputError, SettingError, TechnoganError
from technogan.sound.loop import Loop, check_bpm

_TIMEOUT_S = 5.0
_RETRY_S = 2.0
_NO_MAGNITUDE = np.empty((0, 0), np.float32)


class RemotePlayer:
    """See `Player`. One controlling thread calls its methods; all but `record` and `close` return at once.

    What is read here is up to a sixtieth of a second old. The thread technogan-player runs the process and receives
    its reports; technogan-player-messages sends messages to it.
    """

    def __init__(
        self, *, n_voices: int = 9, bpm: float = 128.0, device: str | None = None, buffer_s: float = BUFFER_S
    ) -> None:
        self.mixer = RemoteMixer(self)
        self._settings = {"n_voices": n_voices, "bpm": bpm, "device": device, "buffer_s": buffer_s}
        # None ends the process.
        self._messages: deque[PlayerMessage | None] = deque()
        self._queued = threading.Condition()
        # Replay log for a restarted process: the latest message per key, in the order in which they were sent.
        self._replay: dict[ReplayKey, StateMessage] = {}
        self._loops: dict[int, tuple[int, Loop | None]] = {}
        self._prepared: PreparedLoop | None = None
        self._report = PlayerReport(_status_without_device("no device has been opened yet"))
        self._meters: deque[Meter] = deque(maxlen=60)
        self._problems: deque[TechnoganError] = deque(maxlen=32)
        self._devices: tuple[OutputDevice, ...] = ()
        self._earlier_dropouts = 0
        self._answer: RecordingAnswer | None = None
        self._answered = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name="technogan-player", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """See `Player.start`."""
        self._thread.start()

    def close(self) -> None:
        """End the recording, the sound and the process."""
        self._closing.set()
        self._queue(None)
        if self._thread.ident is not None:
            self._thread.join(2 * _TIMEOUT_S)

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
        self._answer = None
        self._answered.clear()
        self._queue(StartRecording(path))
        self._answered.wait(_TIMEOUT_S)
        if self._answer is None:
            raise OutputError(path, "the audio engine does not respond; nothing is recorded")
        if self._answer.error is not None:
            raise self._answer.error

    def stop_recording(self) -> None:
        """End the recording. The file is complete when `recording` shows that it no longer runs."""
        self._queue(StopRecording())

    def beats_heard(self) -> float:
        """See `Player.beats_heard`."""
        return self._report.mark.at(time.monotonic())

    def send(self, message: StateMessage) -> None:
        """Send a message, and log it for a restarted process."""
        key = replay_key(message)
        with self._queued:
            self._replay.pop(key, None)
            self._replay[key] = message
            self._queue(message)

    def _queue(self, message: PlayerMessage | None) -> None:
        with self._queued:
            self._messages.append(message)
            self._queued.notify()

    # --- technogan-player

    def _keep_running(self) -> None:
        while not self._closing.is_set():
            exit_code = self._run_process()
            if not self._closing.is_set():
                self._on_exit(exit_code)
                self._closing.wait(_RETRY_S)

    def _run_process(self) -> int | None:
        """Start a process, serve it until it ends, and return its exit code."""
        # Spawned on every system: forking a process that has threads can hang.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        memory = create_memory()
        arguments = (theirs, None if memory is None else memory.name, self._settings)
        process = context.Process(target=serve, args=arguments, name="technogan-sound", daemon=True)
        process.start()
        theirs.close()
        sender = threading.Thread(
            target=self._send_messages, args=(ours, memory), name="technogan-player-messages", daemon=True
        )
        sender.start()
        self._receive_reports(ours)
        # It closes its end of the pipe when it has finished or crashed.
        process.join(_TIMEOUT_S)
        if process.is_alive():
            process.kill()
        self._queue(None)
        sender.join(_TIMEOUT_S)
        ours.close()
        free_memory(memory)
        return process.exitcode

    def _send_messages(self, connection: Connection, memory: SharedMemory | None) -> None:
        """Send messages up to and including the first None. The memory is free once its message has been handled."""
        n_sent = last_in_memory = 0
        while True:
            with self._queued:
                self._queued.wait_for(lambda: bool(self._messages))
                message = self._messages.popleft()
            packed = pack(message, memory if self._report.handled >= last_in_memory else None)
            n_sent += 1
            last_in_memory = n_sent if packed.sizes else last_in_memory
            try:
                connection.send(packed)
            except OSError:
                return
            if message is None:
                return

    def _receive_reports(self, connection: Connection) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                received: PlayerReport | RecordingAnswer = connection.recv()
                if isinstance(received, RecordingAnswer):
                    self._answer = received
                    self._answered.set()
                    continue
                self._report = received
                self._meters.append(received.meter)
                self._problems.extend(received.problems)
                if received.devices is not None:
                    self._devices = received.devices

    def _on_exit(self, exit_code: int | None) -> None:
        """Report that the process ended, and queue the replay log for the next one."""
        self._earlier_dropouts += self._report.status.dropouts + 1
        recording = self._report.recording
        if recording is not None and recording.running:
            error = OutputError(recording.path, "the audio engine stopped; what was recorded is kept")
            recording = replace(recording, running=False, error=error)
        problem = f"audio engine stopped (exit code {exit_code}); restarting…"
        self._problems.append(DeviceError(problem))
        self._report = PlayerReport(_status_without_device(problem), recording=recording)
        self._answered.set()
        with self._queued:
            self._messages = deque([*self._replay.values(), *([None] if self._closing.is_set() else [])])


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
