"""Circular time-frequency transforms of a loop: from samples to coefficients and back."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.transforms.base import Transform
from technogan.transforms.constant_q import ConstantQ
from technogan.transforms.constant_q_layout import Frequencies, layout_of
from technogan.transforms.stft import Stft


def transform_of(spectrogram_format: SpectrogramFormat, n_loops: int = 1) -> Transform:
    """Return the transform of a format.

    Args:
        spectrogram_format: a format, such as `FORMATS["bar"]` or a model's `spec.format`.
        n_loops: number of loops that are joined into one circle.
    """
    n_frames = spectrogram_format.n_frames * n_loops
    settings = spectrogram_format.transform
    hop_length = spectrogram_format.hop_length
    if isinstance(settings, StftSettings):
        return Stft(n_frames, n_fft=settings.n_fft, hop_length=hop_length)
    return ConstantQ(n_frames, spectrogram_format.n_bins, hop_length=hop_length, settings=settings)


def row_frequencies(spectrogram_format: SpectrogramFormat) -> Frequencies:
    """Return the centre frequencies of a format's rows: float64 (n_bins,), ascending, cycles per sample."""
    settings = spectrogram_format.transform
    if isinstance(settings, StftSettings):
        return np.arange(spectrogram_format.n_bins) / settings.n_fft
    layout = layout_of(spectrogram_format.n_bins, spectrogram_format.hop_length, settings)
    return layout.centres[layout.rows]


def uneven_rows(spectrogram_format: SpectrogramFormat) -> FloatArray | None:
    """Return the frequencies of a format's rows as shares of half the sample rate, float32 (n_bins,).

    None if they are evenly spaced, as those of an STFT.
    """
    if isinstance(spectrogram_format.transform, StftSettings):
        return None
    return np.asarray(2 * row_frequencies(spectrogram_format), np.float32)
