"""One voice of the mix. Only the audio thread may use it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from app.audio.preparation import PreparedLoop
from app.audio.ramp import Ramp, StemGains
from technogan.arrays import FloatArray

Value = TypeVar("Value")
# Gains of stems by name: float32 (n_frames,), or one number if it is not moving.
Gains = Mapping[str, FloatArray | np.float32 | float]


@dataclass(frozen=True, slots=True)
class Pending(Generic[Value]):
    """A change that waits for a beat; a later one of its kind replaces it. beat: None for at once."""

    value: Value
    beat: int | None

    def due(self, beat_frames: int, fade_frames: int) -> float:
        """Return the frame at which its fade must begin, so that it is complete on the beat."""
        return -math.inf if self.beat is None else self.beat * beat_frames - fade_frames


class Voice:
    """A loop read at the clock's own position, its gain and those of its stems, and the crossfade to the next loop."""

    def __init__(self, fade_frames: int) -> None:
        self.loop: PreparedLoop | None = None
        self.playing = False
        self.level = 1.0
        self.muted = self.soloed = False
        self.gain = Ramp(0.0, fade_frames)
        self.stems = StemGains(fade_frames)
        self.fade_left = 0
        self.pending_loop: Pending[PreparedLoop | None] | None = None
        self.pending_play: Pending[bool] | None = None
        self._outgoing: PreparedLoop | None = None
        self._outgoing_frame = 0
        self._fades = make_equal_power_fades(fade_frames, 0.0)

    @property
    def has_pending(self) -> bool:
        """True if a change waits for its beat."""
        return self.pending_loop is not None or self.pending_play is not None

    def apply_due(self, frame: int, beat_frames: int) -> bool:
        """Make the changes that are due at this frame; return whether the gain must be updated.

        A crossfade ends before the next one begins.
        """
        fade = self.gain.n_frames
        if self.pending_loop and not self.fade_left and self.pending_loop.due(beat_frames, fade) <= frame:
            self.swap(self.pending_loop.value, frame, frame)
            self.pending_loop = None
        if self.pending_play is None or self.pending_play.due(beat_frames, fade) > frame:
            return False
        self.playing, self.pending_play = self.pending_play.value, None
        return True

    def frames_until_due(self, frame: int, beat_frames: int) -> float:
        """Return how many frames pass before the next change is due; at least 1 after `apply_due`."""
        fade = self.gain.n_frames
        until = math.inf
        if self.pending_loop:
            until = max(self.pending_loop.due(beat_frames, fade) - frame, self.fade_left)
        if self.pending_play:
            until = min(until, self.pending_play.due(beat_frames, fade) - frame)
        return until

    def settle(self) -> None:
        """Make all pending changes at once, without fades."""
        self.set(self.pending_loop.value if self.pending_loop else self.loop)
        self.playing = self.pending_play.value if self.pending_play else self.playing
        self.pending_loop = self.pending_play = None

    def set(self, loop: PreparedLoop | None) -> None:
        """Change the loop without a crossfade: for a silent voice."""
        self.loop = loop
        self._outgoing = None
        self.fade_left = 0

    def swap(self, loop: PreparedLoop | None, frame: int, outgoing_frame: int) -> None:
        """Crossfade to another loop.

        Args:
            loop: the new loop.
            frame: the clock's position, at which the new loop starts.
            outgoing_frame: the position in the old loop; it differs from `frame` if the tempo changes.
        """
        if self.gain.is_silent:
            self.set(loop)
            return
        self._outgoing, self._outgoing_frame, self.loop = self.loop, outgoing_frame, loop
        self.fade_left = self.gain.n_frames
        gains = self.stems.targets
        before = read_loop(self._outgoing, outgoing_frame, self.fade_left, gains)
        after = read_loop(loop, frame, self.fade_left, gains)
        self._fades = make_equal_power_fades(self.fade_left, correlate(before, after))

    def update_gain(self, *, any_soloed: bool) -> None:
        """Move the gain to what level, mute, solo and play ask for."""
        audible = self.playing and not self.muted and (self.soloed or not any_soloed)
        self.gain.move_to(self.level if audible else 0.0)

    def set_stem(self, stem: str, gain: float) -> None:
        """Move the gain of a stem, at once if the voice is silent."""
        self.stems.move_to(stem, gain)
        if self.gain.is_silent:
            self.stems.settle()

    def add_to(self, bus: FloatArray, frame: int) -> None:
        """Add the frames from `frame` on to the bus: float32 (n_frames,)."""
        if self.gain.is_silent:
            self.set(self.loop)
            self.stems.settle()
            return
        gains = self.stems.read(len(bus))
        samples = read_loop(self.loop, frame, len(bus), gains)
        if self.fade_left:
            samples = self._crossfade(samples, gains)
        bus += samples * self.gain.read(len(bus))

    def _crossfade(self, samples: FloatArray, gains: Gains) -> FloatArray:
        n = min(len(samples), self.fade_left)
        done = len(self._fades[0]) - self.fade_left
        out, into = (gains[done : done + n] for gains in self._fades)
        mixed = samples.copy()
        first = {stem: gain[:n] if isinstance(gain, np.ndarray) else gain for stem, gain in gains.items()}
        mixed[:n] = samples[:n] * into + read_loop(self._outgoing, self._outgoing_frame, n, first) * out
        self._outgoing_frame += n
        self.fade_left -= n
        if self.fade_left == 0:
            self._outgoing = None
        return mixed


def read_loop(loop: PreparedLoop | None, frame: int, n_frames: int, gains: Gains) -> FloatArray:
    """Return n_frames frames of a loop from `frame` on, repeating it; zeros for None. (n_frames,), perhaps a view.

    gains: of the stems that do not play at 1. Without any of them the loop's own samples play.
    """
    if loop is None:
        return np.zeros(n_frames, np.float32)
    if not gains or not any(stem in gains for stem in loop.stems):
        return _read_repeated(loop.samples, frame, n_frames)
    mixed = np.zeros(n_frames, np.float32)
    for stem, samples in loop.stems.items():
        part = _read_repeated(samples, frame, n_frames)
        mixed += part * gains[stem] if stem in gains else part
    return mixed


def _read_repeated(samples: FloatArray, frame: int, n_frames: int) -> FloatArray:
    start = frame % len(samples)
    if start + n_frames <= len(samples):
        return samples[start : start + n_frames]
    return np.take(samples, np.arange(start, start + n_frames), mode="wrap")


def correlate(before: FloatArray, after: FloatArray) -> float:
    """Return the correlation of two pieces of sound, 0 to 1; a negative one counts as 0."""
    energy = float(before @ before) * float(after @ after)
    return max(float(before @ after) / math.sqrt(energy), 0.0) if energy > 0 else 0.0


def make_equal_power_fades(n_frames: int, correlation: float) -> tuple[FloatArray, FloatArray]:
    """Return the gains out of one sound and into another that keep the power of their sum. Two float32 (n_frames,).

    Cosine and sine do so for uncorrelated sounds. Correlated ones, such as loops of neighbouring seeds, would swell by
    up to 3 dB; dividing by the power of the sum prevents that, so a loop that replaces itself stays inaudible.
    """
    angle = np.pi / 2 * (np.arange(n_frames) + 0.5) / n_frames
    out, into = np.cos(angle), np.sin(angle)
    power = np.sqrt(1 + 2 * correlation * out * into)
    return (out / power).astype(np.float32), (into / power).astype(np.float32)
