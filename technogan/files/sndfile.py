"""Open sound files with libsndfile, if needed behind a header that it can read."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from technogan.errors import SourceError
from technogan.files.sound_repair import PatchedFile, repair_flac, repair_mp3, repair_wav

# No decoder makes more frames of a byte, not even of silence. A longer length is unknown or false.
_MAX_FRAMES_PER_BYTE = 5000
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class OpenSndfile:
    """An open file of soundfile, and the file with a better header that it reads from, if any."""

    file: Any
    patched: PatchedFile | None = None

    def close(self) -> None:
        """Close both."""
        self.file.close()
        if self.patched is not None:
            self.patched.close()


def open_sndfile(path: Path, *, longest_s: float, most_samples: int, allow_truncated: bool) -> OpenSndfile | None:
    """Open a sound file whose length is known; None if libsndfile does not know its format.

    Args:
        path: the file.
        longest_s: seconds; if frames have to be counted, they are not counted further.
        most_samples: the same limit in samples of all channels.
        allow_truncated: count the frames of a damaged file as far as it goes.

    Raises:
        SourceError: the frames have to be counted, and the file is damaged.
        OSError: the file cannot be read.
    """
    file = _open(_native(path))
    if file is None or file.frames == 0:
        patched = repair_wav(path)
    elif file.format == "MP3":
        patched = repair_mp3(path)
    elif file.format == "FLAC" and file.frames > _MAX_FRAMES_PER_BYTE * path.stat().st_size:
        most = min(longest_s * file.samplerate, most_samples // file.channels)
        patched = repair_flac(path, _count_frames(path, most, allow_truncated))
    else:
        patched = None
    repaired = _open(patched) if patched is not None else None
    if repaired is not None:
        file = repaired
    elif patched is not None:
        patched.close()
        patched = None
    return None if file is None else OpenSndfile(file, patched)


def _open(source: str | bytes | PatchedFile) -> Any:
    try:
        return soundfile.SoundFile(source)
    except soundfile.SoundFileError:
        return None


def _native(path: Path) -> str | bytes:
    """Return a path as soundfile needs it: it cannot encode names that are not UTF-8."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)


def _count_frames(path: Path, most: float, allow_truncated: bool) -> int:
    """Return the number of frames that can be decoded, or a little more than `most`."""
    n_frames = 0
    with soundfile.SoundFile(_native(path)) as file:
        # soundfile would seek after every block, which fails in a file of unknown length.
        file.seekable = lambda: False
        try:
            while n_frames <= most and (n := len(file.read(_BLOCK, dtype="float32", always_2d=True))):
                n_frames += n
        except soundfile.SoundFileError as error:
            if not allow_truncated:
                raise SourceError(path, f"is damaged after {n_frames / file.samplerate:.1f} s") from error
    return n_frames
