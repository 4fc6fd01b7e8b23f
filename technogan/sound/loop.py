"""Loops: samples that repeat without a seam, with their tempo, levels and origin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.seeds.origin import Origin
from technogan.sound.level import TRUE_PEAK_CEILING, Levels, limit_stem_peaks, loudness, sum_stems, true_peak
from technogan.sound.resampling import resample
from technogan.sound.wav import Subtype, write_wav

MIN_BPM, MAX_BPM = 20.0, 999.0
BEATS_PER_BAR = 4
MIN_RATE, MAX_RATE = 4000, 384_000


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A mono loop.

    Attributes:
        samples: float32 (n_samples,), levelled; the first sample follows the last.
        sample_rate: Hz, not necessarily a whole number.
        bpm: tempo.
        beats: length in beats.
        magnitude: float32 (n_frames, n_bins), linear, as the network generated it.
        levels: the loudness and peaks of the samples.
        origin: the model and seeds; None if unknown.
        stems: float32 (n_samples,) by name; their sum is `samples`. Empty for a loop that has no stems.
        rows: float32 (n_bins,), ascending: the frequencies of the magnitude's rows as shares of the highest frequency
            that it can hold. None if they are evenly spaced.
    """

    samples: FloatArray
    sample_rate: float
    bpm: float
    beats: int
    magnitude: FloatArray
    levels: Levels
    origin: Origin | None = None
    stems: Mapping[str, FloatArray] = field(default_factory=dict)
    rows: FloatArray | None = None

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return len(self.samples) / self.sample_rate

    def resampled(self, sample_rate: int) -> Self:
        """Return the loop at another sample rate, resampled circularly, with its true peaks limited again.

        Args:
            sample_rate: MIN_RATE to MAX_RATE, Hz. The result has `loop_frames(beats, bpm, sample_rate)` samples.

        Raises:
            SettingError: the sample rate is out of range.
        """
        n_samples = loop_frames(self.beats, self.bpm, sample_rate)
        if n_samples == len(self.samples) and sample_rate == self.sample_rate:
            return self
        parts = np.stack([resample(part, n_samples) for part in self.stems.values() or (self.samples,)])
        parts, limited = limit_stem_peaks(parts, sample_rate, TRUE_PEAK_CEILING)
        samples = sum_stems(parts)
        levels = replace(
            self.levels,
            loudness=loudness(samples, sample_rate),
            true_peak=true_peak(samples),
            limited=self.levels.limited + limited,
        )
        stems = dict(zip(self.stems, parts, strict=True)) if self.stems else {}
        return replace(self, samples=samples, sample_rate=float(sample_rate), levels=levels, stems=stems)

    def stem(self, name: str) -> Self:
        """Return one stem as a loop, at its level within this loop. Raises SettingError for an unknown name."""
        if name not in self.stems:
            known = f"one of {', '.join(self.stems)}" if self.stems else "a stem of a loop that has stems"
            raise SettingError("stem", name, known)
        samples = self.stems[name]
        levels = Levels(
            loudness=loudness(samples, self.sample_rate),
            true_peak=true_peak(samples),
            gain_db=self.levels.gain_db,
            limited=self.levels.limited,
            dc=0.0,
        )
        return replace(self, samples=samples, levels=levels, stems={})

    def save(self, path: str | Path, *, subtype: Subtype = "24") -> int:
        """Write the loop to a WAV file with loop points, tempo and origin.

        The header holds whole sample rates only, so other rates are rounded there.

        Args:
            path: the file to write or replace; missing parent folders are created.
            subtype: bits per sample, "16", "24" or "float" (32-bit floating point).

        Returns:
            The number of samples that were clipped, 0 for a levelled loop.

        Raises:
            OutputError: the file cannot be written.
            SettingError: the subtype is unknown.
        """
        return write_wav(
            Path(path),
            self.samples,
            round(self.sample_rate),
            bpm=self.bpm,
            beats=self.beats,
            comment=self.origin.to_json() if self.origin else "",
            subtype=subtype,
        )


def loop_frames(beats: int, bpm: float, sample_rate: int) -> int:
    """Return the number of frames of a loop at a sample rate.

    Every beat has round(60 * sample_rate / bpm) frames, so loops of any length stay in time with each other.

    Args:
        beats: length of the loop.
        bpm: tempo, MIN_BPM to MAX_BPM.
        sample_rate: MIN_RATE to MAX_RATE, Hz.

    Raises:
        SettingError: the tempo or the sample rate is out of range.
    """
    check_bpm(bpm)
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        raise SettingError("rate", sample_rate, f"from {MIN_RATE} to {MAX_RATE} Hz")
    return beats * round(60 * sample_rate / bpm)


def check_bpm(bpm: float) -> None:
    """Raise SettingError unless MIN_BPM <= bpm <= MAX_BPM."""
    if not (math.isfinite(bpm) and MIN_BPM <= bpm <= MAX_BPM):
        raise SettingError("bpm", bpm, f"from {MIN_BPM:g} to {MAX_BPM:g}")
