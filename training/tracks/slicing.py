"""Cutting a track of exact tempo into slices of equal length, each from its own exact time."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, write_whole
from technogan.errors import OutputError, SettingError, SourceError
from technogan.progress import Progress, ignore_progress
from technogan.sound.loop import check_bpm
from technogan.sound.wav import write_wav
from training.sound_files import Track, read_track, write_sound
from training.tempo import tempo_of
from training.tracks.conform import is_exact

NOTE = "slices.json"

# Bytes of a file's name that are kept; systems allow 255, and numbers and suffixes follow.
_LONGEST_NAME = 120
_MOST_CROSSFADE_MS = 100.0


@dataclass(frozen=True, slots=True)
class Cut:
    """How tracks are cut: slices of `beats` beats at `bpm`, every so-manieth of them.

    offset: s, where the first begins; the first downbeat, which is then looked for, if None. mono: mix the channels.
    crossfade_ms: how long the end of a slice fades into what stood before its beginning, so that it loops.
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
        if not 0 <= self.crossfade_ms <= _MOST_CROSSFADE_MS:
            raise SettingError("crossfade", self.crossfade_ms, f"from 0 to {_MOST_CROSSFADE_MS:g} ms")

    def length(self, sample_rate: int) -> int:
        """Samples in every slice."""
        return round(60 * self.beats * sample_rate / self.bpm)

    def start(self, k: int, offset: float, sample_rate: int) -> int:
        """The sample that slice k begins with, within half a sample of its time for any k."""
        return round((offset + 60 * self.beats * self.every * k / self.bpm) * sample_rate)

    def starts(self, n_samples: int, offset: float, sample_rate: int) -> list[int]:
        """Of all whole slices in a track of n_samples."""
        last = n_samples - self.length(sample_rate)
        most = max(int((last / sample_rate - offset) * self.bpm / (60 * self.beats * self.every)) + 2, 0)
        starts = (self.start(k, offset, sample_rate) for k in range(most))
        return [start for start in starts if start <= last]


@dataclass(frozen=True, slots=True)
class Sliced:
    """The slices of one track. warnings: sentences for people."""

    source: Path
    folder: Path
    paths: tuple[Path, ...]
    offset: float
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "path": str(self.source),
            "folder": str(self.folder),
            "slices": len(self.paths),
            "offset_s": round(self.offset, 5),
            "warnings": list(self.warnings),
        }


def slice_track(
    path: Path, cut: Cut, folder: Path, *, name: str | None = None, progress: Progress = ignore_progress
) -> Sliced:
    """Write a track's slices into a folder of their own below `folder`, called `name` or like the track: WAV, 24 bits.

    A note beside them, slices.json, says how they were cut. Slices of an earlier cut of the same track are replaced.
    Raises SourceError for a track that cannot be read or is shorter than a slice, OutputError.
    """
    track = read_track(path, mono=cut.mono)
    offset, warnings = _beginning(track, cut)
    starts = cut.starts(len(track.samples), offset, track.sample_rate)
    if not starts:
        raise SourceError(
            path, f"is {track.duration:.2f} s long: no slice of {cut.beats} beats fits after {offset:g} s"
        )
    home = _home(folder, name or short_name(path))
    paths = []
    for k, start in enumerate(starts):
        paths.append(home / f"{home.name}-{k + 1:04d}.wav")
        _write(paths[-1], slice_at(track.samples, start, cut, track.sample_rate), cut, track.sample_rate)
        progress(k + 1, len(starts))
    _note(home, path, track, cut, offset, starts)
    return Sliced(path, home, tuple(paths), offset, warnings)


def slice_at(samples: FloatArray, start: int, cut: Cut, sample_rate: int) -> FloatArray:
    """One slice: float32 (n, n_channels) -> (length, n_channels)."""
    piece = samples[start : start + cut.length(sample_rate)]
    fade = min(round(cut.crossfade_ms / 1000 * sample_rate), start, len(piece))
    if fade == 0:
        return piece
    # Equal gain: what repeats from beat to beat keeps its level.
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)[:, np.newaxis]
    faded = piece.copy()
    faded[-fade:] = piece[-fade:] * (1 - rise) + samples[start - fade : start] * rise
    return faded


def _beginning(track: Track, cut: Cut) -> tuple[float, tuple[str, ...]]:
    """Where the first slice starts, s, and what is wrong with the track's tempo if it was looked for."""
    if cut.offset is not None:
        return cut.offset, ()
    # Looked for near the tempo that was asked for: a grid of another one would have its own downbeats.
    tempo = tempo_of(track.mono, track.sample_rate, path=track.path, lowest=0.9 * cut.bpm, highest=1.1 * cut.bpm)
    if is_exact(tempo, cut.bpm):
        return max(tempo.grid.start, 0.0), ()
    found = f"{tempo.grid.bpm:.3f} BPM, 95 % of its beats within {tempo.drift.p95:.1f} ms"
    return max(tempo.grid.start, 0.0), (
        f"{track.path}: {tempo.verdict} ({found}); its slices are not exact at {cut.bpm:g} BPM",
    )


def short_name(path: Path) -> str:
    """A track's name, short enough for any system with a number and a suffix behind it."""
    return path.stem.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .") or "track"


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """A name for each of several tracks, different without regard to case."""
    names = [short_name(path) for path in paths]
    count = Counter(name.casefold() for name in names)
    return [name if count[name.casefold()] == 1 else f"{name}-{i + 1}" for i, name in enumerate(names)]


def _home(folder: Path, name: str) -> Path:
    home = folder / name
    try:
        home.mkdir(parents=True, exist_ok=True)
        note = home / NOTE
        if note.exists():
            for name in read_note(home)["slices"]:
                (home / Path(name).name).unlink(missing_ok=True)
            note.unlink()
    except OSError as error:
        raise OutputError(home, explain(error)) from error
    return home


def read_note(home: Path) -> dict[str, Any]:
    """What slices.json in a folder of slices says: `bpm`, `beats`, `slices` and more; empty where there is none.

    Raises SourceError for a damaged one.
    """
    path = home / NOTE
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return {**note, "beats": int(note["beats"]), "slices": list(note["slices"])}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(path, f"damaged ({error}); delete it or slice the track again") from error


def _write(path: Path, samples: FloatArray, cut: Cut, sample_rate: int) -> None:
    if samples.shape[1] == 1:
        write_wav(path, samples[:, 0], sample_rate, bpm=cut.bpm, beats=cut.beats)
    else:
        write_sound(path, samples, sample_rate)


def _note(home: Path, path: Path, track: Track, cut: Cut, offset: float, starts: list[int]) -> None:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    note = {
        "source": path.name,
        "sha256": sha256,
        "bpm": cut.bpm,
        "beats": cut.beats,
        "every": cut.every,
        "offset_s": offset,
        "crossfade_ms": cut.crossfade_ms,
        "sample_rate": track.sample_rate,
        "samples": cut.length(track.sample_rate),
        "slices": [f"{home.name}-{k + 1:04d}.wav" for k in range(len(starts))],
        "starts": starts,
    }
    write_whole(home / NOTE, (json.dumps(note, indent=1, ensure_ascii=False) + "\n").encode())
