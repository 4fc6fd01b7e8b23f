"""One loop of the mix, as the thread that plays sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from app.audio.preparation import PreparedLoop
from app.audio.ramp import Ramp
from technogan.arrays import FloatArray

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Value]):
    """A change that waits for a beat; a later one of its kind takes its place. beat: None for at once."""

    value: Value
    beat: int | None

    def due(self, beat_frames: int, fade_frames: int) -> float:
        """The frame at which its fade begins, so that it is complete on the beat."""
        return -math.inf if self.beat is None else self.beat * beat_frames - fade_frames


class Voice:
    """A loop read at the clock's own position, its gain, and the crossfade that another loop comes in with."""

    def __init__(self, fade_frames: int) -> None:
        self.loop: PreparedLoop | None = None
        self.playing = False
        self.level = 1.0
        self.muted = self.soloed = False
        self.gain = Ramp(0.0, fade_frames)
        self.fade_left = 0
        self.waiting_loop: Waiting[PreparedLoop | None] | None = None
        self.waiting_play: Waiting[bool] | None = None
        self._outgoing: PreparedLoop | None = None
        self._outgoing_frame = 0
        self._fades = equal_power(fade_frames, 0.0)

    @property
    def waits(self) -> bool:
        """Whether something is to happen."""
        return self.waiting_loop is not None or self.waiting_play is not None

    def act(self, frame: int, beat_frames: int) -> bool:
        """Do what is due at this frame; True if the gain has to follow.

        A crossfade is let through to its end before the next one begins.
        """
        fade = self.gain.n_frames
        if self.waiting_loop and not self.fade_left and self.waiting_loop.due(beat_frames, fade) <= frame:
            self.swap(self.waiting_loop.value, frame, frame)
            self.waiting_loop = None
        if self.waiting_play is None or self.waiting_play.due(beat_frames, fade) > frame:
            return False
        self.playing, self.waiting_play = self.waiting_play.value, None
        return True

    def frames_until(self, frame: int, beat_frames: int) -> float:
        """How long nothing is due; at least 1 after `act`."""
        fade = self.gain.n_frames
        until = math.inf
        if self.waiting_loop:
            until = max(self.waiting_loop.due(beat_frames, fade) - frame, self.fade_left)
        if self.waiting_play:
            until = min(until, self.waiting_play.due(beat_frames, fade) - frame)
        return until

    def settle(self) -> None:
        """Do at once, unheard, what was waiting, and end the crossfade."""
        self.set(self.waiting_loop.value if self.waiting_loop else self.loop)
        self.playing = self.waiting_play.value if self.waiting_play else self.playing
        self.waiting_loop = self.waiting_play = None

    def set(self, loop: PreparedLoop | None) -> None:
        """Take another loop without a crossfade: for a voice that nobody hears."""
        self.loop = loop
        self._outgoing = None
        self.fade_left = 0

    def swap(self, loop: PreparedLoop | None, frame: int, outgoing_frame: int) -> None:
        """Crossfade to a loop that is at `frame` from the present one, which is at `outgoing_frame`.

        The two differ where the tempo changes.
        """
        if self.gain.silent:
            self.set(loop)
            return
        self._outgoing, self._outgoing_frame, self.loop = self.loop, outgoing_frame, loop
        self.fade_left = self.gain.n_frames
        before, after = read(self._outgoing, outgoing_frame, self.fade_left), read(loop, frame, self.fade_left)
        self._fades = equal_power(self.fade_left, likeness(before, after))

    def head_for(self, *, any_soloed: bool) -> None:
        """Send the gain to what level, mute, solo and play now ask for."""
        audible = self.playing and not self.muted and (self.soloed or not any_soloed)
        self.gain.to(self.level if audible else 0.0)

    def add_to(self, bus: FloatArray, frame: int) -> None:
        """Add the frames from `frame` on. bus: float32 (n_frames,)."""
        if self.gain.silent:
            self.set(self.loop)
            return
        samples = read(self.loop, frame, len(bus))
        if self.fade_left:
            samples = self._crossfaded(samples)
        bus += samples * self.gain.read(len(bus))

    def _crossfaded(self, samples: FloatArray) -> FloatArray:
        n = min(len(samples), self.fade_left)
        done = len(self._fades[0]) - self.fade_left
        out, into = (gains[done : done + n] for gains in self._fades)
        mixed = samples.copy()
        mixed[:n] = samples[:n] * into + read(self._outgoing, self._outgoing_frame, n) * out
        self._outgoing_frame += n
        self.fade_left -= n
        if self.fade_left == 0:
            self._outgoing = None
        return mixed


def read(loop: PreparedLoop | None, frame: int, n_frames: int) -> FloatArray:
    """n_frames of a loop from `frame` on, around its circle. float32 (n_frames,), perhaps a view."""
    if loop is None:
        return np.zeros(n_frames, np.float32)
    start = frame % len(loop.samples)
    if start + n_frames <= len(loop.samples):
        return loop.samples[start : start + n_frames]
    return np.take(loop.samples, np.arange(start, start + n_frames), mode="wrap")


def likeness(before: FloatArray, after: FloatArray) -> float:
    """Correlation of two stretches of sound, from 0 to 1; opposite ones count as unlike."""
    energy = float(before @ before) * float(after @ after)
    return max(float(before @ after) / math.sqrt(energy), 0.0) if energy > 0 else 0.0


def equal_power(n_frames: int, correlation: float) -> tuple[FloatArray, FloatArray]:
    """Gains out of one sound and into another that keep the power of their sum. Two float32 (n_frames,).

    Cosine and sine do so for sounds that have nothing in common. Alike ones, as neighbouring seeds are, would swell by
    up to 3 dB; so the correlation is divided out, and a loop that replaces itself is not heard to.
    """
    angle = np.pi / 2 * (np.arange(n_frames) + 0.5) / n_frames
    out, into = np.cos(angle), np.sin(angle)
    power = np.sqrt(1 + 2 * correlation * out * into)
    return (out / power).astype(np.float32), (into / power).astype(np.float32)
