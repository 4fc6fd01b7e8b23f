"""Where something begins in a track: how loud its bands are and how much they swell, two milliseconds at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.transforms.fourier import mean_rfft
from training.tempo.course import Times

# Seconds. Short enough to place an attack within a millisecond, long enough for bass drums to be one attack each.
_HOP = 0.002
_WINDOW = 0.0116
# Hz, where bands begin.
_EDGES = (0, 100, 200, 400, 800, 1600, 3200, 6400, 12800)
# Frames over which a band has to swell.
_STEP = 3
# When an attack happened that shows in a frame, against that frame's own time: measured on bass drums and clicks.
_AHEAD = -0.0006
_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """levels: float32 (n_frames, n_bands), linear, bands from low to high. rate: frames a second."""

    levels: FloatArray
    rate: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.levels) / self.rate

    @property
    def times(self) -> Times:
        """When an attack happened that `swells` or `attacks` shows in a frame, s: float64 (n_frames,)."""
        return np.arange(len(self.levels)) / self.rate + _AHEAD

    def swells(self) -> FloatArray:
        """Rise of loudness by band, logarithmic above its usual level, so that hats count beside bass drums a hundred
        times as loud: float32 (n_frames, n_bands), >= 0.
        """
        usual = self.levels.mean(axis=0, keepdims=True) + np.float32(1e-9)
        return _rises(np.log1p(np.float32(4) * self.levels / usual))

    def attacks(self) -> FloatArray:
        """Rise of amplitude by band: float32 (n_frames, n_bands), >= 0."""
        return _rises(self.levels)


def onsets_of(samples: FloatArray, sample_rate: int) -> Onsets:
    """The bands of a track: float32 (n_samples,), at any level and rate."""
    hop, n_fft = round(_HOP * sample_rate), 1 << round(np.log2(_WINDOW * sample_rate))
    window = np.hanning(n_fft + 1)[:-1].astype(np.float32)
    edges = np.unique(np.searchsorted(np.fft.rfftfreq(n_fft, 1 / sample_rate), _EDGES))
    edges = edges[edges <= n_fft // 2]
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, n_fft // 2), n_fft)[::hop]
    levels = np.empty((len(frames), len(edges)), np.float32)
    for first in range(0, len(frames), _BLOCK):
        spectrum = mean_rfft(frames[first : first + _BLOCK] * window)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        levels[first : first + _BLOCK] = np.sqrt(np.add.reduceat(power, edges, axis=1))
    return Onsets(levels, sample_rate / hop)


def _rises(levels: FloatArray) -> FloatArray:
    rises = np.zeros_like(levels)
    np.maximum(levels[_STEP:] - levels[:-_STEP], 0, out=rises[_STEP:])
    return rises
