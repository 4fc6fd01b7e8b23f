"""Onset strength of a track: the spectral flux of octave bands in steps of two milliseconds."""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.transforms.fourier import mean_rfft
from training.tempo.beat_map import Times

# Seconds: short enough to locate an onset within a millisecond, long enough to give a bass drum a single onset.
_HOP = 0.002
_WINDOW = 0.0116
# Lower edges of the bands, Hz.
_EDGES = (0, 100, 200, 400, 800, 1600, 3200, 6400, 12800)
# The flux is the rise over this many frames.
_STEP = 3
# Seconds from the time of a frame to the onset that it shows, measured on bass drums and clicks.
_AHEAD = -0.0006
_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """The levels of the bands: float32 (n_frames, n_bands), linear, from low to high. rate: frames per second."""

    levels: FloatArray
    rate: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.levels) / self.rate

    @property
    def times(self) -> Times:
        """The time of the onset that each frame shows, s: float64 (n_frames,)."""
        return np.arange(len(self.levels)) / self.rate + _AHEAD

    def log_flux(self) -> FloatArray:
        """Return the rise of the logarithmic level, which weights quiet hi-hats like loud bass drums.

        The result is float32 (n_frames, n_bands), >= 0.
        """
        usual = self.levels.mean(axis=0, keepdims=True) + np.float32(1e-9)
        return _compute_rises(np.log1p(np.float32(4) * self.levels / usual))

    def flux(self) -> FloatArray:
        """Return the rise of the linear level: float32 (n_frames, n_bands), >= 0."""
        return _compute_rises(self.levels)


def find_onsets(samples: FloatArray, sample_rate: int) -> Onsets:
    """Compute the band levels of a track: float32 (n_samples,), at any level and rate."""
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


def _compute_rises(levels: FloatArray) -> FloatArray:
    rises = np.zeros_like(levels)
    np.maximum(levels[_STEP:] - levels[:-_STEP], 0, out=rises[_STEP:])
    return rises
