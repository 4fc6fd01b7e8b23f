"""Circular time-frequency transforms of a loop: from samples to coefficients and back."""

from technogan.formats import SpectrogramFormat, StftSettings
from technogan.transforms.base import Transform
from technogan.transforms.constant_q import ConstantQ
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
