"""Speckle: the grain of every spectrogram of noise. The generator receives it as an input and need not learn it."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat
from technogan.transforms import transform_of

# Keeps a constant row silent instead of dividing by 0.
_MIN_DEVIATION = np.float32(1e-6)


def make_speckle(spectrogram_format: SpectrogramFormat, count: int, *, random_seed: int = 0) -> FloatArray:
    """Return seamless spectrograms of white noise, standardised row by row: float32 (count, n_bins, n_frames)."""
    rng = np.random.default_rng(random_seed)
    transform = transform_of(spectrogram_format)
    fields = np.empty((count, spectrogram_format.n_bins, spectrogram_format.n_frames), np.float32)
    for field in fields:
        noise = rng.standard_normal(transform.n_samples, np.float32)
        magnitude = transform.to_rows(np.abs(transform.forward(noise)))
        field[:] = magnitude.T ** np.float32(1 / spectrogram_format.power)
        field -= field.mean(axis=1, keepdims=True)
        field /= np.maximum(field.std(axis=1, keepdims=True), _MIN_DEVIATION)
    return fields


def draw_speckle(fields: FloatArray, count: int, rng: np.random.Generator, *, n_stems: int = 1) -> FloatArray:
    """Draw random fields, each rolled by a random number of frames: float32 (count, n_bins, n_frames, n_stems)."""
    _, n_bins, n_frames = fields.shape
    chosen = rng.integers(len(fields), size=count * n_stems)
    starts = rng.integers(n_frames, size=count * n_stems)
    drawn = np.empty((count, n_bins, n_frames, n_stems), np.float32)
    for place, (i, start) in enumerate(zip(chosen, starts, strict=True)):
        image, stem = divmod(place, n_stems)
        drawn[image, :, start:, stem] = fields[i, :, : n_frames - start]
        drawn[image, :, :start, stem] = fields[i, :, n_frames - start :]
    return drawn
