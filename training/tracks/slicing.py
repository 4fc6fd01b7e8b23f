"""Cut a track with an exact tempo into slices of equal length."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.file_names import number_duplicates, unique_name
from technogan.progress import Progress, ignore_progress
from technogan.records import read_json, read_record
from technogan.sound.loop import check_bpm
from technogan.sound.wav import write_wav
from training.sound_files import Track, hash_file, hash_path, make_name, read_track, write_sound
from training.tempo import estimate_tempo
from training.tracks.conform import is_exact

NOTE = "slices.json"

# The maximum length of a name in UTF-8 bytes, without the number and the suffix that follow it.
LONGEST_NAME = 120
_MAX_CROSSFADE_MS = 100.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The settings for cutting tracks.

    Attributes:
        bpm: the exact tempo.
        beats: length of a slice.
        every: keep every Nth slice.
        offset: start of the first slice, s; if None, the measured first downbeat.
        mono: mix the channels.
        crossfade_ms: time over which the end of a slice fades into the sound before its start, so that it loops.
    """

    bpm: float
    beats: int
    every: int = 1
    offset: float | None = None
    mono: bool = False
    crossfade_ms: float = 0.0

    def __post_init__(self) -> None:
        check_bpm(self.bpm)
        for name in ("beats", "every"):
            if getattr(self, name) < 1:
                raise SettingError(name, getattr(self, name), "1 or more")
        if self.offset is not None and not (math.isfinite(self.offset) and self.offset >= 0):
            raise SettingError("offset", self.offset, "0 or more seconds")
        if not 0 <= self.crossfade_ms <= _MAX_CROSSFADE_MS:
            raise SettingError("crossfade", self.crossfade_ms, f"from 0 to {_MAX_CROSSFADE_MS:g} ms")

    def length(self, sample_rate: int) -> int:
        """Return the length of a slice in samples."""
        return round(60 * self.beats * sample_rate / self.bpm)

    def start(self, k: int, offset: float, sample_rate: int) -> int:
        """Return the first sample of slice k, within half a sample of its exact time for every k."""
        return round((offset + 60 * self.beats * self.every * k / self.bpm) * sample_rate)

    def starts(self, n_samples: int, offset: float, sample_rate: int) -> list[int]:
        """Return the first samples of all whole slices in a track of n_samples."""
        last = n_samples - self.length(sample_rate)
        at_most = max(int((last / sample_rate - offset) * self.bpm / (60 * self.beats * self.every)) + 2, 0)
        starts = (self.start(k, offset, sample_rate) for k in range(at_most))
        return [start for start in starts if start <= last]


@dataclass(frozen=True, slots=True)
class SlicedTrack:
    """The slices of one track. offset: start of the first, s. warnings: sentences for the user."""

    source: Path
    folder: Path
    paths: tuple[Path, ...]
    offset: float
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": str(self.source),
            "folder": str(self.folder),
            "slices": len(self.paths),
            "offset_s": round(self.offset, 5),
            "warnings": list(self.warnings),
        }


def slice_track(
    path: Path, cut: Cut, folder: Path, *, name: str | None = None, progress: Progress = ignore_progress
) -> SlicedTrack:
    """Write the slices of a track as 24-bit WAV files, and slices.json, which records how they were cut.

    Slices of an earlier cut of the same track are replaced. If another track's slices or other files are in the folder,
    a number is appended to its name.

    Args:
        path: the track.
        cut: how to cut it.
        folder: the parent of the slices' folder.
        name: the name of the slices' folder; None to use the track's name.
        progress: called after each slice.

    Raises:
        SourceError: the track cannot be read, or is shorter than a slice.
        OutputError: a slice cannot be written.
    """
    track = read_track(path, mono=cut.mono)
    offset, warnings = _find_offset(track, cut)
    starts = cut.starts(len(track.samples), offset, track.sample_rate)
    if not starts:
        reason = f"is {track.duration:.2f} s long; no slice of {cut.beats} beats fits after {offset:g} s"
        raise SourceError(path, reason)
    sha256 = hash_file(path)
    home = _find_folder(folder, name or short_name(path), path, sha256)
    _prepare_folder(home)
    paths = [home / f"{home.name}-{k + 1:04d}.wav" for k in range(len(starts))]
    # Before the slices: if the process is killed, the next run knows which files are its own.
    _write_note(home, track, sha256, cut, offset, starts)
    for k, (target, start) in enumerate(zip(paths, starts, strict=True)):
        _write_slice(target, cut_slice(track.samples, start, cut, track.sample_rate), cut, track.sample_rate)
        progress(k + 1, len(starts))
    return SlicedTrack(path, home, tuple(paths), offset, warnings)


