"""Circular time-frequency transforms of a loop."""

from __future__ import annotations

from technogan.formats import SpectrogramFormat, StftSettings
from technogan.transforms.base import Transform
from technogan.transforms.constant_q import ConstantQ
from technogan.transforms.stft import Stft


def transform_of(spectrogram_format: SpectrogramFormat, n_loops: int = 1) -> Transform:
    """Return the transform of a format, for `n_loops` of its loops joined into one circle."""
    n_frames = spectrogram_format.n_frames * n_loops
    settings = spectrogram_format.transform
    hop_length = spectrogram_format.hop_length
    if isinstance(settings, StftSettings):
        return Stft(n_frames, n_fft=settings.n_fft, hop_length=hop_length)
    return ConstantQ(n_frames, spectrogram_format.n_bins, hop_length=hop_length, settings=settings)
