"""Sound devices, through PortAudio: which there are, and one of them playing."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import DeviceError

BLOCK_FRAMES = 384
# Sound servers take what is written in lumps of 20 ms, and while loops are made Python may come as much too late.
BUFFER_S = 0.06
# How often to look for room: what is mixed before there is any waits in vain, and is heard so much later.
_LOOK_S = 0.001
_importing = threading.Lock()
MIN_BUFFER_S, MAX_BUFFER_S = 0.01, 0.5


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """Something that plays. channels: at most. sample_rate: Hz, the one it prefers.

    index: PortAudio's number for it, which may be another one's after PortAudio has looked again.
    """

    name: str
    host_api: str
    channels: int
    sample_rate: int
    is_default: bool
    index: int

    @property
    def title(self) -> str:
        """What a person sees, what settings keep, and what tells it from the others."""
        return f"{self.name} ({self.host_api})"


class Output(Protocol):
    """Takes sound block by block, each when there is room for it."""

    @property
    def device(self) -> OutputDevice | None:
        """What plays; None for nothing."""

    @property
    def sample_rate(self) -> int:
        """Hz."""

    @property
    def block_frames(self) -> int:
        """How much to write at a time."""

    @property
    def latency(self) -> float:
        """Seconds from `write` to the speaker."""

    @property
    def dropouts(self) -> int:
        """How often sound came too late."""

    def wait(self) -> None:
        """Until there is room for a block, or the device has anything else to say to `write`."""

    def write(self, block: FloatArray) -> None:
        """Play float32 (n_frames, 2), waiting until there is room. Raises DeviceError when the device is gone."""

    def close(self) -> None:
        """Stop; the last milliseconds may not be heard."""


class Devices(Protocol):
    """A system's devices."""

    def outputs(self) -> tuple[OutputDevice, ...]:
        """Those seen at the last look. Raises DeviceError."""

    def look_again(self) -> None:
        """Look which there are. Every output has to be closed before. Raises DeviceError."""

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """Begin to play, with about so many seconds of sound in hand. Raises DeviceError."""


def choose(devices: Sequence[OutputDevice], title: str | None) -> OutputDevice:
    """The device of that title, the system's own choice for None. Raises DeviceError where it is not there."""
    for device in devices:
        if device.title == title if title else device.is_default:
            return device
    if not devices:
        raise DeviceError("no sound device is connected; loops can be made but not played")
    if title:
        raise DeviceError(f"{title} is not connected; connect it or choose another device")
    return devices[0]


class PortAudio:
    """The devices that PortAudio sees.

    It looks for them once, when it starts; to see what was plugged in later it has to be started anew, which ends
    every stream.
    """

    def outputs(self) -> tuple[OutputDevice, ...]:
        """See Devices."""
        sounddevice = portaudio()
        try:
            apis, devices = sounddevice.query_hostapis(), sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"PortAudio names no devices: {_said(error)}") from error
        return tuple(
            OutputDevice(
                name=device["name"],
                host_api=apis[device["hostapi"]]["name"],
                channels=device["max_output_channels"],
                sample_rate=round(device["default_samplerate"]),
                is_default=device["index"] == sounddevice.default.device[1],
                index=device["index"],
            )
            for device in devices
            if device["max_output_channels"] > 0
        )

    def look_again(self) -> None:
        """See Devices."""
        sounddevice = portaudio()
        try:
            sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"PortAudio does not start: {_said(error)}") from error

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """See Devices."""
        return PortAudioOutput(device, buffer_s)


class PortAudioOutput:
    """A device that plays from a buffer which PortAudio's own code empties: no Python has to run when sound is due.

    latency: as PortAudio states it. dropouts: how often the buffer had run empty, by PortAudio's word or by the clock;
    some systems say nothing.
    """

    def __init__(self, device: OutputDevice, buffer_s: float) -> None:
        sounddevice = portaudio()
        self.device = device
        self.sample_rate = device.sample_rate
        self.block_frames = BLOCK_FRAMES
        self.dropouts = 0
        self._channels = min(2, device.channels)
        self._failures = sounddevice.PortAudioError
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=self.sample_rate,
                blocksize=BLOCK_FRAMES,
                device=device.index,
                channels=self._channels,
                dtype="float32",
                latency=buffer_s,
            )
            self._stream.start()
        except self._failures as error:
            raise DeviceError(f"{device.title} does not open: {_said(error)}") from error
        self.latency = float(self._stream.latency)
        self._lasts_until = math.inf

    def wait(self) -> None:
        """See Output."""
        end = time.monotonic() + self.latency
        with contextlib.suppress(self._failures):
            while self._stream.write_available < self.block_frames and time.monotonic() < end:
                time.sleep(_LOOK_S)

    def write(self, block: FloatArray) -> None:
        """See Output."""
        too_late = time.monotonic() > self._lasts_until
        try:
            ran_empty = self._stream.write(np.ascontiguousarray(block[:, : self._channels]))
        except self._failures as error:
            raise DeviceError(f"{self.device.title} is gone: {_said(error)}") from error
        self.dropouts += too_late or ran_empty
        self._lasts_until = time.monotonic() + self.latency

    def close(self) -> None:
        """See Output."""
        self._stream.close(ignore_errors=True)


def portaudio() -> Any:
    """The sounddevice module. Raises DeviceError where the library below it is not there."""
    # A thread that waits for another's import, which then fails, would be given what there was of the module by then.
    with _importing:
        try:
            import sounddevice
        except OSError as error:
            advice = "sudo apt-get install libportaudio2" if sys.platform == "linux" else "reinstall sounddevice"
            raise DeviceError(f"PortAudio is not there; loops can be made but not played ({advice})") from error
    return sounddevice


def _said(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
