"""Reading tracks: any format that libsndfile knows, and what else this system can decode."""

from __future__ import annotations

import contextlib
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, written_whole
from technogan.errors import OutputError, SourceError

if TYPE_CHECKING:
    import audioread
    import soundfile

# What a folder is searched for; audioread's own formats only where a file is named.
SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"})

# Longer ones are sets or streams of several tempos, and would not fit into the memory of a laptop.
_CEILING = 1.0
MOST_MINUTES = 30
_BLOCK_SECONDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """samples: float32 (n_samples, n_channels), finite. sample_rate: Hz."""

    path: Path
    samples: FloatArray
    sample_rate: int

    @property
    def mono(self) -> FloatArray:
        """All channels mixed, equally: float32 (n_samples,)."""
        return np.asarray(self.samples.mean(axis=1, dtype=np.float32))

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate


def read_track(path: Path, *, mono: bool = False) -> Track:
    """Read a whole track; `mono` mixes its channels to one while reading, in less memory.

    Raises SourceError for a file that is missing, damaged, truncated, empty or silent throughout, longer than
    MOST_MINUTES, or holds NaN.
    """
    check_whole(path)
    sample_rate, blocks = _opened(path)
    parts, length = [], 0
    for block in blocks:
        length += len(block)
        if length > MOST_MINUTES * 60 * sample_rate:
            raise _too_long(path)
        parts.append(block.mean(axis=1, keepdims=True, dtype=np.float32) if mono else block)
    if length == 0:
        raise SourceError(path, "is empty: it holds no samples")
    samples = np.concatenate(parts)
    if not np.isfinite(samples).all():
        raise SourceError(path, "holds values that are no numbers")
    if not (samples != samples[0]).any():
        raise SourceError(path, "is silent from beginning to end")
    return Track(path, samples, sample_rate)


def _opened(path: Path) -> tuple[int, Iterator[FloatArray]]:
    import soundfile

    try:
        file = soundfile.SoundFile(path)
    except soundfile.SoundFileError as error:
        return _decoded(path, error)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if file.frames > MOST_MINUTES * 60 * file.samplerate:
        file.close()
        raise _too_long(path)
    return file.samplerate, _blocks(path, file)


def _too_long(path: Path) -> SourceError:
    return SourceError(path, f"is longer than {MOST_MINUTES} minutes; cut it into its tracks first")


def _blocks(path: Path, file: soundfile.SoundFile) -> Iterator[FloatArray]:
    import soundfile

    with file:
        promised, found = file.frames, 0
        try:
            while len(block := file.read(_BLOCK_SECONDS * file.samplerate, dtype="float32", always_2d=True)):
                found += len(block)
                yield block
        except (soundfile.SoundFileError, OSError) as error:
            raise SourceError(path, f"is damaged after {found / file.samplerate:.1f} s") from error
        # The length of an MP3 without a header is a guess.
        if found < 0.98 * promised:
            raise SourceError(path, f"is truncated: {found} of {promised} samples are there")


def _decoded(path: Path, reason: Exception) -> tuple[int, Iterator[FloatArray]]:
    """Through audioread: what the operating system or ffmpeg can decode."""
    import audioread

    try:
        file = audioread.audio_open(str(path))
    except (audioread.DecodeError, OSError, EOFError) as error:
        wrong = explain(error) if isinstance(error, FileNotFoundError) else "no sound that can be read"
        raise SourceError(path, wrong) from reason
    return file.samplerate, _decoded_blocks(path, file)


def _decoded_blocks(path: Path, file: audioread.AudioFile) -> Iterator[FloatArray]:
    import audioread

    with contextlib.closing(file):
        try:
            for data in file.read_data():
                yield np.frombuffer(data, "<i2").reshape(-1, file.channels).astype(np.float32) / np.float32(32768)
        except (audioread.DecodeError, OSError) as error:
            raise SourceError(path, f"is damaged ({error})") from error


def check_whole(path: Path) -> None:
    """Raises SourceError for a file that is missing, empty or cut off.

    libsndfile reads a cut WAV or AIFF without a word, as far as it goes.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if size == 0:
        raise SourceError(path, "is empty: the file has no bytes")
    if len(head) == 12 and head[:4] in (b"RIFF", b"FORM"):
        promised = struct.unpack("<I" if head[:4] == b"RIFF" else ">I", head[4:8])[0]
        # Streams that were never finished say 0 or the highest number.
        if 0 < promised < 0xFFFFFFF0 and promised + 8 > size + 1:
            raise SourceError(path, f"is truncated: {size} of {promised + 8} bytes are there")


def read_playlist(path: Path) -> list[Path]:
    """The files of an M3U8 playlist, relative ones beside it. Raises SourceError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "is no M3U8 playlist: it is not UTF-8") from error
    return [path.parent / line.strip() for line in lines if line.strip() and not line.startswith("#")]


def write_sound(path: Path, samples: FloatArray, sample_rate: int) -> None:
    """Write float32 (n, n_channels) as a WAV of 24 bits, whole or not at all; lowered as a whole where it would clip.

    Raises OutputError.
    """
    import soundfile

    peak = float(np.abs(samples).max(initial=0.0))
    fitting = samples * np.float32(_CEILING / peak) if peak > _CEILING else samples
    with written_whole(path) as file:
        try:
            soundfile.write(file, fitting, sample_rate, format="WAV", subtype="PCM_24")
        except soundfile.SoundFileError as error:
            raise OutputError(path, str(error)) from error


def digest(path: Path) -> str:
    """A file's SHA-256, hexadecimal. Raises SourceError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(path, explain(error)) from error
