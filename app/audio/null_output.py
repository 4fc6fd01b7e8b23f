"""An output that plays nothing."""

import time

from app.audio.devices import BLOCK_FRAMES, OutputDevice
from technogan.arrays import FloatArray


class NullOutput:
    """An Output that takes as long as a device would, so that the clock keeps running without one."""

    def __init__(self, sample_rate: int) -> None:
        self.device: OutputDevice | None = None
        self.sample_rate = sample_rate
        self.block_frames = BLOCK_FRAMES
        self.latency = 0.0
        self.dropouts = 0
        self._due = time.monotonic()

    def wait(self) -> None:
        """See Output."""

    def write(self, block: FloatArray) -> None:
        """See Output."""
        now = time.monotonic()
        # Do not catch up after the machine slept.
        self._due = max(self._due + len(block) / self.sample_rate, now)
        time.sleep(self._due - now)

    def close(self) -> None:
        """See Output."""
