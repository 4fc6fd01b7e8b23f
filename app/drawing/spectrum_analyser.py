"""The spectrum of the output, with levels that fall slowly enough to read."""

import math

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

WINDOW = 4096
FLOOR_DB = -90.0
_FALL_DB_S = 36.0


class SpectrumAnalyser:
    """A spectrum analyser with `n_bands` bands, spaced logarithmically from `lowest_hz` to half the sample rate."""

    def __init__(self, n_bands: int = 160, lowest_hz: float = 40.0) -> None:
        self.n_bands = n_bands
        self._lowest_hz = lowest_hz
        self._window = np.hanning(WINDOW).astype(np.float32)
        self._levels = np.full(n_bands, FLOOR_DB, np.float32)
        self._edges: tuple[float, npt.NDArray[np.intp]] = (0.0, np.zeros(0, np.intp))

    @property
    def levels(self) -> FloatArray:
        """The level of each band in dBFS; FLOOR_DB is silence. float32 (n_bands,)."""
        return self._levels

    def update(self, samples: FloatArray, sample_rate: float, elapsed_s: float) -> FloatArray:
        """Update the levels from the newest samples, float32 (WINDOW,), and return them.

        They rise immediately and fall by 36 dB per second.
        """
        spectrum = np.abs(np.fft.rfft(samples * self._window)) * np.float32(4 / WINDOW)
        edges = self._band_edges(sample_rate)
        peaks = np.maximum.reduceat(spectrum, edges)[: self.n_bands]
        levels = 20 * np.log10(np.maximum(peaks, 10 ** (FLOOR_DB / 20)))
        self._levels = np.maximum(levels, np.maximum(self._levels - _FALL_DB_S * elapsed_s, FLOOR_DB)).astype(
            np.float32
        )
        return self._levels

    def frequencies(self, sample_rate: float) -> FloatArray:
        """Return the lower edges of the bands in Hz. float32 (n_bands,)."""
        octaves = math.log2(sample_rate / 2 / self._lowest_hz)
        return np.asarray(self._lowest_hz * 2 ** (octaves * np.arange(self.n_bands) / self.n_bands), np.float32)

    def _band_edges(self, sample_rate: float) -> npt.NDArray[np.intp]:
        if self._edges[0] != sample_rate:
            edges = self.frequencies(sample_rate) / sample_rate * WINDOW
            self._edges = (sample_rate, np.asarray(edges, np.intp))
        return self._edges[1]
