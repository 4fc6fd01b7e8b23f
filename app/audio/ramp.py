"""Gains that move without zipper noise."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray


class Ramp:
    """A gain on its way, in a straight line of `n_frames` frames, to where it was last sent."""

    def __init__(self, value: float, n_frames: int) -> None:
        self.n_frames = n_frames
        self.value = self.target = value
        self.left = 0
        self._step = 0.0

    def to(self, target: float) -> None:
        """Set out from the present value."""
        if target != self.target:
            self.target = target
            self.left = self.n_frames
            self._step = (target - self.value) / self.n_frames

    def set(self, value: float) -> None:
        """Be there at once: where nobody hears it."""
        self.value = self.target = value
        self.left = 0

    @property
    def silent(self) -> bool:
        """At zero, and staying there."""
        return self.left == 0 and self.value == 0.0

    def read(self, n_frames: int) -> FloatArray | np.float32:
        """The gain of the next frames: float32 (n_frames,), or one number where it stands still."""
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
