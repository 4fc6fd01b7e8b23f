"""Read sound files of any format that this system can decode, block by block.

libsndfile reads WAV, AIFF, FLAC, Ogg and MP3, whatever the name of the file; headers with a common fault are repaired.
audioread reads other formats: with Core Audio on macOS, elsewhere with ffmpeg if it is installed.
"""

from __future__ import annotations

import contextlib
import math
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, is_stream
from technogan.errors import SourceError

if TYPE_CHECKING:
    from technogan.files.sndfile import OpenSndfile

# Suffixes of the sounds to find in folders.
SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"})
# Suffixes of files that can be named singly; the system may not be able to decode the additional ones.
ALL_SUFFIXES = SUFFIXES | {".aac", ".aifc", ".au", ".caf", ".m4a", ".mp4", ".oga", ".opus", ".w64", ".wma"}

UNREADABLE = "cannot be read as sound; export it as WAV or FLAC"

BLOCK_SECONDS = 10
# A file with a smaller share of its frames is truncated; the length of an MP3 without a header is an estimate.
_COMPLETE = 0.98
# Samples of all channels: more do not fit into the memory of a laptop, and in one block not even so many are needed.
_MAX_SAMPLES = 1 << 30
_MAX_BLOCK = 1 << 26
_SMALL_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """The longest sound to read, and the advice in the message about a longer one."""

    minutes: float
    advice: str


