"""Bringing a track to an exact tempo.

Its beats are set on a constant grid first, by reading it a little faster or slower from place to place: what tape,
vinyl or a warm oscillator did to time and pitch together is undone together. What is left is one ratio, and a
stretcher that keeps the pitch does that in one pass.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, written_whole
from technogan.errors import OutputError, SettingError, SourceError
from technogan.sound.loop import check_bpm
from training.sound_files import read_track, write_sound
from training.tempo import Tempo, tempo_of
from training.tempo.analysis import EXACT_MS, HIGHEST, LOWEST
from training.tempo.course import Course, Times
from training.tracks.warping import warped

Method = Literal["stretch", "resample"]

# A tempo off by less than this is reached by resampling: the pitch moves by two cents at most, no attack is touched.
_BY_RESAMPLING = 0.001
# Beats over which a course is smoothed: each beat is known to half a millisecond only.
_SMOOTH = 5


@dataclass(frozen=True, slots=True)
class Conformed:
    """A track at its new tempo. after: as measured anew; before itself where the track was right and was copied.
    first_downbeat: s, where the one that was known before lies now.
    """

    path: Path
    before: Tempo
    after: Tempo
    copied: bool
    first_downbeat: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "path": str(self.path),
            "copied": self.copied,
            "first_downbeat_s": round(self.first_downbeat, 5),
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }


def method_named(name: str) -> Method:
    """The method of this name. Raises SettingError for an unknown one."""
    for method in get_args(Method):
        if method == name:
            return cast(Method, method)
    raise SettingError("method", name, f"one of {', '.join(get_args(Method))}")


def conform(
    path: Path,
    bpm: float,
    folder: Path,
    *,
    name: str | None = None,
    method: Method = "stretch",
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    first_downbeat: float | None = None,
) -> Conformed:
    """Write a track at exactly `bpm` into a folder: WAV, 24 bits, its rate and channels kept; all of it, drift and all.

    name: of the file, without suffix; the track's own if None. "stretch" keeps the pitch, "resample" lets it follow the
    tempo. A track that is exact already is copied bit by bit.
    lowest, highest: the range its own tempo lies in, BPM. first_downbeat: s, where that is known better. Raises
    SourceError for a track without a steady beat or a target that is the track itself, OutputError, SettingError.
    """
    check_bpm(bpm)
    track = read_track(path)
    before = tempo_of(track.mono, track.sample_rate, path=path, lowest=lowest, highest=highest)
    if before.verdict == "unusable":
        raise SourceError(path, f"has no beat steady enough to conform (confidence {before.confidence:.2f})")
    known = max(before.grid.start, 0.0) if first_downbeat is None else first_downbeat
    if is_exact(before, bpm):
        return Conformed(_copied(path, folder / f"{name or path.stem}{path.suffix}"), before, before, True, known)
    samples = conformed(track.samples, track.sample_rate, before, bpm, method=method)
    target = folder / f"{name or path.stem}.wav"
    _refuse_itself(path, target)
    write_sound(target, samples, track.sample_rate)
    mono = samples.mean(axis=1, dtype=np.float32)
    after = tempo_of(mono, track.sample_rate, path=target, lowest=0.9 * bpm, highest=1.1 * bpm)
    return Conformed(target, before, after, False, _moved(known, before, bpm))


def _moved(downbeat: float, tempo: Tempo, bpm: float) -> float:
    """Where a downbeat of a track, s, lies once that is conformed; a whole bar later where its beginning is cut."""
    course = _steady(tempo)
    first, beat = course.beats_at(np.array([0.0, downbeat]))
    place = float(beat - first)
    return (place + 4 * max(math.ceil(-place / 4 - 1e-6), 0)) * 60 / bpm


def is_exact(tempo: Tempo, bpm: float) -> bool:
    """Whether a track's beats stay on a grid of `bpm` from its beginning to its end."""
    apart = abs(tempo.grid.bpm / bpm - 1) * tempo.duration * 1000
    return tempo.verdict == "exact" and apart <= EXACT_MS


def conformed(
    samples: FloatArray, sample_rate: int, tempo: Tempo, bpm: float, *, method: Method = "stretch"
) -> FloatArray:
    """Samples of a track, float32 (n, n_channels), brought to `bpm`: float32 (m, n_channels), where m holds as many
    beats as n did, to the sample.
    """
    course = _steady(tempo)
    first, last = course.beats_at(np.array([0.0, len(samples) / sample_rate]))
    length = round((last - first) * 60 / bpm * sample_rate)
    stretching = method == "stretch" and abs(tempo.grid.bpm / bpm - 1) > _BY_RESAMPLING
    set_bpm = tempo.grid.bpm if stretching else bpm

    def source(places: Times) -> Times:
        return course.times_at(first + places * (set_bpm / 60 / sample_rate)) * sample_rate

    steady = warped(samples, source, round((last - first) * 60 / set_bpm * sample_rate))
    return _stretched(steady, sample_rate, length) if stretching else steady


def _steady(tempo: Tempo) -> Course:
    """Where the beats are, smoothed; on the grid itself if they are as good as there."""
    course = tempo.course
    if tempo.verdict == "exact":
        return Course(course.beats, tempo.grid.times_at(course.beats))
    window = np.hanning(_SMOOTH + 2)[1:-1]
    off = np.pad(tempo.deviations, _SMOOTH // 2, mode="edge")
    smooth = np.convolve(off, window / window.sum(), "valid") / 1000
    return Course(course.beats, tempo.grid.times_at(course.beats) + smooth)


def _stretched(samples: FloatArray, sample_rate: int, length: int) -> FloatArray:
    """Another length at the same pitch: float32 (n, n_channels) -> (length, n_channels)."""
    from python_stretch import Signalsmith

    stretch = Signalsmith.Stretch()
    stretch.preset(samples.shape[1], float(sample_rate))
    stretch.setTimeFactor(len(samples) / length)
    out = np.asarray(stretch.process(np.ascontiguousarray(samples.T)), np.float32).T[:length]
    return np.ascontiguousarray(np.pad(out, ((0, length - len(out)), (0, 0))), np.float32)


def _copied(path: Path, target: Path) -> Path:
    _refuse_itself(path, target)
    with written_whole(target) as file:
        try:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file)
        except OSError as error:
            raise OutputError(target, explain(error)) from error
    return target


def _refuse_itself(path: Path, target: Path) -> None:
    if target.exists() and target.samefile(path):
        raise OutputError(target, "that is the track itself; choose another folder")
