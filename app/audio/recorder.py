"""Records the output to a file: the audio thread writes to a ring buffer, another thread writes the file."""

import itertools
import threading
from dataclasses import dataclass
from pathlib import Path

from app.audio.ring import Ring
from app.audio.wav_stream import WavStream
from technogan.arrays import FloatArray
from technogan.errors import OutputError

_RING_S = 20
_WRITE_EVERY_S = 0.2
_MAX_WRITE_FRAMES = 1 << 16
_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording. seconds: its length so far. error: why it ended by itself; None if it did not."""

    path: Path
    seconds: float
    running: bool
    error: OutputError | None


class Recorder:
    """Records blocks of float32 (n_frames, 2) to a 24-bit WAV.

    Only the audio thread calls `offer`; the controlling thread calls the rest. If the disk is full, disconnected
    or too slow, the recording ends: what was written is kept, and `state` gives the error.
    """

    def __init__(self) -> None:
        self._take: _Take | None = None

    @property
    def state(self) -> Recording | None:
        """The current or last recording; None before the first."""
        return self._take.state if self._take else None

    def start(self, path: Path, sample_rate: int) -> None:
        """End the previous recording and start a new file. Raises OutputError if it exists or cannot be created."""
        self.stop()
        self._take = _Take(WavStream(path, sample_rate))

    def change_rate(self, sample_rate: int) -> None:
        """Continue a running recording in another file, NAME-2.wav and so on, because the rate changed."""
        take = self._take
        if take is None or not take.state.running:
            return
        path = take.state.path
        names = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
        try:
            self.start(next(name for name in names if not name.exists()), sample_rate)
        except OutputError as error:
            take.fail(error)

    def offer(self, block: FloatArray) -> None:
        """Add a block, float32 (n_frames, 2), to the running recording, if any. Never blocks."""
        take = self._take
        if take is not None:
            take.offer(block)

    def stop(self) -> Recording | None:
        """End the recording, if there is one, wait until it is written, and return its state."""
        if self._take:
            self._take.stop()
        return self.state


class _Take:
    """One file, its ring buffer, and the thread that moves frames from the buffer to the file."""

    def __init__(self, file: WavStream) -> None:
        self._file = file
        self._ring = Ring(_RING_S * file.sample_rate, 2)
        self._error: OutputError | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write, name="technogan-recorder", daemon=True)
        self._thread.start()

    @property
    def state(self) -> Recording:
        file = self._file
        running = self._thread.is_alive() and not self._ending.is_set()
        return Recording(file.path, file.n_frames / file.sample_rate, running, self._error)

    def offer(self, block: FloatArray) -> None:
        if self._ending.is_set():
            return
        if self._ring.n_written - self._file.n_frames + len(block) > self._ring.size:
            self.fail(OutputError(self._file.path, "the disk is too slow; what was written is kept"))
        else:
            self._ring.write(block)

    def fail(self, error: OutputError) -> None:
        self._error = error
        self._ending.set()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(_TIMEOUT_S)

    def _write(self) -> None:
        try:
            while not self._ending.wait(_WRITE_EVERY_S):
                self._drain()
            self._drain()
        except OutputError as error:
            self.fail(error)
        try:
            self._file.close()
        except OutputError as error:
            self._error = self._error or error

    def _drain(self) -> None:
        while n_frames := min(self._ring.n_written - self._file.n_frames, _MAX_WRITE_FRAMES):
            self._file.append(self._ring.read(self._file.n_frames, n_frames))
