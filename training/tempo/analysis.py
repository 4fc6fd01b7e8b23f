"""From a track to its tempo, grid and drift report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError, SourceError
from technogan.sound.loop import MAX_BPM, MIN_BPM
from training.sound_files import read_track
from training.tempo import meter, pulse, tracking
from training.tempo.course import Course, Grid, Times, nearest_grid
from training.tempo.onsets import onsets_of

LOWEST, HIGHEST = 110.0, 180.0

Verdict = Literal["exact", "conform", "unusable"]

# Seconds without which a grid cannot be told from chance.
_SHORTEST = 20.0
# Deviation, ms, up to which a track needs no conforming.
EXACT_MS = 5.0
# A beat that fits as noise does, and as a loop repeated without change does.
_NOISE, _CERTAIN = 0.2, 0.6
_LEAST_CONFIDENCE, _LEAST_FOLLOWED = 0.2, 0.4


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the beats lie from the nearest constant grid, ms, and how they stray.

    trend: BPM a minute. wander: the amplitude of a sine that strays as much as what the trend leaves, ms. followed:
    share of the beats, 0..1, that could be told; the others, in passages without drums, are not counted.
    """

    median: float
    p95: float
    worst: float
    trend: float
    wander: float
    followed: float

    def to_dict(self) -> dict[str, float]:
        """Plain values for JSON, units in their names."""
        return {
            "median_ms": round(self.median, 2),
            "p95_ms": round(self.p95, 2),
            "worst_ms": round(self.worst, 2),
            "trend_bpm_per_minute": round(self.trend, 4),
            "wander_ms": round(self.wander, 2),
            "followed": round(self.followed, 3),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Tempo:
    """What is known of a track's beats.

    grid: the nearest constant tempo; its beat 0 is the first downbeat at or after the track's beginning. course: where
    the beats really are, one point a beat, counted like the grid's. fits: float64 (n,), 0..1, how surely each is
    known. confidence: 0..1.
    """

    path: Path
    duration: float
    grid: Grid
    course: Course
    fits: Times
    confidence: float
    drift: Drift

    @property
    def verdict(self) -> Verdict:
        """Whether slices of the nearest grid would be exact, would be after conforming, or cannot become so."""
        if self.confidence < _LEAST_CONFIDENCE or self.drift.followed < _LEAST_FOLLOWED:
            return "unusable"
        return "exact" if self.drift.p95 <= EXACT_MS else "conform"

    @property
    def deviations(self) -> Times:
        """How much later than the grid each beat of the course is, ms: float64 (n,)."""
        return (self.course.times - self.grid.times_at(self.course.beats)) * 1000

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "path": str(self.path),
            "bpm": round(self.grid.bpm, 4),
            "first_downbeat_s": round(max(self.grid.start, 0.0), 5),
            "confidence": round(self.confidence, 3),
            "duration_s": round(self.duration, 3),
            "drift": self.drift.to_dict(),
            "verdict": self.verdict,
        }

    def curve(self) -> dict[str, list[float]]:
        """The drift along the track for JSON: when each beat falls, how much later than the grid, how surely."""
        return {
            "times_s": np.round(self.course.times, 3).tolist(),
            "late_ms": np.round(self.deviations, 2).tolist(),
            "sure": np.round(self.fits, 2).tolist(),
        }


def analyse(path: Path, *, lowest: float = LOWEST, highest: float = HIGHEST) -> Tempo:
    """The tempo of a sound file. Raises SourceError, SettingError; see `read_track` and `tempo_of`."""
    track = read_track(path, mono=True)
    return tempo_of(track.samples[:, 0], track.sample_rate, path=path, lowest=lowest, highest=highest)


def tempo_of(
    samples: FloatArray,
    sample_rate: int,
    *,
    path: Path = Path("samples"),
    lowest: float = LOWEST,
    highest: float = HIGHEST,
) -> Tempo:
    """The tempo, between `lowest` and `highest` BPM, of float32 (n_samples,); path: what errors and reports name.

    Raises SourceError for sound that is too short or holds no onset, SettingError for an impossible range.
    """
    _check_range(lowest, highest)
    if len(samples) < _SHORTEST * sample_rate:
        raise SourceError(path, f"is {len(samples) / sample_rate:.1f} s long; a tempo needs {_SHORTEST:g}")
    onsets = onsets_of(samples, sample_rate)
    swells = onsets.swells()
    total = swells.sum(axis=1)
    if not total.any():
        raise SourceError(path, "nothing in it begins or ends: a tempo cannot be found")
    bpm, _ = pulse.estimate(swells, onsets.rate, lowest, highest)
    course, fits = tracking.follow(total, onsets.times, pulse.fit(total, onsets.times, bpm))
    course = course.moved(meter.first_beat(onsets, course))
    course, grid = _counted(course, fits)
    return Tempo(path, len(samples) / sample_rate, grid, course, fits, _confidence(fits), _drift(course, grid, fits))


def _check_range(lowest: float, highest: float) -> None:
    if not MIN_BPM <= lowest < highest <= MAX_BPM:
        raise SettingError("tempo range", f"{lowest:g}..{highest:g}", f"rising, from {MIN_BPM:g} to {MAX_BPM:g} BPM")


def _counted(course: Course, fits: Times) -> tuple[Course, Grid]:
    """The course counted from the first downbeat, and the grid nearest to what is known of it."""
    grid = nearest_grid(course.beats, course.times, tracking.known(fits) * fits)
    bars = float(np.ceil(-grid.start * grid.bpm / 240 - 1e-3))
    return course.moved(4 * bars), Grid(grid.bpm, grid.start + 240 / grid.bpm * bars)


def _confidence(fits: Times) -> float:
    return float(np.clip((np.median(fits) - _NOISE) / (_CERTAIN - _NOISE), 0, 1))


def _drift(course: Course, grid: Grid, fits: Times) -> Drift:
    known = tracking.known(fits)
    beats, times = course.beats[known], course.times[known]
    off = np.abs(times - grid.times_at(beats)) * 1000
    middle = beats.mean()
    # Seconds a beat, and how they change: half of d2t/db2.
    bend, slope, _ = np.polyfit(beats - middle, times, 2)
    trend = -2 * bend / slope**3 * 3600
    rest = times - np.polyval(np.polyfit(beats - middle, times, 2), beats - middle)
    wander = float(np.sqrt(2) * rest.std() * 1000)
    median, p95, worst = np.percentile(off, (50, 95, 100))
    return Drift(float(median), float(p95), float(worst), float(trend), wander, float(known.mean()))
