"""Give sound files whose header does not know their length, or contains a common fault, a header that decoders read."""

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from technogan.sound.chunks import read_chunks, skip_id3

_MAX_FORMAT_BYTES = 1 << 10
# Bytes from the start of a FLAC file to the end of the description of its stream.
_FLAC_HEAD = 42
# A search for the next MP3 frame gives up after so many bytes.
_MAX_GAP = 1 << 16

_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class PatchedFile(io.RawIOBase):
    """Other bytes, followed by a part of a file; closing it closes the file."""

    def __init__(self, file: BinaryIO, head: bytes, start: int, size: int) -> None:
        super().__init__()
        self._file, self._head, self._start = file, head, start
        self._size = len(head) + size
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position, as in `io.IOBase`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read into a buffer, as in `io.RawIOBase`."""
        n = max(min(len(buffer), self._size - self._position), 0)
        if self._position < len(self._head):
            data = self._head[self._position : self._position + n]
        else:
            self._file.seek(self._start + self._position - len(self._head))
            data = self._file.read(n)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def repair_wav(path: Path) -> PatchedFile | None:
    """Return only the format and the samples of a WAV; None if they are missing or the file is not a WAV."""
    file = path.open("rb")
    chunks = {chunk.name: chunk for chunk in reversed(list(read_chunks(file)))}
    form, data = chunks.get(b"fmt "), chunks.get(b"data")
    if form is None or data is None or form.size > _MAX_FORMAT_BYTES:
        file.close()
        return None
    file.seek(form.start)
    order = form.order
    size = min(data.size, 0xFFFFFFFF)
    head = b"WAVEfmt " + struct.pack(order + "I", form.size) + file.read(form.size) + b"\0" * (form.size % 2)
    head += b"data" + struct.pack(order + "I", size)
    riff = (b"RIFF" if order == "<" else b"RIFX") + struct.pack(order + "I", min(len(head) + size, 0xFFFFFFFF))
    return PatchedFile(file, riff + head, data.start, data.size)


def repair_flac(path: Path, n_frames: int) -> PatchedFile | None:
    """Return a FLAC file whose header states `n_frames`; None if it is not a FLAC file."""
    file = path.open("rb")
    start = skip_id3(file)
    file.seek(start)
    head = bytearray(file.read(_FLAC_HEAD))
    if len(head) < _FLAC_HEAD or head[:4] != b"fLaC":
        file.close()
        return None
    head[21] = head[21] & 0xF0 | n_frames >> 32 & 0xF
    head[22:26] = struct.pack(">I", n_frames & 0xFFFFFFFF)
    size = file.seek(0, os.SEEK_END)
    return PatchedFile(file, bytes(head), start + _FLAC_HEAD, size - start - _FLAC_HEAD)


@dataclass(frozen=True, slots=True)
class _Mp3Frame:
    head: bytes
    size: int
    side_size: int
    samples: int


def repair_mp3(path: Path) -> PatchedFile | None:
    """Return an MP3 file with its number of frames in front; None if it states one, or its frames cannot be followed.

    Decoders otherwise estimate the length of a file from the bit rate at its beginning, and cut off what is beyond.
    """
    file = path.open("rb")
    start = skip_id3(file)
    frames = _follow_frames(file, start)
    first = next(frames, None)
    if first is None or _states_length(file, *first):
        file.close()
        return None
    n = 1 + sum(1 for _ in frames)
    size = file.seek(0, os.SEEK_END)
    return PatchedFile(file, _length_frame(first[1], n), first[0], size - first[0])


def _follow_frames(file: BinaryIO, position: int) -> Iterator[tuple[int, _Mp3Frame]]:
    """Yield the position and the description of each MP3 frame."""
    gap = 0
    while gap < _MAX_GAP:
        file.seek(position)
        head = file.read(4)
        if len(head) < 4:
            return
        frame = _parse_frame(head)
        if frame is None:
            position, gap = position + 1, gap + 1
            continue
        yield position, frame
        position, gap = position + frame.size, 0


def _parse_frame(head: bytes) -> _Mp3Frame | None:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bits, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if head[0] != 0xFF or head[1] < 0xE0 or version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    first = version == 3
    samples = 1152 if first else 576
    kbps = (_BITRATES_1 if first else _BITRATES_2)[bits]
    mono = head[3] >> 6 == 3
    side = (17 if mono else 32) if first else (9 if mono else 17)
    return _Mp3Frame(head, samples // 8 * 1000 * kbps // _MP3_RATES[version][rate] + padding, side, samples)


def _states_length(file: BinaryIO, position: int, frame: _Mp3Frame) -> bool:
    file.seek(position + 4)
    data = file.read(64)
    return data[frame.side_size :][:4] in (b"Xing", b"Info") or data[32:36] == b"VBRI"


def _length_frame(frame: _Mp3Frame, n: int) -> bytes:
    """Return a silent frame that states the number of frames after it."""
    # At this bit rate, a frame of any sample rate has room for the number.
    head = bytes([frame.head[0], frame.head[1] | 1, frame.head[2] & 0x0C | 0x80, frame.head[3]])
    described = _parse_frame(head)
    assert described is not None
    content = head + bytes(frame.side_size) + b"Xing" + struct.pack(">II", 1, n)
    return content.ljust(described.size, b"\0")
