"""Measure the tempo, beat grid and drift of a track."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError, SourceError
from technogan.sound.loop import MAX_BPM, MIN_BPM
from training.sound_files import read_track
from training.tempo import meter, pulse, tracking
from training.tempo.beat_map import BeatMap, Grid, Times, fit_grid
from training.tempo.onsets import find_onsets

# An octave, so that the right tempo, or its half or double, is never outside.
LOWEST, HIGHEST = 90.0, 180.0

Verdict = Literal["exact", "conform", "unclear", "unusable"]

# Seconds; a tempo cannot be found reliably in less.
_SHORTEST = 20.0
# A track whose beats deviate by no more, ms, does not need conforming.
EXACT_MS = 5.0
# The fit of beats in noise, and in an exactly repeated loop.
_NOISE, _CERTAIN = 0.2, 0.6
_LEAST_CONFIDENCE, _LEAST_FOLLOWED = 0.2, 0.4
# A tempo is unclear if another one scores at least this share of its score. Right tempos of 40 recordings have rivals
# up to 0.52; where the right one is outside of the range, it scores more than 12.
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Drift:
    """The deviation of the beats from the nearest constant grid.

    Attributes:
        median, p95, worst: percentiles of the absolute deviation, ms.
        trend: change of the tempo, BPM per minute.
        wander: amplitude of a sine with the RMS deviation that remains without the trend, ms.
        followed: share of the beats, 0..1, that were found; beats in passages without drums are not counted.
    """

    median: float
    p95: float
    worst: float
    trend: float
    wander: float
    followed: float

    def to_dict(self) -> dict[str, float]:
        """Return plain values for JSON, with units in their names."""
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
    """The measured beats of a track.

    Attributes:
        path: the file, as reports name it.
        duration: seconds.
        grid: the nearest constant tempo; its beat 0 is the first downbeat of the track.
        beat_map: the actual times of the beats, one point per beat, numbered as in the grid.
        fits: float64 (n,), 0..1, the reliability of each beat.
        confidence: 0..1.
        drift: the deviation of the beats from the grid.
        rival_bpm: the best other tempo, in the range or not; half and double tempo do not count.
        rival_share: its score as a share of this tempo's score.
        downbeat_confidence: the probability that beat 0 of the grid is a downbeat, 0..1.
    """

    path: Path
    duration: float
    grid: Grid
    beat_map: BeatMap
    fits: Times
    confidence: float
    drift: Drift
    rival_bpm: float
    rival_share: float
    downbeat_confidence: float

    @property
    def verdict(self) -> Verdict:
        """The verdict on the track.

        "exact" can be sliced as it is, "conform" needs a new tempo, "unclear" fits another tempo alike or better, and
        "unusable" has no steady beat.
        """
        if self.confidence < _LEAST_CONFIDENCE or self.drift.followed < _LEAST_FOLLOWED:
            return "unusable"
        if self.rival_share >= _ALIKE:
            return "unclear"
        return "exact" if self.drift.p95 <= EXACT_MS else "conform"

    @property
    def deviations(self) -> Times:
        """The delay of each beat against the grid, ms: float64 (n,)."""
        return (self.beat_map.times - self.grid.times_at(self.beat_map.beats)) * 1000

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": str(self.path),
            "bpm": round(self.grid.bpm, 4),
            "first_downbeat_s": round(max(self.grid.start, 0.0), 5),
            "downbeat_confidence": round(self.downbeat_confidence, 3),
            "rival_bpm": round(self.rival_bpm, 2),
            "rival_share": round(self.rival_share, 3),
            "confidence": round(self.confidence, 3),
            "duration_s": round(self.duration, 3),
            "drift": self.drift.to_dict(),
            "verdict": self.verdict,
        }

    def curve(self) -> dict[str, list[float]]:
        """Return time, deviation and reliability of each beat for JSON."""
        return {
            "times_s": np.round(self.beat_map.times, 3).tolist(),
            "late_ms": np.round(self.deviations, 2).tolist(),
            "sure": np.round(self.fits, 2).tolist(),
        }


def analyse(path: Path, *, lowest: float = LOWEST, highest: float = HIGHEST) -> Tempo:
    """Measure the tempo of a sound file. Raises what `read_track` and `estimate_tempo` raise."""
    track = read_track(path, mono=True)
    return estimate_tempo(track.samples[:, 0], track.sample_rate, path=path, lowest=lowest, highest=highest)


def estimate_tempo(
    samples: FloatArray,
    sample_rate: int,
    *,
    path: Path = Path("samples"),
    lowest: float = LOWEST,
    highest: float = HIGHEST,
) -> Tempo:
    """Measure the tempo, between `lowest` and `highest` BPM, of samples, float32 (n_samples,).

    Errors and reports name `path`.

    Raises:
        SourceError: the sound is too short or has no onsets.
        SettingError: the range is impossible.
    """
    _check_range(lowest, highest)
    if len(samples) < _SHORTEST * sample_rate:
        raise SourceError(path, f"is {len(samples) / sample_rate:.1f} s long; a tempo needs at least {_SHORTEST:g} s")
    onsets = find_onsets(samples, sample_rate)
    log_flux = onsets.log_flux()
    total = log_flux.sum(axis=1)
    if not total.any():
        raise SourceError(path, "has no onsets, so its tempo cannot be found")
    guess = pulse.guess_tempo(log_flux, onsets.rate, lowest, highest)
    beat_map, fits = tracking.follow_beats(total, onsets.times, pulse.fit_beat_map(total, onsets.times, guess.bpm))
    downbeat = meter.find_downbeat(onsets, beat_map)
    beat_map = beat_map.renumber(downbeat.beat)
    beat_map, grid = _count_from_downbeat(beat_map, fits)
    confidence, drift = _compute_confidence(fits), _measure_drift(beat_map, grid, fits)
    return Tempo(
        path,
        len(samples) / sample_rate,
        grid,
        beat_map,
        fits,
        confidence,
        drift,
        guess.rival,
        guess.rival_share,
        downbeat.confidence,
    )


def _check_range(lowest: float, highest: float) -> None:
    if not MIN_BPM <= lowest < highest <= MAX_BPM:
        wanted = f"a rising range within {MIN_BPM:g} to {MAX_BPM:g} BPM"
        raise SettingError("tempo range", f"{lowest:g}..{highest:g}", wanted)


def _count_from_downbeat(beat_map: BeatMap, fits: Times) -> tuple[BeatMap, Grid]:
    """Number the beats from the first downbeat, and fit a grid to the reliable ones."""
    grid = fit_grid(beat_map.beats, beat_map.times, tracking.is_reliable(fits) * fits)
    bars = float(np.ceil(-grid.start * grid.bpm / 240 - 1e-3))
    return beat_map.renumber(4 * bars), Grid(grid.bpm, grid.start + 240 / grid.bpm * bars)


def _compute_confidence(fits: Times) -> float:
    return float(np.clip((np.median(fits) - _NOISE) / (_CERTAIN - _NOISE), 0, 1))


def _measure_drift(beat_map: BeatMap, grid: Grid, fits: Times) -> Drift:
    known = tracking.is_reliable(fits)
    beats, times = beat_map.beats[known], beat_map.times[known]
    off = np.abs(times - grid.times_at(beats)) * 1000
    middle = beats.mean()
    # A parabola through the times: its slope is in seconds per beat, its bend is half of d2t/db2.
    bend, slope, _ = np.polyfit(beats - middle, times, 2)
    trend = -2 * bend / slope**3 * 3600
    rest = times - np.polyval(np.polyfit(beats - middle, times, 2), beats - middle)
    wander = float(np.sqrt(2) * rest.std() * 1000)
    median, p95, worst = np.percentile(off, (50, 95, 100))
    return Drift(float(median), float(p95), float(worst), float(trend), wander, float(known.mean()))
