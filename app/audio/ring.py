"""The newest part of a stream of sound, in memory that one thread writes and another reads without a lock."""

import numpy as np

from technogan.arrays import FloatArray


class Ring:
    """Keeps the newest `size` frames of `n_channels`. `n_written` counts all frames ever written."""

    def __init__(self, size: int, n_channels: int = 1) -> None:
        self.size = size
        self.n_written = 0
        self._frames = np.zeros((size, n_channels), np.float32)

    def write(self, block: FloatArray) -> None:
        """Add float32 (n_frames, n_channels) with n_frames <= size."""
        start = self.n_written % self.size
        before_end = min(len(block), self.size - start)
        self._frames[start : start + before_end] = block[:before_end]
        self._frames[: len(block) - before_end] = block[before_end:]
        self.n_written += len(block)

    def read(self, first: int, n_frames: int) -> FloatArray:
        """Return a copy of n_frames frames from frame number `first` on. float32 (n_frames, n_channels).

        Frames before the first are zero. The caller must read frames before they are overwritten.
        """
        return self._frames.take(np.arange(first, first + n_frames), axis=0, mode="wrap")