def cut_slice(samples: FloatArray, start: int, cut: Cut, sample_rate: int) -> FloatArray:
    """Return one slice, crossfaded: float32 (n, n_channels) -> (length, n_channels)."""
    piece = samples[start : start + cut.length(sample_rate)]
    fade = min(round(cut.crossfade_ms / 1000 * sample_rate), start, len(piece))
    if fade == 0:
        return piece
    # Equal gain: sound that repeats from beat to beat keeps its level.
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)[:, np.newaxis]
    faded = piece.copy()
    faded[-fade:] = piece[-fade:] * (1 - rise) + samples[start - fade : start] * rise
    return faded


def _find_offset(track: Track, cut: Cut) -> tuple[float, tuple[str, ...]]:
    """Return the start of the first slice, s, and warnings about the tempo if it was measured."""
    if cut.offset is not None:
        return cut.offset, ()
    # Search only near the given tempo: a grid at another tempo would have other downbeats.
    tempo = estimate_tempo(track.mono, track.sample_rate, path=track.path, lowest=0.9 * cut.bpm, highest=1.1 * cut.bpm)
    if is_exact(tempo, cut.bpm):
        return max(tempo.grid.start, 0.0), ()
    found = f"{tempo.grid.bpm:.3f} BPM, 95 % of its beats within {tempo.drift.p95:.1f} ms"
    return max(tempo.grid.start, 0.0), (
        f"{track.path}: {tempo.verdict} ({found}); its slices are not exact at {cut.bpm:g} BPM",
    )


def short_name(path: Path) -> str:
    """Return a name for a track's output that is valid on every system."""
    return make_name(path.stem, longest=LONGEST_NAME).strip(" .") or "track"


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each track's output; the names are unique even if case is ignored."""
    return number_duplicates([short_name(path) for path in paths], separator="-")


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceNote:
    """A record of the cut of the slices in a folder: the contents of its slices.json.

    track: a digest of the track's path.
    """

    source: str = ""
    sha256: str = ""
    track: str = ""
    bpm: float = 0.0
    beats: int
    every: int = 1
    offset_s: float = 0.0
    crossfade_ms: float = 0.0
    sample_rate: int = 0
    samples: int = 0
    slices: tuple[str, ...]
    starts: tuple[int, ...] = ()


def read_note(folder: Path) -> SliceNote | None:
    """Read slices.json in a folder of slices; None if there is none. Raises SourceError for a damaged one."""
    path = folder / NOTE
    try:
        return read_record(SliceNote, read_json(path), ignore_unknown=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except SpecError as error:
        raise SourceError(path, f"is damaged: {error}; delete it or slice the track again") from error


def _find_folder(folder: Path, name: str, path: Path, sha256: str) -> Path:
    """Return the first of name, name-2, ... that is empty or contains slices of this track."""

    def is_taken(each: str) -> bool:
        home = folder / each
        note = read_note(home) if home.is_dir() else None
        if note is None:
            return home.is_file() or (home.is_dir() and any(home.iterdir()))
        return sha256 != note.sha256 and hash_path(path) != note.track

    return folder / unique_name(name, is_taken)


def _prepare_folder(home: Path) -> None:
    """Create the slices' folder, or delete the earlier slices in it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        note = read_note(home)
        if note is not None:
            for name in note.slices:
                # A note of a stranger may name files that are not slices.
                if re.fullmatch(re.escape(home.name) + r"-\d{4,}\.wav", name):
                    (home / name).unlink(missing_ok=True)
            (home / NOTE).unlink()
    except OSError as error:
        raise OutputError(home, explain(error)) from error


def _write_slice(path: Path, samples: FloatArray, cut: Cut, sample_rate: int) -> None:
    if samples.shape[1] == 1:
        write_wav(path, samples[:, 0], sample_rate, bpm=cut.bpm, beats=cut.beats)
    else:
        write_sound(path, samples, sample_rate)


def _write_note(home: Path, track: Track, sha256: str, cut: Cut, offset: float, starts: list[int]) -> None:
    note = SliceNote(
        source=track.path.name,
        sha256=sha256,
        track=hash_path(track.path),
        bpm=cut.bpm,
        beats=cut.beats,
        every=cut.every,
        offset_s=offset,
        crossfade_ms=cut.crossfade_ms,
        sample_rate=track.sample_rate,
        samples=cut.length(track.sample_rate),
        slices=tuple(f"{home.name}-{k + 1:04d}.wav" for k in range(len(starts))),
        starts=tuple(starts),
    )
    text = json.dumps(asdict(note), indent=1, ensure_ascii=False)
    # A name that is not UTF-8 contains halves of surrogate pairs, which become escapes.
    write_atomically(home / NOTE, f"{text}\n".encode(errors="backslashreplace"))
