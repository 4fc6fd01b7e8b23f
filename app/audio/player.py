"""What everything is played through: one mixer that always runs, and under it a device, as long as there is one.

Four threads:
- technogan-sound mixes a block and gives it to the device; without one to a clock that takes as long. It waits for
  nothing else.
- technogan-device opens the device, and looks for it again after it has gone.
- technogan-loops prepares loops (`app.audio.supply`), technogan-recorder writes a recording (`app.audio.recorder`).
Whoever controls it calls the methods below, which return at once, and polls. The window does so from another process
(`app.audio.remote_player`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.audio.clock_only import ClockOnly
from app.audio.devices import BUFFER_S, MAX_BUFFER_S, MIN_BUFFER_S, Devices, Output, OutputDevice, PortAudio, choose
from app.audio.mixdown import When
from app.audio.mixer import Mixer
from app.audio.playhead import Mark, Playhead
from app.audio.preparation import PreparedLoop
from app.audio.priority import realtime, shorten_turns
from app.audio.recorder import Recorder, Recording
from app.audio.supply import LoopSupply
from technogan.errors import DeviceError, SettingError, TechnoganError
from technogan.sound.loop import Loop

RATE_WITHOUT_DEVICE = 44100
_RETRY_S = 2.0
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """What sound goes where. device: None while there is none. latency: seconds. problem: why there is none."""

    device: OutputDevice | None
    sample_rate: int
    block_frames: int
    latency: float
    dropouts: int
    problem: str

    def __str__(self) -> str:
        if self.device is None:
            return self.problem
        return (
            f"playing through {self.device.title} at {self.sample_rate} Hz, "
            f"blocks of {self.block_frames}, latency {1000 * self.latency:.0f} ms"
        )


class Player:
    """The sound of the instrument. mixer: for starts, stops, levels, meters; loops and tempo go through the player.

    n_voices: the live loop and the slots. device: the title of the one to play through; None for the system's own
    choice. buffer_s: how much sound to have in hand: less answers faster, more survives a busier machine. `start`
    begins to play, `close` ends all threads; a with statement does both.
    """

    def __init__(
        self,
        *,
        n_voices: int = 9,
        bpm: float = 128.0,
        device: str | None = None,
        buffer_s: float = BUFFER_S,
        devices: Devices | None = None,
    ) -> None:
        self.mixer = Mixer(RATE_WITHOUT_DEVICE, bpm, n_voices)
        self._recorder = Recorder()
        self.supply = LoopSupply(self.mixer, bpm=bpm, sample_rate=RATE_WITHOUT_DEVICE)
        self._devices = devices or PortAudio()
        self._wanted = device
        self._buffer_s = _checked(buffer_s)
        self._rate = RATE_WITHOUT_DEVICE
        self._output: Output = ClockOnly(self._rate)
        # Outputs on their way to technogan-sound, and those it is done with.
        self._coming: deque[Output] = deque()
        self._retired: deque[Output] = deque()
        self._taken = threading.Event()
        self._asked = threading.Event()
        self._closing = threading.Event()
        self._closed = threading.Event()
        self._problem = "no device has been opened yet"
        self._dropouts_before = 0
        self._playhead = Playhead()
        self._given = 0.0
        self._sound = threading.Thread(target=self._feed, name="technogan-sound", daemon=True)
        self._device = threading.Thread(target=self._keep, name="technogan-device", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to mix, and open the device; whether that went well is in `status` soon."""
        shorten_turns()
        self._sound.start()
        self._device.start()

    def close(self) -> None:
        """End the recording, the sound and all threads."""
        self._closing.set()
        self._asked.set()
        if self._sound.ident is not None:
            self._device.join(_PATIENCE_S)
            self._closed.set()
            self._sound.join(_PATIENCE_S)
        self._recorder.stop()
        self.supply.close()

    @property
    def status(self) -> PlayerStatus:
        """What sound goes where, now."""
        output = self._output
        return PlayerStatus(
            output.device,
            output.sample_rate,
            output.block_frames,
            output.latency,
            self._dropouts_before + output.dropouts,
            "" if output.device else self._problem,
        )

    def devices(self) -> tuple[OutputDevice, ...]:
        """The devices known at the last look, none without PortAudio."""
        try:
            return self._devices.outputs()
        except DeviceError:
            return ()

    def use(self, device: str | None, *, buffer_s: float | None = None) -> None:
        """Play through another device, or the system's own choice; also looks which there are. Returns at once.

        Raises SettingError for a buffer below 0.01 or above 0.5 s.
        """
        self._buffer_s = self._buffer_s if buffer_s is None else _checked(buffer_s)
        self._wanted = device
        self._asked.set()

    def know(self, prepared: PreparedLoop) -> None:
        """This loop has been prepared elsewhere, and may be given to a voice next."""
        self.supply.know(prepared)

    def set_loop(self, voice: int, loop: Loop | None, *, when: When = "now") -> None:
        """Give a voice another loop, or none. It is prepared first, which takes milliseconds; the newest wins."""
        self.supply.set_loop(voice, loop, when)

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo as soon as all loops are prepared. Raises SettingError for one that makes no sense."""
        self.supply.set_tempo(bpm)

    def problems(self) -> list[TechnoganError]:
        """What went wrong with loops since the last call."""
        found = self.supply.problems
        return [found.popleft() for _ in range(len(found))]

    @property
    def recording(self) -> Recording | None:
        """The present or last recording, None before the first."""
        return self._recorder.state

    def record(self, path: Path) -> None:
        """Record what is heard, to a new file. Raises OutputError."""
        self._recorder.start(path, self._rate)

    def stop_recording(self) -> None:
        """End the recording, if there is one, and wait until it is written."""
        self._recorder.stop()

    @property
    def mark(self) -> Mark:
        """Where the music is, by `time.monotonic`."""
        return self._playhead.latest

    def beats_heard(self) -> float:
        """Position of what leaves the speakers now, in beats since the clock started: for a playhead."""
        return self.mark.at(time.monotonic())

    # --- technogan-sound

    def _feed(self) -> None:
        with realtime():
            while not self._closed.is_set():
                self._feed_block()

    def _feed_block(self) -> None:
        if self._coming:
            self._change_output(self._coming.popleft())
        self._output.wait()
        block = self.mixer.mix(self._output.block_frames)
        self._recorder.offer(block)
        try:
            self._output.write(block)
        except DeviceError as error:
            self._problem = str(error)
            self._change_output(ClockOnly(self._rate))
            self._asked.set()
        self._mark_position()

    def _change_output(self, output: Output) -> None:
        self._dropouts_before += self._output.dropouts
        self._retired.append(self._output)
        self._output = output
        self._taken.set()

    def _mark_position(self) -> None:
        (beats, beats_a_second), rate = self.mixer.position, self._output.sample_rate
        self._given += self._output.block_frames / rate
        self._playhead.mark(
            time.monotonic(),
            given=self._given,
            beats=beats,
            beats_a_second=beats_a_second,
            latency=self._output.latency + self.mixer.delay / rate,
        )

    # --- technogan-device

    def _keep(self) -> None:
        look = False
        while not self._closing.is_set():
            self._asked.clear()
            try:
                self._reopen(look=look)
            except TechnoganError as error:
                self._problem = str(error)
            look = True
            self._asked.wait(None if self._output.device else _RETRY_S)
        with contextlib.suppress(DeviceError):
            self._give(ClockOnly(self._rate))

    def _reopen(self, *, look: bool) -> None:
        """From whatever plays now to the device that is wanted, with a pause in between."""
        self._give(ClockOnly(self._rate))
        if look:
            self._devices.look_again()
        device = choose(self._devices.outputs(), self._wanted)
        if device.sample_rate != self._rate:
            self.supply.set_rate(device.sample_rate)
            self._rate = device.sample_rate
            self._recorder.go_on(self._rate)
        with realtime():  # the sound system's own threads begin here
            output = self._devices.open(device, self._buffer_s)
        self._give(output)

    def _give(self, output: Output) -> None:
        """Hand an output to the thread that plays, and close the one it had once that is out of its hands."""
        self._taken.clear()
        self._coming.append(output)
        if not self._taken.wait(_PATIENCE_S):
            # A stream must not be closed while it is written to.
            raise DeviceError("the device does not answer")
        while self._retired:
            self._retired.popleft().close()


def _checked(buffer_s: float) -> float:
    if not MIN_BUFFER_S <= buffer_s <= MAX_BUFFER_S:
        raise SettingError("buffer_s", buffer_s, f"from {MIN_BUFFER_S:g} to {MAX_BUFFER_S:g} seconds")
    return buffer_s
