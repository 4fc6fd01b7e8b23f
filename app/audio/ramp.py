"""Gains that change without zipper noise."""

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
