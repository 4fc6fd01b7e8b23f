"""The sounds of a folder, and each as loops of a format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import SettingError, SourceError
from technogan.formats import SpectrogramFormat
from training.dataset.resampling import resampled
from training.sound_files import SUFFIXES, check_whole
from training.tracks.slicing import read_note

Level = Literal["keep", "track", "slice"]

# Longer files are no slices but tracks, and would not fit into memory as one circle.
_MOST_LOOPS = 64
# BPM that a sound of unknown tempo can be meant at.
_SLOWEST, _FASTEST = 50.0, 250.0
# Below full scale, as the corpus's bars; a gain beyond the second is noise made loud.
_PEAK = 0.95
_MOST_GAIN = 100.0
# Bytes of a picture's name; number, suffix and the temporary name need room.
_LONGEST_NAME = 150


def level_named(name: str) -> Level:
    """The level policy of this name. Raises SettingError for an unknown one."""
    for level in get_args(Level):
        if level == name:
            return cast(Level, level)
    raise SettingError("level", name, f"one of {', '.join(get_args(Level))}")


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound. path: below the folder, with slashes. name: of its pictures, without number and suffix. beats: how
    many it holds, if that was said. gain: a factor; its own peak decides if None.
    """

    path: str
    name: str
    beats: int | None
    gain: float | None = 1.0


def sounds_in(
    folder: Path, beats: int | None = None, level: Level = "keep", *, excluded: Collection[str] = ()
) -> list[Sound]:
    """All sounds in a folder and below, by name. beats: of each; what slices.json says if None. excluded: paths below
    the folder, with slashes, of those that are left out without a word.

    Raises SourceError for a folder without sounds.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    if beats is not None and beats < 1:
        raise SettingError("beats", beats, "1 or more")
    found = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not found:
        raise SourceError(folder, f"no sounds in it ({', '.join(sorted(SUFFIXES))})")
    # Names are given before any is left out, so that leaving one out renames no other.
    notes = {home: read_note(folder / home).get("beats") for home in {path.parent for path in found}}
    gain = None if level == "slice" else 1.0
    return [
        Sound(path.as_posix(), name, beats or notes[path.parent], gain)
        for path, name in zip(found, _names(found), strict=True)
        if path.as_posix() not in excluded
    ]


def read_excluded(path: Path) -> frozenset[str]:
    """What a list of sounds to leave out names: a path on every line, below the folder. Raises SourceError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "is no text: it must hold the path of a sound on every line") from error
    return frozenset(Path(line.strip()).as_posix() for line in lines if line.strip())


def _names(paths: list[Path]) -> list[str]:
    """A name for each, different without regard to case, short enough for any system."""
    stems = ["_".join(path.with_suffix("").parts) for path in paths]
    short = [stem.encode()[:_LONGEST_NAME].decode(errors="ignore") for stem in stems]
    count = Counter(stem.casefold() for stem in short)
    return [stem if count[stem.casefold()] == 1 else f"{stem}_{i + 1}" for i, stem in enumerate(short)]


def read_loops(path: Path, spectrogram_format: SpectrogramFormat, beats: int | None = None) -> FloatArray:
    """A sound as one channel and a whole number of a format's loops: float32 (k * n_samples,).

    beats: how many it holds. If that is not known, a sound of k * n_samples samples holds k loops, and any other one.
    Raises SourceError if it is unreadable, holds NaN, or cannot be that many beats.
    """
    import soundfile

    check_whole(path)
    try:
        with soundfile.SoundFile(path) as file:
            n_loops = _loops(path, file.frames, file.samplerate, spectrogram_format, beats)
            samples = file.read(dtype="float32", always_2d=True)
            frames, rate = file.frames, file.samplerate
    except soundfile.SoundFileError as error:
        raise SourceError(path, "no sound that can be read") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if len(samples) != frames:
        _loops(path, len(samples), rate, spectrogram_format, beats)
        raise SourceError(path, f"is truncated: {len(samples)} of {frames} samples are there")
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise SourceError(path, "holds values that are no numbers")
    return resampled(np.ascontiguousarray(mono), n_loops * spectrogram_format.n_samples)


def _loops(path: Path, frames: int, rate: int, spectrogram_format: SpectrogramFormat, beats: int | None) -> int:
    if frames == 0:
        raise SourceError(path, "is empty: it holds no samples")
    n_loops, rest = divmod(frames, spectrogram_format.n_samples)
    if beats is not None:
        n_loops, rest = divmod(beats, spectrogram_format.beats)
        if n_loops == 0 or rest:
            wanted = f"{spectrogram_format.beats}, or a whole number of times that"
            raise SourceError(path, f"holds {beats} beats; format {spectrogram_format.name} needs {wanted}")
    elif n_loops == 0 or rest:
        n_loops = 1
        _check_tempo(path, frames, rate, spectrogram_format.beats)
    if n_loops > _MOST_LOOPS:
        raise SourceError(path, f"holds {n_loops} loops, more than {_MOST_LOOPS}; slice it first")
    return n_loops


def _check_tempo(path: Path, frames: int, rate: int, beats: int) -> None:
    bpm = 60 * beats * rate / frames
    if not _SLOWEST <= bpm <= _FASTEST:
        raise SourceError(
            path,
            f"is {frames / rate:.2f} s long ({frames} samples): as {beats} beats that would be {bpm:.1f} BPM; slice it "
            "first, or say with --beats how many it holds",
        )


def gain_for(peak: float) -> float:
    """The factor that brings a peak to .95; 1 for silence."""
    return min(_PEAK / peak, _MOST_GAIN) if peak > 0 else 1.0


def peak_of(path: Path) -> float:
    """The highest sample of all channels mixed; 0 for what cannot be read, which is told when it is converted."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            blocks = file.blocks(1 << 18, dtype="float32", always_2d=True)
            peak = max((float(np.abs(block.mean(axis=1)).max()) for block in blocks), default=0.0)
    except (OSError, soundfile.SoundFileError):
        return 0.0
    return peak if np.isfinite(peak) else 0.0
