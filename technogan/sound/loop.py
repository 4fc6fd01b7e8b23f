"""A loop: samples that repeat without a seam, and everything that is known of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.seeds.origin import Origin
from technogan.sound.level import TRUE_PEAK_CEILING, Levels, hold_peaks, loudness, true_peak
from technogan.sound.wav import Subtype, write_wav
from technogan.transforms.fourier import irfft, mean_rfft

MIN_BPM, MAX_BPM = 20.0, 999.0
MIN_RATE, MAX_RATE = 4000, 384_000


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A mono loop of `beats` beats at `bpm`.

    samples: float32 (n_samples,), levelled; the sample after the last is the first. sample_rate: Hz, not always whole.
    magnitude: float32 (n_frames, n_bins), linear, as the network drew it. origin: None where no seed is known.
    """

    samples: FloatArray
    sample_rate: float
    bpm: float
    beats: int
    magnitude: FloatArray
    levels: Levels
    origin: Origin | None = None

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def resampled(self, sample_rate: int) -> Self:
        """The same loop at a whole rate: circular, band-limited, exactly `loop_frames` long, its true peak held again.

        Raises SettingError for a rate that no device has.
        """
        n_samples = loop_frames(self.beats, self.bpm, sample_rate)
        if n_samples == len(self.samples) and sample_rate == self.sample_rate:
            return self
        samples, limited = hold_peaks(resample(self.samples, n_samples), sample_rate, TRUE_PEAK_CEILING)
        levels = replace(
            self.levels,
            loudness=loudness(samples, sample_rate),
            true_peak=true_peak(samples),
            limited=self.levels.limited + limited,
        )
        return replace(self, samples=samples, sample_rate=float(sample_rate), levels=levels)

    def save(self, path: Path, *, subtype: Subtype = "24") -> int:
        """Write a WAV with loop points, tempo and origin; a rate that is not whole is rounded in its header.

        Returns how many samples clipped (none after levelling). Raises OutputError.
        """
        return write_wav(
            path,
            self.samples,
            round(self.sample_rate),
            bpm=self.bpm,
            beats=self.beats,
            comment=self.origin.to_json() if self.origin else "",
            subtype=subtype,
        )


def loop_frames(beats: int, bpm: float, sample_rate: int) -> int:
    """Frames of a loop at a whole rate: every beat has round(60 rate / bpm), so that loops of any length never drift
    apart.

    Raises SettingError for a tempo or a rate that makes no sense.
    """
    check_bpm(bpm)
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        raise SettingError("rate", sample_rate, f"from {MIN_RATE} to {MAX_RATE} Hz")
    return beats * round(60 * sample_rate / bpm)


def check_bpm(bpm: float) -> None:
    """Raises SettingError unless MIN_BPM <= bpm <= MAX_BPM."""
    if not (math.isfinite(bpm) and MIN_BPM <= bpm <= MAX_BPM):
        raise SettingError("bpm", bpm, f"from {MIN_BPM:g} to {MAX_BPM:g}")


def resample(samples: FloatArray, n_samples: int) -> FloatArray:
    """A loop with another number of samples: its Fourier series, cut or padded, so no edge and no delay.

    float32 (n_samples,).
    """
    n = len(samples)
    spectrum = mean_rfft(samples)
    kept = min(n, n_samples) // 2 + 1
    resized = np.zeros(n_samples // 2 + 1, np.complex64)
    resized[:kept] = spectrum[:kept]
    shorter = min(n, n_samples)
    if shorter % 2 == 0 and n != n_samples:
        # The shorter one's Nyquist bin stands for both signs of its frequency: halve it going up, fold it going down.
        edge = shorter // 2
        resized[edge] = spectrum[edge] / 2 if n_samples > n else 2 * spectrum[edge].real
    return irfft(resized, n_samples) * np.float32(n_samples)
