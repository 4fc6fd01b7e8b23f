"""Sound devices, through PortAudio: which there are, and one of them playing.

PortAudio looks for devices once, when it starts. To see what was plugged in later it has to be started anew, which
ends every stream: `look_again` is for when none plays.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from technogan.errors import DeviceError
from technogan.transform import FloatArray

BLOCK_FRAMES = 384
_LATENCY_S = 0.04
_NO_PORTAUDIO = "PortAudio is not there; loops can be made but not played"


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """Something that plays. Its name and host API tell it from the others, from one start of PortAudio to the next.

    channels: at most. sample_rate: Hz, the one it prefers.
    """

    name: str
    host_api: str
    channels: int
    sample_rate: int
    is_default: bool
    index: int

    @property
    def title(self) -> str:
        """What a person sees and what settings keep."""
        return f"{self.name} ({self.host_api})"


def portaudio() -> Any:
    """The sounddevice module. Raises DeviceError where its library is not there."""
    try:
        import sounddevice
    except OSError as error:
        advice = "sudo apt-get install libportaudio2" if sys.platform == "linux" else "reinstall sounddevice"
        raise DeviceError(f"{_NO_PORTAUDIO} ({advice})") from error
    return sounddevice


def outputs() -> tuple[OutputDevice, ...]:
    """All devices that PortAudio saw when it started. Raises DeviceError."""
    sounddevice = portaudio()
    apis = sounddevice.query_hostapis()
    default = sounddevice.default.device[1]
    return tuple(
        OutputDevice(
            name=device["name"],
            host_api=apis[device["hostapi"]]["name"],
            channels=device["max_output_channels"],
            sample_rate=round(device["default_samplerate"]),
            is_default=device["index"] == default,
            index=device["index"],
        )
        for device in sounddevice.query_devices()
        if device["max_output_channels"] > 0
    )


def look_again() -> None:
    """Start PortAudio anew, so that it sees what was plugged in. Ends every stream. Raises DeviceError."""
    sounddevice = portaudio()
    try:
        sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"PortAudio does not start: {_said(error)}") from error


def choose(title: str | None) -> OutputDevice:
    """The device of that title, the system's own choice for None. Raises DeviceError where it is not there."""
    found = outputs()
    if not found:
        raise DeviceError("no sound device")
    for device in found:
        if device.title == title if title else device.is_default:
            return device
    if title is None:
        return found[0]
    raise DeviceError(f"{title} is not connected")


class DeviceStream:
    """A device playing what `write` gives it, through a buffer that C code empties: no Python runs when it is due.

    write waits until there is room. The stream is silent, and counted as a dropout, while Python comes too late.
    """

    def __init__(self, device: OutputDevice) -> None:
        sounddevice = portaudio()
        self.device = device
        self.sample_rate = device.sample_rate
        self.block_frames = BLOCK_FRAMES
        self.dropouts = 0
        self._failures = sounddevice.PortAudioError
        self._channels = min(2, device.channels)
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=self.sample_rate,
                blocksize=BLOCK_FRAMES,
                device=device.index,
                channels=self._channels,
                dtype="float32",
                latency=_LATENCY_S,
            )
            self._stream.start()
        except self._failures as error:
            raise DeviceError(f"{device.title} does not open: {_said(error)}") from error

    @property
    def latency(self) -> float:
        """Seconds from `write` to the speaker, as PortAudio states it."""
        return float(self._stream.latency)

    def write(self, block: FloatArray) -> None:
        """Play float32 (n_frames, 2). Raises DeviceError when the device is gone."""
        try:
            self.dropouts += bool(self._stream.write(block[:, : self._channels]))
        except self._failures as error:
            raise DeviceError(f"{self.device.title} is gone: {_said(error)}") from error

    def close(self) -> None:
        """Stop at once; the last milliseconds are not heard."""
        self._stream.close(ignore_errors=True)


def _said(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
