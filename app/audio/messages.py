"""Messages to the process that plays, and its reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from app.audio.devices import OutputDevice
from app.audio.mixdown import When
from app.audio.playhead import Mark
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from technogan.arrays import FloatArray
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop

# Number of frames in every report, for the live analyser.
TAP_FRAMES = 4096


@dataclass(frozen=True, slots=True)
class RunClock:
    """Start the clock at beat 0; or fade out, stop it and return to beat 0."""

    running: bool


@dataclass(frozen=True, slots=True)
class PlayVoice:
    """Start or stop a voice."""

    voice: int
    playing: bool
    when: When = "now"


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Set the linear gain of a voice."""

    voice: int
    gain: float


@dataclass(frozen=True, slots=True)
class SetMuted:
    """Mute or unmute a voice."""

    voice: int
    muted: bool


@dataclass(frozen=True, slots=True)
class SetSolo:
    """Solo a voice, or end its solo."""

    voice: int
    soloed: bool


@dataclass(frozen=True, slots=True)
class SetStem:
    """Set the linear gain of one stem of a voice, by its name; loops without that stem ignore it."""

    voice: int
    stem: str
    gain: float


@dataclass(frozen=True, slots=True)
class SetMaster:
    """Set the linear gain of the whole mix."""

    gain: float


@dataclass(frozen=True, slots=True)
class SetLoop:
    """Give a voice another loop, or none.

    Attributes:
        voice: the voice.
        number: counts the changes of this voice's loop, from 1.
        loop: the loop; None removes the current one.
        prepared: the same loop, if it was already prepared for playing.
        when: when the change is complete.
    """

    voice: int
    number: int
    loop: Loop | None
    prepared: PreparedLoop | None
    when: When


@dataclass(frozen=True, slots=True)
class SetTempo:
    """Change the tempo."""

    bpm: float


@dataclass(frozen=True, slots=True)
class UseDevice:
    """Play through the device with this title; None is the system's default."""

    title: str | None


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record to a new file."""

    path: Path


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording."""


MixerMessage: TypeAlias = RunClock | PlayVoice | SetLevel | SetMuted | SetSolo | SetStem | SetMaster
ReplayKey: TypeAlias = tuple[type, int | None, str | None]
# What makes up the player's state: a restarted process gets the latest of each.
StateMessage: TypeAlias = MixerMessage | SetLoop | SetTempo | UseDevice
PlayerMessage: TypeAlias = StateMessage | StartRecording | StopRecording


def replay_key(message: StateMessage) -> ReplayKey:
    """Return a key that is equal for messages of which a later one replaces an earlier one."""
    return type(message), getattr(message, "voice", None), getattr(message, "stem", None)


@dataclass(frozen=True, slots=True)
class Meter:
    """Levels since the previous reading. true_peak: linear, 4 times oversampled. reduction: by the limiter, 0..1."""

    true_peak: float
    reduction: float


def combine_meters(meters: Sequence[Meter]) -> Meter:
    """Return the highest values of all meters; silence for none."""
    return Meter(max((m.true_peak for m in meters), default=0.0), max((m.reduction for m in meters), default=0.0))


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """The device that plays, and its state.

    Attributes:
        device: None while there is none.
        sample_rate: Hz.
        block_frames: frames that are mixed at a time.
        latency: seconds from mixing to the speaker.
        dropouts: number of times that sound came too late, on all devices so far.
        problem: the reason if no device plays, otherwise "".
    """

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


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """The state of the player in its process, sent sixty times a second.

    Attributes:
        status: which device plays.
        mark: the musical position.
        meter: levels since the previous report.
        newest: float32 (TAP_FRAMES,), the frames mixed last.
        loops: for each voice, the number of the last SetLoop; 0 until the mixer has that loop.
        recording: the current or last recording.
        problems: errors since the previous report.
        devices: the known devices; None if they have not changed since the previous report.
    """

    status: PlayerStatus
    mark: Mark = field(default_factory=Mark)
    meter: Meter = field(default_factory=lambda: Meter(0.0, 0.0))
    newest: FloatArray = field(default_factory=lambda: np.zeros(TAP_FRAMES, np.float32))
    loops: tuple[int, ...] = ()
    recording: Recording | None = None
    problems: tuple[TechnoganError, ...] = ()
    devices: tuple[OutputDevice, ...] | None = None
