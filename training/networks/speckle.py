"""Speckle: the grain that every spectrogram of noise has. A network that is given it need not learn to draw it."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat
from technogan.transforms import transform_of

# A row that never moves stays silent.
_SILENT = np.float32(1e-6)


def speckle(spectrogram_format: SpectrogramFormat, count: int, *, random_seed: int = 0) -> FloatArray:
    """Pictures of white noise, each a seamless loop, standardised row by row: float32 (count, n_bins, n_frames)."""
    rng = np.random.default_rng(random_seed)
    transform = transform_of(spectrogram_format)
    fields = np.empty((count, spectrogram_format.n_bins, spectrogram_format.n_frames), np.float32)
    for field in fields:
        noise = rng.standard_normal(transform.n_samples, np.float32)
        magnitude = transform.to_rows(np.abs(transform.forward(noise)))
        field[:] = magnitude.T ** np.float32(1 / spectrogram_format.power)
        field -= field.mean(axis=1, keepdims=True)
        field /= np.maximum(field.std(axis=1, keepdims=True), _SILENT)
    return fields


def draw_speckle(fields: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Some of these fields, each from another moment on: float32 (count, n_bins, n_frames, 1)."""
    chosen = rng.integers(len(fields), size=count)
    starts = rng.integers(fields.shape[2], size=count)
    drawn = [np.roll(fields[i], start, axis=1) for i, start in zip(chosen, starts, strict=True)]
    return np.stack(drawn)[..., np.newaxis]
