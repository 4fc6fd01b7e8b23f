"""The interface of a player in this process (`app.audio.player`) or another one (`app.audio.remote_player`)."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

from app.audio.devices import OutputDevice
from app.audio.messages import (
    Meter,
    MixerMessage,
    PlayerStatus,
    PlayVoice,
    RunClock,
    SetLevel,
    SetMaster,
    SetMuted,
    SetSolo,
    SetStem,
)
from app.audio.mixdown import When
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from technogan.arrays import FloatArray
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop


class MixerControls(ABC):
    """The controls of a mixer, for one controlling thread. Every method returns at once."""

    @abstractmethod
    def send(self, message: MixerMessage) -> None:
        """Queue a message for the audio thread."""

    @abstractmethod
    def meter(self) -> Meter:
        """Return the highest levels since the previous call. Only one reader may call it."""

    @abstractmethod
    def tap(self, n_frames: int) -> FloatArray:
        """Return the frames mixed last. float32 (n_frames,). Raises SettingError if that is more than is kept."""

    def run(self, running: bool) -> None:
        """Start the clock at beat 0; or fade out, stop it and return to beat 0."""
        self.send(RunClock(running))

    def start(self, voice: int, *, when: When = "now") -> None:
        """Start a voice. A later `stop` replaces a start that still waits for its beat."""
        self.send(PlayVoice(voice, True, when))

    def stop(self, voice: int, *, when: When = "now") -> None:
        """Stop a voice. Its loop keeps running silently, so that it stays in step."""
        self.send(PlayVoice(voice, False, when))

    def set_level(self, voice: int, gain: float) -> None:
        """Set the gain of a voice: linear, 0 to 4."""
        self.send(SetLevel(voice, gain))

    def set_muted(self, voice: int, muted: bool) -> None:
        """Mute or unmute a voice."""
        self.send(SetMuted(voice, muted))

    def set_solo(self, voice: int, soloed: bool) -> None:
        """Solo a voice, or end its solo. While a soloed voice plays, the others are silent."""
        self.send(SetSolo(voice, soloed))

    def set_stem(self, voice: int, stem: str, gain: float) -> None:
        """Set the gain of a stem by its name, for this and later loops of the voice: linear, 0 to 4."""
        self.send(SetStem(voice, stem, gain))

    def set_master(self, gain: float) -> None:
        """Set the gain before the limiter: linear, 0 to 4."""
        self.send(SetMaster(gain))


class AnyPlayer(Protocol):
    """A player in this or another process. `app.audio.player.Player` describes its methods."""

    @property
    def mixer(self) -> MixerControls:
        """The controls of its mixer."""

    @property
    def status(self) -> PlayerStatus:
        """The device that plays, and its state."""

    @property
    def recording(self) -> Recording | None:
        """The current or last recording; None before the first."""

    def devices(self) -> tuple[OutputDevice, ...]:
        """Return the devices found by the last scan."""

    def use_device(self, title: str | None) -> None:
        """Scan for devices and play through the one with this title; None is the default."""

    def add_prepared(self, prepared: PreparedLoop) -> None:
        """Keep a loop that was prepared elsewhere, in case it is set next."""

    def set_loop(self, voice: int, loop: Loop | None, *, when: When = "now") -> None:
        """Give a voice another loop, or none."""

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo. Raises SettingError."""

    def take_problems(self) -> list[TechnoganError]:
        """Return the errors since the previous call."""

    def record(self, path: Path) -> None:
        """Record what is heard to a new file. Raises OutputError."""

    def stop_recording(self) -> None:
        """End the recording, if there is one."""

    def beats_heard(self) -> float:
        """Return the position of what leaves the speakers now, in beats since the clock started."""