class OpenSound(ABC):
    """An open sound file; see `open_sound`.

    Attributes:
        path: the file.
        sample_rate: frames per second, Hz.
        n_channels: samples in a frame.
        n_frames: the length that its header states; counted if the header of a FLAC or MP3 file does not know it.
    """

    def __init__(self, path: Path, sample_rate: int, n_channels: int, n_frames: int) -> None:
        self.path = path
        self.sample_rate = sample_rate
        self.n_channels = n_channels
        self.n_frames = n_frames
        self.limit: LengthLimit | None = None
        self.allow_truncated = False

    @property
    def seconds(self) -> float:
        """The length that the header states."""
        return self.n_frames / self.sample_rate

    def blocks(self, first: int = 0, size: int | None = None) -> Iterator[FloatArray]:
        """Read blocks of `size` frames (ten seconds if None) from frame `first` on: float32 (n, n_channels).

        Raises SourceError if the file is damaged, truncated or longer than the limit.
        """
        n_read = first
        self._check_length(n_read)
        # A header may state any length and any sample rate.
        most = min(max(self.n_frames, _SMALL_BLOCK), max(_MAX_BLOCK // self.n_channels, 1))
        for block in self._decode(first, min(size or BLOCK_SECONDS * self.sample_rate, most)):
            n_read += len(block)
            self._check_length(n_read)
            yield block

    def read(
        self,
        first: int = 0,
        count: int | None = None,
        *,
        mono: bool = False,
        size: int | None = None,
        allow_nan: bool = False,
    ) -> FloatArray:
        """Read all frames from `first` on, or at most `count` of them.

        Args:
            first: the frame to begin with.
            count: the maximum number of frames.
            mono: mix the channels.
            size: frames to decode at once, for less memory; all of them if None. It changes MP3 samples by 1e-7.
            allow_nan: return NaN and infinity as they are.

        Returns:
            float32 (n, n_channels), or (n,) if `mono`.

        Raises:
            SourceError: the file is empty, damaged, truncated, longer than the limit, too large for the memory, or
                contains NaN or infinity.
        """
        parts: list[FloatArray] = []
        n_read = n_kept = 0
        for block in self.blocks(first, count or size or self.n_frames) if count != 0 else ():
            block = block if count is None else block[: count - n_read]
            parts.append(mix_channels(block) if mono else block)
            n_read += len(block)
            n_kept += parts[-1].size
            if n_kept > _MAX_SAMPLES:
                raise SourceError(self.path, f"is too long to be read: {self.seconds / 60:.0f} minutes or more")
            if n_read == count:
                break
        if not parts and count is None:
            raise SourceError(self.path, "is empty: it contains no samples")
        samples = np.concatenate(parts) if parts else np.zeros((0,) if mono else (0, self.n_channels), np.float32)
        if not allow_nan and not np.isfinite(samples).all():
            raise SourceError(self.path, "contains NaN or infinity")
        return samples

    def _check_length(self, n_frames: int) -> None:
        """Raise SourceError if `n_frames` frames are longer than the limit."""
        if self.limit is not None and n_frames > self.limit.minutes * 60 * self.sample_rate:
            raise SourceError(self.path, f"is longer than {self.limit.minutes:g} minutes; {self.limit.advice}")

    @abstractmethod
    def _decode(self, first: int, size: int) -> Iterator[FloatArray]: ...

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


@contextlib.contextmanager
def open_sound(path: Path, *, limit: LengthLimit | None = None, allow_truncated: bool = False) -> Iterator[OpenSound]:
    """Open a sound file for a `with` block.

    Args:
        path: a file of any format.
        limit: the longest sound to read; the header is checked before anything is decoded.
        allow_truncated: read a truncated file as far as it goes.

    Raises:
        SourceError: the file is missing, empty, truncated, longer than the limit or not a sound file.
    """
    _check_file(path, allow_truncated)
    sound = _open(path, limit, allow_truncated)
    sound.limit, sound.allow_truncated = limit, allow_truncated
    with contextlib.closing(sound):
        sound._check_length(sound.n_frames)
        yield sound


def read_sound_file(
    path: Path, *, mono: bool = False, limit: LengthLimit | None = None, allow_truncated: bool = False
) -> tuple[FloatArray, int]:
    """Read a whole sound file; see `open_sound` and `OpenSound.read`. Returns its samples and sample rate, Hz."""
    with open_sound(path, limit=limit, allow_truncated=allow_truncated) as sound:
        return sound.read(mono=mono), sound.sample_rate


def mix_channels(block: FloatArray) -> FloatArray:
    """Mix the channels of a sound, each with the same weight: float32 (n, n_channels) -> (n,)."""
    return np.asarray(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32))


def _check_file(path: Path, allow_truncated: bool) -> None:
    """Raise SourceError for a missing, empty or truncated file; libsndfile does not report a truncated WAV or AIFF."""
    if is_stream(path):
        raise SourceError(path, "is not a file")
    try:
        with path.open("rb") as file:
            head = file.read(12)
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if size == 0:
        raise SourceError(path, "is empty: the file has no bytes")
    if len(head) < 12:
        raise SourceError(path, UNREADABLE)
    if not allow_truncated and head[:4] in (b"RIFF", b"RIFX", b"FORM"):
        stated = struct.unpack("<I" if head[:4] == b"RIFF" else ">I", head[4:8])[0]
        # The header of a stream that was never finished states 0 or about the highest number, with or without a sign.
        if stated > 0 and stated & 0x7FFFFFFF < 0x7FFFF000 and stated + 8 > size + 1:
            raise SourceError(path, f"is truncated: it has {size} of {stated + 8} bytes")


def _open(path: Path, limit: LengthLimit | None, allow_truncated: bool) -> OpenSound:
    from technogan.files.sndfile import open_sndfile

    longest = 60 * limit.minutes if limit else math.inf
    try:
        file = open_sndfile(path, longest_s=longest, most_samples=_MAX_SAMPLES, allow_truncated=allow_truncated)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    return _AudioreadSound(path) if file is None else _SndfileSound(path, file)


class _SndfileSound(OpenSound):
    """A file that libsndfile reads."""

    def __init__(self, path: Path, opened: OpenSndfile) -> None:
        file = opened.file
        super().__init__(path, int(file.samplerate), int(file.channels), int(file.frames))
        self._opened, self._file = opened, file

    def _decode(self, first: int, size: int) -> Iterator[FloatArray]:
        import soundfile

        n_read = first
        try:
            # MP3 files do not give the same samples after seeking, not even to their beginning.
            if first > 0:
                self._file.seek(min(first, self.n_frames))
            while len(block := self._file.read(size, dtype="float32", always_2d=True)):
                n_read += len(block)
                yield block
        except (soundfile.SoundFileError, OSError) as error:
            raise SourceError(self.path, f"is damaged after {n_read / self.sample_rate:.1f} s") from error
        if n_read < _COMPLETE * self.n_frames and not self.allow_truncated:
            raise SourceError(self.path, f"is truncated: it has {n_read} of {self.n_frames} samples")

    def close(self) -> None:
        self._opened.close()


class _AudioreadSound(OpenSound):
    """A file that another decoder of this system reads, with 16 bits."""

    def __init__(self, path: Path) -> None:
        import audioread

        try:
            self._file = audioread.audio_open(str(path))
            rate, n_channels = int(self._file.samplerate), int(self._file.channels)
            n_frames = max(round((self._file.duration or 0) * rate), 0)
        # The decoders raise errors of many types for damaged files.
        except Exception as error:
            raise SourceError(path, UNREADABLE) from error
        super().__init__(path, rate, n_channels, n_frames)

    def _decode(self, first: int, size: int) -> Iterator[FloatArray]:
        frame = 2 * self.n_channels
        buffer, skip = bytearray(), first * frame
        try:
            # Decoders split their data anywhere, even within a frame.
            for data in self._file.read_data():
                buffer += data[skip:]
                skip = max(skip - len(data), 0)
                while len(buffer) >= size * frame:
                    yield self._block(buffer[: size * frame])
                    del buffer[: size * frame]
        except Exception as error:
            raise SourceError(self.path, f"is damaged ({error})") from error
        if len(buffer) >= frame:
            yield self._block(buffer[: len(buffer) // frame * frame])

    def _block(self, data: bytearray) -> FloatArray:
        return np.frombuffer(data, "<i2").reshape(-1, self.n_channels).astype(np.float32) / np.float32(32768)

    def close(self) -> None:
        self._file.close()
