"""The audio player: a mixer that always runs, and the output device if one is available.

A player has four threads:
- technogan-sound mixes a block and writes it to the device, or to a NullOutput if there is none. It never waits
  for anything else.
- technogan-device opens the device, and reopens it after it was disconnected.
- technogan-loops prepares loops (`app.audio.loop_preparer`).
- technogan-recorder writes a recording (`app.audio.recorder`).

One controlling thread calls the methods below, which return at once, and polls the properties. The window does so from
another process (`app.audio.remote_player`).
"""

import contextlib
import threading
import time
from collections import deque
from pathlib import Path
from typing import Self

from app.audio.devices import BUFFER_S, MAX_BUFFER_S, MIN_BUFFER_S, Devices, Output, OutputDevice, PortAudio, choose
from app.audio.loop_preparer import LoopPreparer
from app.audio.messages import PlayerStatus
from app.audio.mixdown import When
from app.audio.mixer import Mixer
from app.audio.null_output import NullOutput
from app.audio.playhead import Mark, Playhead
from app.audio.preparation import PreparedLoop
from app.audio.priority import realtime, shorten_switch_interval
from app.audio.recorder import Recorder, Recording
from technogan.errors import DeviceError, SettingError, TechnoganError
from technogan.sound.loop import Loop

RATE_WITHOUT_DEVICE = 44100
_RETRY_S = 2.0
_TIMEOUT_S = 5.0


