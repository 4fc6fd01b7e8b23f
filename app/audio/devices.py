"""Output devices of the system, through PortAudio."""

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
# Sound servers read in steps of 20 ms, and while loops are rendered Python may be late by as much.
BUFFER_S = 0.06
MIN_BUFFER_S, MAX_BUFFER_S = 0.01, 0.5
# Interval at which `wait` polls. A block that is mixed before there is room for it only adds latency.
_POLL_S = 0.001
_importing = threading.Lock()


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """An output device of the system.

    Attributes:
        name: its name in PortAudio.
        host_api: the system's sound interface, such as ALSA or Core Audio.
        channels: the largest number of channels.
        sample_rate: Hz, the rate that it prefers.
        is_default: True for the system's default output.
        index: PortAudio's number for it; it may change with every rescan.
    """

    name: str
    host_api: str
    channels: int
    sample_rate: int
    is_default: bool
    index: int

    @property
    def title(self) -> str:
        """Its name in menus and settings, unique among devices."""
        return f"{self.name} ({self.host_api})"


class Output(Protocol):
    """An open device that takes sound block by block.

    The thread technogan-sound calls `wait` and `write`. Its owner closes it, once that thread has let go of it.
    """

    @property
    def device(self) -> OutputDevice | None:
        """The device that plays; None if nothing is heard."""

    @property
    def sample_rate(self) -> int:
        """Hz."""

    @property
    def block_frames(self) -> int:
        """Frames to write at a time."""

    @property
    def latency(self) -> float:
        """Seconds from `write` to the speaker."""

    @property
    def dropouts(self) -> int:
        """Number of times that sound came too late."""

    def wait(self) -> None:
        """Wait until there is room for a block, or until `write` would raise."""

    def write(self, block: FloatArray) -> None:
        """Play float32 (n_frames, 2); wait until there is room. Raises DeviceError if the device is lost."""

    def close(self) -> None:
        """Stop. The last milliseconds may not be heard."""


class Devices(Protocol):
    """The devices of a system. Only the thread technogan-device rescans and opens; any thread may list."""

    def outputs(self) -> tuple[OutputDevice, ...]:
        """Return the devices found by the last scan. Raises DeviceError."""

    def rescan(self) -> None:
        """Look for devices again. Every output must be closed first. Raises DeviceError."""

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """Open a device that buffers about `buffer_s` seconds of sound. Raises DeviceError."""


def choose(devices: Sequence[OutputDevice], title: str | None) -> OutputDevice:
    """Return the device with this title, the system's default for None. Raises DeviceError if there is none."""
    for device in devices:
        if device.title == title if title else device.is_default:
            return device
    if not devices:
        raise DeviceError("no sound device is connected; you can make loops but not play them")
    if title:
        raise DeviceError(f"{title} is not connected; connect it or choose another device")
    return devices[0]


class PortAudio:
    """The devices that PortAudio finds.

    PortAudio scans once, when it starts. To find devices that were plugged in later it must be restarted, which ends
    every stream. A lock keeps other threads from listing devices during the restart.
    """

    def __init__(self) -> None:
        self._scanning = threading.Lock()

    def outputs(self) -> tuple[OutputDevice, ...]:
        """See Devices."""
        sounddevice = portaudio()
        try:
            with self._scanning:
                apis, devices = sounddevice.query_hostapis(), sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"PortAudio cannot list the devices: {_reason(error)}") from error
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

    def rescan(self) -> None:
        """See Devices."""
        sounddevice = portaudio()
        try:
            with self._scanning:
                sounddevice._terminate()
                sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"PortAudio does not start: {_reason(error)}") from error

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """See Devices."""
        return PortAudioOutput(device, buffer_s)


class PortAudioOutput:
    """A device that plays from a buffer. PortAudio's own code empties it, so no Python runs when sound is due.

    Attributes:
        latency: seconds, as PortAudio reports it.
        dropouts: number of times that the buffer ran empty, as reported by PortAudio, or as found by the clock on
            systems that do not report it.
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
            raise DeviceError(f"cannot open {device.title}: {_reason(error)}") from error
        self.latency = float(self._stream.latency)
        self._empty_at = math.inf

    def wait(self) -> None:
        """See Output."""
        end = time.monotonic() + self.latency
        with contextlib.suppress(self._failures):
            while self._stream.write_available < self.block_frames and time.monotonic() < end:
                time.sleep(_POLL_S)

    def write(self, block: FloatArray) -> None:
        """See Output."""
        too_late = time.monotonic() > self._empty_at
        try:
            ran_empty = self._stream.write(np.ascontiguousarray(block[:, : self._channels]))
        except self._failures as error:
            raise DeviceError(f"{self.device.title} was disconnected: {_reason(error)}") from error
        self.dropouts += too_late or ran_empty
        self._empty_at = time.monotonic() + self.latency

    def close(self) -> None:
        """See Output."""
        self._stream.close(ignore_errors=True)


def portaudio() -> Any:
    """Return the sounddevice module. Any thread may call it. Raises DeviceError if PortAudio is not installed."""
    # Without the lock, a thread that waits for a failing import in another thread would get a half-made module.
    with _importing:
        try:
            import sounddevice
        except OSError as error:
            advice = "sudo apt-get install libportaudio2" if sys.platform == "linux" else "reinstall sounddevice"
            raise DeviceError(f"PortAudio is not installed; you can make loops but not play them ({advice})") from error
    return sounddevice


def _reason(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
