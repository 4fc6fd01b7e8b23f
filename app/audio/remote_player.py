"""The player in a process of its own, with the methods of one in this.

In the window's process the thread that mixes would need the interpreter's lock; where the system takes the processor
from the thread that holds it, sound breaks off, however high the mixing thread's own priority. Here it shares the
interpreter with nobody who paints. If the process dies another takes its place and is told what it had been told.

The other end is `app.audio.player_process`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections import deque
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np

from app.audio.devices import BLOCK_FRAMES, BUFFER_S, OutputDevice
from app.audio.mixdown import When
from app.audio.mixer import Meter, highest
from app.audio.player import RATE_WITHOUT_DEVICE, Player, PlayerStatus
from app.audio.player_process import TAP_FRAMES, Call, Done, Report, serve
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from app.processes.shared_arrays import freed, packed, shared
from technogan.arrays import FloatArray
from technogan.errors import DeviceError, OutputError, SettingError, TechnoganError
from technogan.sound.loop import Loop, check_bpm

_PATIENCE_S = 5.0
_RETRY_S = 2.0
_NO_PICTURE = np.empty((0, 0), np.float32)


class RemotePlayer:
    """See `Player`. Its methods return at once, but for `record` and `close`."""

    def __init__(
        self, *, n_voices: int = 9, bpm: float = 128.0, device: str | None = None, buffer_s: float = BUFFER_S
    ) -> None:
        self.mixer = RemoteMixer(self)
        self._settings = {"n_voices": n_voices, "bpm": bpm, "device": device, "buffer_s": buffer_s}
        self._calls: deque[Call | None] = deque()
        self._called = threading.Condition()
        # What another process would have to be told: the last call of each kind, in their order.
        self._told: dict[tuple[object, ...], Call] = {}
        self._loops: dict[int, tuple[int, Loop | None]] = {}
        self._known: PreparedLoop | None = None
        self._report = Report(_silence("no device has been opened yet"))
        self._meters: deque[Meter] = deque(maxlen=60)
        self._problems: deque[TechnoganError] = deque(maxlen=32)
        self._devices: tuple[OutputDevice, ...] = ()
        self._dropouts_before = 0
        self._answer: Done | None = None
        self._answered = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="technogan-player", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """See `Player.start`."""
        self._thread.start()

    def close(self) -> None:
        """End the recording, the sound, and the process."""
        self._closing.set()
        with self._called:
            self._calls.append(None)
            self._called.notify()
        if self._thread.ident is not None:
            self._thread.join(2 * _PATIENCE_S)

    @property
    def status(self) -> PlayerStatus:
        """See `Player.status`; as of a sixtieth of a second ago, as all that is read here."""
        status = self._report.status
        return replace(status, dropouts=self._dropouts_before + status.dropouts)

    @property
    def recording(self) -> Recording | None:
        """See `Player.recording`."""
        return self._report.recording

    def devices(self) -> tuple[OutputDevice, ...]:
        """See `Player.devices`."""
        return self._devices

    def use(self, device: str | None) -> None:
        """See `Player.use`."""
        self._call("use", device)

    def know(self, prepared: PreparedLoop) -> None:
        """See `Player.know`."""
        self._known = prepared

    def set_loop(self, voice: int, loop: Loop | None, *, when: When = "now") -> None:
        """See `Player.set_loop`."""
        number = self._loops[voice][0] + 1 if voice in self._loops else 1
        self._loops[voice] = (number, loop)
        # Nobody there looks at its picture, which is the larger part of it.
        sent = None if loop is None else replace(loop, magnitude=_NO_PICTURE)
        known, prepared = self._known, None
        if loop is not None and sent is not None and known is not None and known.source.samples is loop.samples:
            prepared = replace(known, source=sent)
        self._call("set_loop", voice, number, sent, prepared, when, key=("set_loop", voice))

    def set_tempo(self, bpm: float) -> None:
        """See `Player.set_tempo`."""
        check_bpm(bpm)
        self._call("set_tempo", bpm)

    def holds(self, voice: int) -> Loop | None:
        """The loop that was given to a voice last, once the mixer has it."""
        number, loop = self._loops.get(voice, (0, None))
        there = self._report.loops
        return loop if voice < len(there) and there[voice] == number else None

    def problems(self) -> list[TechnoganError]:
        """See `Player.problems`."""
        return [self._problems.popleft() for _ in range(len(self._problems))]

    def record(self, path: Path) -> None:
        """See `Player.record`; waits until the file is there."""
        self._answer = None
        self._answered.clear()
        self._send(Call("record", (path,)))
        self._answered.wait(_PATIENCE_S)
        if self._answer is None:
            raise OutputError(path, "the sound does not answer; nothing is recorded")
        if self._answer.error is not None:
            raise self._answer.error

    def stop_recording(self) -> None:
        """See `Player.stop_recording`; the file is complete when `recording` says that it does not run any more."""
        self._send(Call("stop_recording"))

    def beats_heard(self) -> float:
        """See `Player.beats_heard`."""
        return self._report.mark.at(time.monotonic())

    # --- what the mixer's other end says and is told

    def _meter(self) -> Meter:
        return highest([self._meters.popleft() for _ in range(len(self._meters))])

    def _newest(self, n_frames: int) -> FloatArray:
        return self._report.newest[TAP_FRAMES - n_frames :]

    def _call(self, name: str, *arguments: Any, key: tuple[object, ...] = (), **keywords: Any) -> None:
        """Ask for something that another process would have to be told, too. key: what it takes the place of."""
        call = Call(name, arguments, keywords)
        key = key or (name,)
        with self._called:
            self._told.pop(key, None)
            self._told[key] = call
            self._calls.append(call)
            self._called.notify()

    def _send(self, call: Call) -> None:
        with self._called:
            self._calls.append(call)
            self._called.notify()

    # --- technogan-player: the child's life

    def _live(self) -> None:
        while not self._closing.is_set():
            exit_code = self._one_life()
            if not self._closing.is_set():
                self._mourn(exit_code)
                self._closing.wait(_RETRY_S)

    def _one_life(self) -> int | None:
        """Begin a child, and serve it until it ends; returns its exit code."""
        # Spawned, as on every system: forking a process that has threads of its own can hang.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        memory = shared()
        arguments = (theirs, None if memory is None else memory.name, self._settings)
        process = context.Process(target=serve, args=arguments, name="technogan-sound", daemon=True)
        process.start()
        theirs.close()
        sender = threading.Thread(target=self._talk, args=(ours, memory), name="technogan-player-calls", daemon=True)
        sender.start()
        self._listen(ours)
        # It closes its end when it is done, or dead.
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
        with self._called:
            self._calls.append(None)
            self._called.notify()
        sender.join(_PATIENCE_S)
        ours.close()
        freed(memory)
        return process.exitcode

    def _talk(self, connection: Connection, memory: SharedMemory | None) -> None:
        """Hand calls over, until None has been. What lies in the memory has to be taken up before more does."""
        call: Call | None = Call("")
        sent = lies = 0
        while call is not None:
            with self._called:
                self._called.wait_for(lambda: bool(self._calls))
                call = self._calls.popleft()
            parcel = packed(call, memory if self._report.done >= lies else None)
            sent += 1
            lies = sent if parcel.sizes else lies
            try:
                connection.send(parcel)
            except OSError:
                return

    def _listen(self, connection: Connection) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                said: Report | Done = connection.recv()
                if isinstance(said, Done):
                    self._answer = said
                    self._answered.set()
                    continue
                self._report = said
                self._meters.append(said.meter)
                self._problems.extend(said.problems)
                if said.devices is not None:
                    self._devices = said.devices

    def _mourn(self, exit_code: int | None) -> None:
        """The child has died."""
        self._dropouts_before += self._report.status.dropouts + 1
        recording = self._report.recording
        if recording is not None and recording.running:
            error = OutputError(recording.path, "the sound broke off; what was written is kept")
            recording = replace(recording, running=False, error=error)
        problem = f"the sound broke off (exit code {exit_code}); it begins anew"
        self._problems.append(DeviceError(problem))
        self._report = Report(_silence(problem), recording=recording)
        self._answered.set()
        with self._called:
            self._calls = deque([*self._told.values(), *([None] if self._closing.is_set() else [])])


class RemoteMixer:
    """See `Mixer`. What makes no sense is told by `RemotePlayer.problems`."""

    def __init__(self, player: RemotePlayer) -> None:
        self._player = player

    def run(self, running: bool) -> None:
        """See `Mixer.run`."""
        self._player._call("mixer.run", running)

    def start(self, voice: int, *, when: When = "now") -> None:
        """See `Mixer.start`."""
        self._player._call("mixer.start", voice, when=when, key=("play", voice))

    def stop(self, voice: int, *, when: When = "now") -> None:
        """See `Mixer.stop`."""
        self._player._call("mixer.stop", voice, when=when, key=("play", voice))

    def set_level(self, voice: int, gain: float) -> None:
        """See `Mixer.set_level`."""
        self._player._call("mixer.set_level", voice, gain, key=("set_level", voice))

    def set_muted(self, voice: int, muted: bool) -> None:
        """See `Mixer.set_muted`."""
        self._player._call("mixer.set_muted", voice, muted, key=("set_muted", voice))

    def set_solo(self, voice: int, soloed: bool) -> None:
        """See `Mixer.set_solo`."""
        self._player._call("mixer.set_solo", voice, soloed, key=("set_solo", voice))

    def set_master(self, gain: float) -> None:
        """See `Mixer.set_master`."""
        self._player._call("mixer.set_master", gain)

    def meter(self) -> Meter:
        """See `Mixer.meter`."""
        return self._player._meter()

    def tap(self, n_frames: int) -> FloatArray:
        """The newest n_frames. float32 (n_frames,). Raises SettingError for more than TAP_FRAMES."""
        if not 0 <= n_frames <= TAP_FRAMES:
            raise SettingError("n_frames", n_frames, f"at most {TAP_FRAMES}")
        return self._player._newest(n_frames)


AnyPlayer: TypeAlias = Player | RemotePlayer


def _silence(problem: str) -> PlayerStatus:
    return PlayerStatus(None, RATE_WITHOUT_DEVICE, BLOCK_FRAMES, 0.0, 0, problem)
