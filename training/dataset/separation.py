"""Split a loop into approximate stems: a kick, drums and music, by how the energy of the spectrogram is spread.

Percussive sounds are vertical in a spectrogram, harmonic ones horizontal. The medians along time and along frequency
tell them apart. In the low end, where a kick is only a few bins high, whatever exceeds the quiet part of a beat counts
as the kick. The stems add up to the loop. Real stems are better: a pulsating bass, or a drum that rings like a note,
ends up in the wrong stem.

Source: Fitzgerald 2010 (median filtering); Driedger, Müller, Disch 2014.
"""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat
from technogan.sound.resampling import resample
from technogan.transforms.stft import Stft

_N_FFT, _HOP_LENGTH = 2048, 512
# Frames and bins of the median filters.
_KERNEL = 31
_BPM = 128.0
_TINY = np.float32(1e-12)
# The kick fades into the drums between these frequencies.
_KICK_HZ, _DRUMS_HZ = 100.0, 600.0
# This percentile of the magnitudes of a beat counts as its quiet part.
_QUIET_PERCENTILE = 30


def split_stems(samples: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Return the stems of a sound of one or more loops: float32 (n_samples,) to (3, n_samples), as `corpus.STEMS`.

    The sound is treated as a circle, so that it stays a seamless loop.
    """
    import librosa

    n_frames = max(_N_FFT // _HOP_LENGTH, round(len(samples) / _HOP_LENGTH))
    transform = Stft(n_frames, n_fft=_N_FFT, hop_length=_HOP_LENGTH)
    circle = resample(samples, transform.n_samples)
    spectrum = transform.forward(circle)
    magnitude = np.abs(spectrum)
    wrapped = np.pad(magnitude, ((_KERNEL, _KERNEL), (0, 0)), mode="wrap")
    _, mask = librosa.decompose.hpss(wrapped.T, kernel_size=_KERNEL, mask=True)
    drum_share = mask.T[_KERNEL:-_KERNEL].astype(np.float32)
    hertz = np.arange(transform.n_bins) / _N_FFT * spectrogram_format.sample_rate(_BPM)
    low = np.clip((_DRUMS_HZ - hertz) / (_DRUMS_HZ - _KICK_HZ), 0, 1).astype(np.float32)
    n_low = int(np.count_nonzero(low))
    kick_share = np.zeros_like(magnitude)
    kick_share[:, :n_low] = low[:n_low] * _excess_over_quiet(magnitude[:, :n_low], spectrogram_format)
    shares = (kick_share, drum_share * (1 - low))
    kick, drums = (resample(transform.inverse(spectrum * share), len(samples)) for share in shares)
    return np.stack([kick, drums, samples - kick - drums])


def _excess_over_quiet(magnitude: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Return the share of each bin's power, 0..1, that exceeds the quiet part of the beat around it."""
    import scipy.ndimage

    beat = max(1, round(spectrogram_format.n_samples / spectrogram_format.beats / _HOP_LENGTH))
    quiet = scipy.ndimage.percentile_filter(magnitude, _QUIET_PERCENTILE, size=(beat, 1), mode="wrap")
    return np.asarray(np.clip(1 - np.square(quiet / np.maximum(magnitude, _TINY)), 0, 1), np.float32)
