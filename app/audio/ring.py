"""The last of a stream of sound, in a fixed piece of memory that one thread writes and another reads without a lock."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray


class Ring:
    """Keeps the newest `size` frames of `n_channels`. came: how many were ever written."""

    def __init__(self, size: int, n_channels: int = 1) -> None:
        self.size = size
        self.came = 0
        self._frames = np.zeros((size, n_channels), np.float32)

    def write(self, block: FloatArray) -> None:
        """Add float32 (n_frames, n_channels) with n_frames <= size."""
        start = self.came % self.size
        before_end = min(len(block), self.size - start)
        self._frames[start : start + before_end] = block[:before_end]
        self._frames[: len(block) - before_end] = block[before_end:]
        self.came += len(block)

    def read(self, first: int, n_frames: int) -> FloatArray:
        """A copy of the n_frames from frame `first` on, counted like `came`. float32 (n_frames, n_channels).

        Zeros stand for what was before the first frame; what has been overwritten is the reader's loss.
        """
        return self._frames.take(np.arange(first, first + n_frames), axis=0, mode="wrap")
