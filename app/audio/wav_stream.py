"""A 24-bit WAV file that grows. Its header is correct after every `append`, so an interrupted recording is valid."""

import struct
from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import OutputError

_N_CHANNELS = 2
_FRAME_BYTES = 3 * _N_CHANNELS
_FULL_SCALE = 8388607
_HEADER_BYTES = 80
_LARGEST_RIFF = 0xFFFFFFFF


class WavStream:
    """A new file for float32 (n_frames, 2). Beyond 4 GiB it becomes an RF64 file (EBU Tech 3306).

    Unlike TechnoGAN's other files, it has its final name from the start, so that a crash does not lose the recording.
    Raises OutputError if the file exists or cannot be created.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.path, self.sample_rate = path, sample_rate
        self.n_frames = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
            self._write(wav_header(0, sample_rate), 0)
        except FileExistsError as error:
            raise OutputError(path, "a file of that name exists") from error
        except OSError as error:
            raise OutputError(path, explain(error)) from error

    def append(self, samples: FloatArray) -> None:
        """Add frames. Raises OutputError if the disk is full or disconnected; earlier frames are kept."""
        whole = np.rint(np.clip(samples, -1, 1) * np.float64(_FULL_SCALE)).astype("<i4")
        data = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        try:
            self._write(data, _HEADER_BYTES + self.n_frames * _FRAME_BYTES)
            self.n_frames += len(samples)
            self._write(wav_header(self.n_frames * _FRAME_BYTES, self.sample_rate), 0)
        except OSError as error:
            raise OutputError(self.path, explain(error)) from error

    def close(self) -> None:
        """End the file after its last whole frame. Raises OutputError."""
        try:
            with self._file:
                self._file.truncate(_HEADER_BYTES + self.n_frames * _FRAME_BYTES)
        except OSError as error:
            raise OutputError(self.path, explain(error)) from error

    def _write(self, data: bytes, position: int) -> None:
        self._file.seek(position)
        rest = memoryview(data)
        while rest:
            # A disk that fills up accepts part of the data, and reports the error at the next write.
            rest = rest[self._file.write(rest) :]


def wav_header(n_bytes: int, sample_rate: int) -> bytes:
    """Return the header: always 80 bytes, because it reserves space for the sizes of RF64."""
    riff_bytes = n_bytes + _HEADER_BYTES - 8
    bytes_per_second = sample_rate * _FRAME_BYTES
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, _N_CHANNELS, sample_rate, bytes_per_second, _FRAME_BYTES, 24)
    if riff_bytes < _LARGEST_RIFF:
        head, sizes = struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE"), struct.pack("<4sI28x", b"JUNK", 28)
        return head + sizes + form + struct.pack("<4sI", b"data", n_bytes)
    head = struct.pack("<4sI4s", b"RF64", _LARGEST_RIFF, b"WAVE")
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, riff_bytes, n_bytes, n_bytes // _FRAME_BYTES, 0)
    return head + sizes + form + struct.pack("<4sI", b"data", _LARGEST_RIFF)
