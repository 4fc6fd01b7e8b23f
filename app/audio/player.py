"""What the window plays through: one mixer that always runs, and under it a device, as long as there is one.

Four threads, and none of them waits for another:
- technogan-sound mixes a block and gives it to the device; without one to a clock that takes as long.
- technogan-device opens the device, and looks for it again after it has gone.
- technogan-loops prepares loops (`app.audio.supply`), technogan-recorder writes a recording (`app.audio.recorder`).
The window's own thread calls the methods below, which return at once, and polls.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.audio.devices import BLOCK_FRAMES, DeviceStream, OutputDevice, choose, look_again, outputs
from app.audio.mixdown import When
from app.audio.mixer import Mixer
from app.audio.recorder import Recorder
from app.audio.supply import LoopSupply
from technogan.errors import DeviceError, TechnoganError
from technogan.loop import Loop
from technogan.transform import FloatArray

_RATE_WITHOUT_DEVICE = 44100
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


class ClockOnly:
    """Takes blocks and makes no sound: time goes on where there is no device."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.block_frames = BLOCK_FRAMES
        self.latency = 0.0
        self.dropouts = 0
        self._due = time.monotonic()

    def write(self, block: FloatArray) -> None:
        """Take as long as the block lasts."""
        now = time.monotonic()
        # What a sleeping machine missed is not made up for.
        self._due = max(self._due + len(block) / self.sample_rate, now)
        time.sleep(self._due - now)

    def close(self) -> None:
        """Nothing is open."""


Output = ClockOnly | DeviceStream


class Player:
    """The sound of the instrument. mixer: for starts, stops, levels, meters; loops and tempo go through the player.

    device: the title of the device to play through; None for the system's own choice. n_voices: the live loop and the
    slots. `start` begins to play, `close` ends all threads; it may be used in a with statement.
    """

    def __init__(self, *, n_voices: int = 9, bpm: float = 128.0, device: str | None = None) -> None:
        self.mixer = Mixer(_RATE_WITHOUT_DEVICE, bpm, n_voices)
        self.recorder = Recorder()
        self.supply = LoopSupply(self.mixer, bpm=bpm, sample_rate=_RATE_WITHOUT_DEVICE)
        self._wanted = device
        self._rate = _RATE_WITHOUT_DEVICE
        self._output: Output = ClockOnly(self._rate)
        self._next_output: Output | None = None
        self._retired: deque[Output] = deque()
        self._taken = threading.Event()
        self._asked = threading.Event()
        self._closing = threading.Event()
        self._problem = "the sound has not been started"
        self._dropouts_before = 0
        self._mark = (0.0, 0.0, 0.0)
        self._threads = [
            threading.Thread(target=self._feed, name="technogan-sound", daemon=True),
            threading.Thread(target=self._keep, name="technogan-device", daemon=True),
        ]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to mix, and open the device; whether that went well is in `status` soon."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the recording, the sound and all threads."""
        self._closing.set()
        self._asked.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(_PATIENCE_S)
        self.recorder.stop()
        self.supply.close()

    @property
    def status(self) -> PlayerStatus:
        """What sound goes where, now."""
        output = self._output
        device = output.device if isinstance(output, DeviceStream) else None
        return PlayerStatus(
            device,
            output.sample_rate,
            output.block_frames,
            output.latency,
            self._dropouts_before + output.dropouts,
            "" if device else self._problem,
        )

    def devices(self) -> tuple[OutputDevice, ...]:
        """The devices known at the last look, none without PortAudio."""
        try:
            return outputs()
        except DeviceError:
            return ()

    def use(self, device: str | None) -> None:
        """Play through another device, or the system's own choice; also looks which there are. Returns at once."""
        self._wanted = device
        self._asked.set()

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

    def record(self, path: Path) -> None:
        """Record what is heard; `recorder` says how it goes. Raises OutputError."""
        self.recorder.start(path, self._rate)

    def beats_heard(self) -> float:
        """Position of what leaves the speakers now, in beats since the clock started: for a playhead."""
        marked, beats, beats_a_second = self._mark
        return max(beats + (time.perf_counter() - marked) * beats_a_second, 0.0)

    # --- technogan-sound

    def _feed(self) -> None:
        while not self._closing.is_set():
            self._change_output()
            block = self.mixer.mix(self._output.block_frames)
            self.recorder.offer(block)
            try:
                self._output.write(block)
            except DeviceError as error:
                self._problem = str(error)
                self._next_output = ClockOnly(self._rate)
                self._asked.set()
            self._mark_position()

    def _change_output(self) -> None:
        if self._next_output is not None:
            self._dropouts_before += self._output.dropouts
            self._retired.append(self._output)
            self._output, self._next_output = self._next_output, None
            self._taken.set()

    def _mark_position(self) -> None:
        state = self.mixer.state
        speed = state.bpm / 60 if state.running else 0.0
        self._mark = (time.perf_counter(), state.beats - self._output.latency * speed, speed)

    # --- technogan-device

    def _keep(self) -> None:
        first = True
        while not self._closing.is_set():
            self._asked.clear()
            self._reopen(look=not first)
            first = False
            self._asked.wait(None if isinstance(self._output, DeviceStream) else _RETRY_S)
        self._give(ClockOnly(self._rate))

    def _reopen(self, *, look: bool) -> None:
        """From whatever plays now to the device that is wanted, with a pause in between."""
        self._give(ClockOnly(self._rate))
        try:
            if look:
                look_again()
            device = choose(self._wanted)
            if device.sample_rate != self._rate:
                self.recorder.stop()
                self._rate = device.sample_rate
                self.supply.set_rate(self._rate)
            self._give(DeviceStream(device))
        except DeviceError as error:
            self._problem = str(error)

    def _give(self, output: Output) -> None:
        """Hand an output to the thread that plays, and close the one it had once it is out of its hands."""
        self._taken.clear()
        self._next_output = output
        self._taken.wait(_PATIENCE_S)
        while self._retired:
            self._retired.popleft().close()