class Player:
    """The instrument's audio player. `start` starts playback, `close` ends all threads; a with statement does both.

    Args:
        n_voices: the number of voices: the live loop and the slots.
        bpm: the tempo at the start.
        device: the title of the device to play through; None for the system's default.
        buffer_s: seconds of sound to buffer: less lowers the latency, more prevents dropouts on a busy machine.
        devices: the system's devices.

    Attributes:
        mixer: for starts, stops, levels and meters. Loops and the tempo go through the player.
        n_blocks: how many blocks have been mixed and written.
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
        self._preparer = LoopPreparer(self.mixer, bpm=bpm, sample_rate=RATE_WITHOUT_DEVICE)
        self._devices = devices or PortAudio()
        self._wanted = device
        self._buffer_s = _check_buffer(buffer_s)
        self._rate = RATE_WITHOUT_DEVICE
        self._output: Output = NullOutput(self._rate)
        # Outputs for technogan-sound to use next, and outputs that it no longer uses.
        self._next_outputs: deque[Output] = deque()
        self._retired: deque[Output] = deque()
        self._output_changed = threading.Event()
        self._reopen_requested = threading.Event()
        self._closing = threading.Event()
        self._closed = threading.Event()
        self._problem = "no device has been opened yet"
        self._earlier_dropouts = 0
        self._playhead = Playhead()
        self._written_s = 0.0
        self.n_blocks = 0
        self._sound = threading.Thread(target=self._play, name="technogan-sound", daemon=True)
        self._device = threading.Thread(target=self._watch_device, name="technogan-device", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start mixing and open the device in the background; `status` reports the result."""
        shorten_switch_interval()
        self._sound.start()
        self._device.start()

    def begin_close(self) -> None:
        """Ask the threads to end; `close` waits for them."""
        self._closing.set()
        self._reopen_requested.set()

    def close(self) -> None:
        """End the recording, playback and all threads."""
        self.begin_close()
        if self._sound.ident is not None:
            self._device.join(_TIMEOUT_S)
            self._closed.set()
            self._sound.join(_TIMEOUT_S)
        self._recorder.stop()
        self._preparer.close()

    @property
    def status(self) -> PlayerStatus:
        """The device in use, its latency and its dropouts."""
        output = self._output
        return PlayerStatus(
            output.device,
            output.sample_rate,
            output.block_frames,
            output.latency,
            self._earlier_dropouts + output.dropouts,
            "" if output.device else self._problem,
        )

    def devices(self) -> tuple[OutputDevice, ...]:
        """Return the devices found by the last scan; none if PortAudio is missing."""
        try:
            return self._devices.outputs()
        except DeviceError:
            return ()

    def use_device(self, title: str | None, *, buffer_s: float | None = None) -> None:
        """Scan for devices and play through the one with this title; None is the system's default.

        Raises SettingError for a buffer below 0.01 or above 0.5 s.
        """
        self._buffer_s = self._buffer_s if buffer_s is None else _check_buffer(buffer_s)
        self._wanted = title
        self._reopen_requested.set()

    def add_prepared(self, prepared: PreparedLoop) -> None:
        """Keep a loop that was prepared elsewhere, in case it is set next."""
        self._preparer.add_prepared(prepared)

    def set_loop(self, voice: int, loop: Loop | None, *, when: When = "now") -> None:
        """Set or remove the loop of a voice. It is prepared first, which takes milliseconds; the latest call wins."""
        self._preparer.set_loop(voice, loop, when)

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo as soon as all loops are prepared. Raises SettingError for a tempo out of range."""
        self._preparer.set_tempo(bpm)

    def take_problems(self) -> list[TechnoganError]:
        """Return the errors of loops that could not be prepared since the previous call."""
        found = self._preparer.problems
        return [found.popleft() for _ in range(len(found))]

    @property
    def recording(self) -> Recording | None:
        """The current or last recording; None before the first."""
        return self._recorder.state

    def record(self, path: Path) -> None:
        """Record the output to a new file. Raises OutputError."""
        self._recorder.start(path, self._rate)

    def stop_recording(self) -> None:
        """End the recording, if there is one, and wait until it is written."""
        self._recorder.stop()

    @property
    def mark(self) -> Mark:
        """The musical position, by `time.monotonic`."""
        return self._playhead.latest

    def beats_heard(self) -> float:
        """Return the position that is audible now, in beats since the clock started."""
        return self.mark.at(time.monotonic())

    # --- technogan-sound

    def _play(self) -> None:
        with realtime():
            while not self._closed.is_set():
                self._play_block()

    def _play_block(self) -> None:
        if self._next_outputs:
            self._change_output(self._next_outputs.popleft())
        self._output.wait()
        block = self.mixer.mix(self._output.block_frames)
        self._recorder.offer(block)
        try:
            self._output.write(block)
        except DeviceError as error:
            self._problem = str(error)
            self._change_output(NullOutput(self._rate))
            self._reopen_requested.set()
        self._update_playhead()
        self.n_blocks += 1

    def _change_output(self, output: Output) -> None:
        self._earlier_dropouts += self._output.dropouts
        self._retired.append(self._output)
        self._output = output
        self._output_changed.set()

    def _update_playhead(self) -> None:
        (beats, beats_per_second), rate = self.mixer.position, self._output.sample_rate
        self._written_s += self._output.block_frames / rate
        self._playhead.update(
            time.monotonic(),
            written_s=self._written_s,
            beats=beats,
            beats_per_second=beats_per_second,
            latency=self._output.latency + self.mixer.delay / rate,
        )

    # --- technogan-device

    def _watch_device(self) -> None:
        rescan = False
        while not self._closing.is_set():
            self._reopen_requested.clear()
            try:
                self._reopen(rescan=rescan)
            except TechnoganError as error:
                self._problem = str(error)
            rescan = True
            self._reopen_requested.wait(None if self._output.device else _RETRY_S)
        with contextlib.suppress(DeviceError):
            self._hand_over(NullOutput(self._rate))

    def _reopen(self, *, rescan: bool) -> None:
        """Change from the current output to the wanted device, with a pause in between."""
        self._hand_over(NullOutput(self._rate))
        if rescan:
            self._devices.rescan()
        device = choose(self._devices.outputs(), self._wanted)
        if device.sample_rate != self._rate:
            self._preparer.set_rate(device.sample_rate)
            self._rate = device.sample_rate
            self._recorder.change_rate(self._rate)
        with realtime():  # the sound system's own threads start here and inherit the priority
            output = self._devices.open(device, self._buffer_s)
        self._hand_over(output)

    def _hand_over(self, output: Output) -> None:
        """Give an output to technogan-sound, and close the previous one when that thread no longer uses it."""
        self._output_changed.clear()
        self._next_outputs.append(output)
        if not self._output_changed.wait(_TIMEOUT_S):
            # A stream must not be closed while another thread writes to it.
            raise DeviceError("the device does not respond")
        while self._retired:
            self._retired.popleft().close()


def _check_buffer(buffer_s: float) -> float:
    if not MIN_BUFFER_S <= buffer_s <= MAX_BUFFER_S:
        raise SettingError("buffer_s", buffer_s, f"from {MIN_BUFFER_S:g} to {MAX_BUFFER_S:g} seconds")
    return buffer_s
