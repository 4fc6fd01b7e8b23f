"""Gains that change without zipper noise."""

from collections.abc import Mapping

import numpy as np

from technogan.arrays import FloatArray


class Ramp:
    """A gain that reaches its target linearly within `n_frames` frames."""

    def __init__(self, value: float, n_frames: int) -> None:
        self.n_frames = n_frames
        self.value = self.target = value
        self.left = 0
        self._step = 0.0

    def move_to(self, target: float) -> None:
        """Start a ramp from the current value."""
        if target != self.target:
            self.target = target
            self.left = self.n_frames
            self._step = (target - self.value) / self.n_frames

    def set(self, value: float) -> None:
        """Jump without a ramp (for silent voices)."""
        self.value = self.target = value
        self.left = 0

    @property
    def is_silent(self) -> bool:
        """True if the gain is zero and not moving."""
        return self.left == 0 and self.value == 0.0

    def read(self, n_frames: int) -> FloatArray | np.float32:
        """Return the gain of the next frames: float32 (n_frames,), or one number if it is not moving."""
        if self.left == 0:
            return np.float32(self.value)
        moving = min(n_frames, self.left)
        gains = np.full(n_frames, self.target, np.float32)
        gains[:moving] = self.value + self._step * np.arange(1, moving + 1)
        self.left -= moving
        self.value = self.target if self.left == 0 else self.value + self._step * moving
        if self.left == 0:
            gains[moving - 1] = self.target
        return gains


class StemGains:
    """The gains of a voice's stems, by name; a stem without an entry plays at 1.

    Gains stay when the loop changes, because the next loop may have the same stems.
    """

    def __init__(self, n_frames: int) -> None:
        self._n_frames = n_frames
        self._ramps: dict[str, Ramp] = {}

    @property
    def targets(self) -> dict[str, float]:
        """The gains when all ramps are complete."""
        return {stem: ramp.target for stem, ramp in self._ramps.items()}

    def move_to(self, stem: str, gain: float) -> None:
        """Start a ramp from the stem's current gain."""
        self._ramps.setdefault(stem, Ramp(1.0, self._n_frames)).move_to(gain)

    def settle(self) -> None:
        """Complete all ramps at once (for silent voices)."""
        for ramp in self._ramps.values():
            ramp.set(ramp.target)

    def read(self, n_frames: int) -> Mapping[str, FloatArray | np.float32]:
        """Return the gains of the next frames, as `Ramp.read` does, of the stems that do not play at 1."""
        if not self._ramps:
            return {}
        gains = {stem: ramp.read(n_frames) for stem, ramp in self._ramps.items()}
        self._ramps = {stem: ramp for stem, ramp in self._ramps.items() if ramp.left or ramp.value != 1}
        return gains
