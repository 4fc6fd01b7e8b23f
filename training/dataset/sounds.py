"""Find the sounds of a folder, and read each as loops of a format."""

import codecs
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, write_atomically
from technogan.errors import SettingError, SourceError, SpecError
from technogan.files.sound_paths import find_sounds_in
from technogan.files.sound_reader import SUFFIXES, LengthLimit, mix_channels, open_sound
from technogan.formats import SpectrogramFormat
from technogan.records import read_file
from technogan.sound.resampling import resample
from training.dataset.picture_names import name_pictures
from training.tracks.slicing import read_note

LevelMode = Literal["keep", "track", "slice"]

# Longer files are tracks, whose transform as one loop would not fit into memory.
_MAX_LOOPS = 64
LONGEST = LengthLimit(30, "slice it first")
# Range of the tempo of a sound whose length in beats is not given, BPM.
_SLOWEST, _FASTEST = 50.0, 250.0
# The peak of normalised sounds, as in the corpus. A higher gain would only amplify noise.
_PEAK = 0.95
_MAX_GAIN = 100.0


def find_level(name: str) -> LevelMode:
    """Return the level mode of this name. Raises SettingError for an unknown name."""
    for level in get_args(LevelMode):
        if level == name:
            return cast(LevelMode, level)
    raise SettingError("level", name, f"one of {', '.join(get_args(LevelMode))}")


@dataclass(frozen=True, slots=True)
class SourceSound:
    """A sound to convert.

    Attributes:
        path: its file, relative to the folder, with slashes.
        name: stem of its pictures.
        beats: its length, if known.
        gain: linear; None to normalise it.
    """

    path: str
    name: str
    beats: int | None
    gain: float | None = 1.0


def find_sounds(
    folder: Path, beats: int | None = None, level: LevelMode = "keep", *, excluded: Collection[str] = ()
) -> list[SourceSound]:
    """Return all sounds in a folder and its subfolders, by name.

    Args:
        folder: the folder.
        beats: length of every sound; if None, slices.json next to a sound states it.
        level: "slice" normalises every sound.
        excluded: sounds to leave out, relative to the folder, with slashes.

    Raises:
        SourceError: the folder does not exist or contains no sounds.
        SettingError: `beats` is below 1.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    if beats is not None and beats < 1:
        raise SettingError("beats", beats, "1 or more")
    found = [path.relative_to(folder) for path in find_sounds_in(folder)]
    if not found:
        raise SourceError(folder, f"contains no sounds ({', '.join(sorted(SUFFIXES))})")
    notes = {home: read_note(folder / home) for home in {path.parent for path in found}}
    gain = None if level == "slice" else 1.0
    # Excluded sounds are named too, so that excluding one does not rename others.
    names = name_pictures(found)
    return [
        SourceSound(path.as_posix(), name, beats or (note.beats if (note := notes[path.parent]) else None), gain)
        for path, name in zip(found, names, strict=True)
        if path.as_posix() not in excluded
    ]


def read_exclusions(path: Path) -> frozenset[str]:
    """Read a list of sounds to leave out, one path per line, relative to the folder. Raises SourceError."""
    try:
        lines = read_file(path).removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except SpecError as error:
        raise SourceError(path, str(error)) from error
    if any(b"\0" in line for line in lines):
        raise SourceError(path, "is not a text file; it must contain the path of a sound on each line")
    texts = (line.decode(errors="surrogateescape").strip() for line in lines)
    return frozenset(Path(text).as_posix() for text in texts if text)


def write_exclusions(path: Path, sounds: Iterable[str]) -> None:
    """Write a list that `read_exclusions` reads. Raises OutputError."""
    write_atomically(path, "".join(f"{sound}\n" for sound in sounds).encode(errors="surrogateescape"))


def read_loops(path: Path, spectrogram_format: SpectrogramFormat, beats: int | None = None) -> FloatArray:
    """Read a sound, mixed to mono and resampled to a whole number of loops of a format.

    Args:
        path: the sound.
        spectrogram_format: the format.
        beats: length of the sound. If None, k * n_samples samples are k loops, and any other length is one loop.

    Returns:
        float32 (k * n_samples,).

    Raises:
        SourceError: the sound cannot be read, contains NaN, or cannot have this length in beats.
    """
    with open_sound(path) as sound:
        n_loops = _count_loops(path, sound.n_frames, sound.sample_rate, spectrogram_format, beats)
        sound.limit = LONGEST  # the header may state less than there is
        samples = sound.read(mono=True)
        if len(samples) != sound.n_frames:
            n_loops = _count_loops(path, len(samples), sound.sample_rate, spectrogram_format, beats)
    return resample(samples, n_loops * spectrogram_format.n_samples)


def _count_loops(path: Path, frames: int, rate: int, spectrogram_format: SpectrogramFormat, beats: int | None) -> int:
    if frames == 0:
        raise SourceError(path, "is empty: it contains no samples")
    n_loops, rest = divmod(frames, spectrogram_format.n_samples)
    if beats is not None:
        n_loops, rest = divmod(beats, spectrogram_format.beats)
        if n_loops == 0 or rest:
            wanted = f"{spectrogram_format.beats} beats, or a multiple"
            raise SourceError(path, f"has {beats} beats; format {spectrogram_format.name} needs {wanted}")
    elif n_loops == 0 or rest:
        n_loops = 1
        _check_tempo(path, frames, rate, spectrogram_format.beats)
    if n_loops > _MAX_LOOPS:
        raise SourceError(path, f"has {n_loops} loops, more than {_MAX_LOOPS}; slice it first")
    return n_loops


def _check_tempo(path: Path, frames: int, rate: int, beats: int) -> None:
    bpm = 60 * beats * rate / frames
    if not _SLOWEST <= bpm <= _FASTEST:
        reason = f"is {frames / rate:.2f} s long ({frames} samples); as {beats} beats that would be {bpm:.1f} BPM"
        raise SourceError(path, f"{reason}; slice it first, or state its length with --beats")


def gain_for(peak: float) -> float:
    """Return the gain that normalises a peak to 0.95; 1 for silence."""
    return min(_PEAK / peak, _MAX_GAIN) if peak > 0 else 1.0


def measure_peak(path: Path) -> float:
    """Return the peak of a sound, mixed to mono; 0 for a file that cannot be read, which its conversion reports."""
    try:
        with open_sound(path, allow_truncated=True) as sound:
            peak = max((float(np.abs(mix_channels(block)).max()) for block in sound.blocks(size=1 << 18)), default=0.0)
    except SourceError:
        return 0.0
    return peak if np.isfinite(peak) else 0.0
