"""Read tracks, write WAV files, and name output files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically
from technogan.errors import OutputError, SourceError
from technogan.file_names import is_safe_name, safe_name
from technogan.files.sound_reader import BLOCK_SECONDS, LengthLimit, open_sound

# Longer files are DJ sets or streams with several tempos, and would not fit into the memory of a laptop.
_LONGEST = LengthLimit(30, "split it into tracks first")
_CEILING = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A track in memory. samples: float32 (n_samples, n_channels), finite. sample_rate: Hz."""

    path: Path
    samples: FloatArray
    sample_rate: int

    @property
    def mono(self) -> FloatArray:
        """The mean of all channels: float32 (n_samples,)."""
        return np.asarray(self.samples.mean(axis=1, dtype=np.float32))

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return len(self.samples) / self.sample_rate


def read_track(path: Path, *, mono: bool = False) -> Track:
    """Read a whole track of at most 30 minutes.

    Args:
        path: the sound file.
        mono: mix the channels while reading, which takes less memory.

    Raises:
        SourceError: the file cannot be read, contains NaN, is too long, or is silent throughout.
    """
    with open_sound(path, limit=_LONGEST) as sound:
        samples = sound.read(mono=mono, size=BLOCK_SECONDS * sound.sample_rate)
    if not (samples != samples[0]).any():
        raise SourceError(path, "is silent throughout")
    return Track(path, samples[:, np.newaxis] if mono else samples, sound.sample_rate)


def write_sound(path: Path, samples: FloatArray, sample_rate: int, *, comment: str = "") -> None:
    """Write float32 (n, n_channels) as 24-bit WAV, attenuated if it would clip. Raises OutputError."""
    import soundfile

    peak = float(np.abs(samples).max(initial=0.0))
    fitting = samples * np.float32(_CEILING / peak) if peak > _CEILING else samples
    with open_atomically(path) as file:
        try:
            with soundfile.SoundFile(file, "w", sample_rate, samples.shape[1], "PCM_24", format="WAV") as sound:
                if comment:
                    sound.comment = comment
                sound.write(fitting)
        except soundfile.SoundFileError as error:
            raise OutputError(path, str(error)) from error


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raises SourceError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def hash_path(path: Path) -> str:
    """Return a digest of where a file is, by which a later run recognises what was made of it."""
    return hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()[:16]


def make_name(text: str, *, longest: int) -> str:
    """Return `text` as the stem of a file that is valid on every system; valid stems are only shortened.

    Args:
        text: any text.
        longest: the most bytes of the stem in UTF-8.
    """
    short = text.encode(errors="replace")[:longest].decode(errors="ignore")
    return short if is_safe_name(f"{short.strip(' .')}.wav") else safe_name(text, fallback="track", longest=longest)
