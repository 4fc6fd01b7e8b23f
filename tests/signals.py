"""Synthetic loops for tests, and measurements on them."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat
from technogan.phase.reconstruction import spectral_convergence
from technogan.transforms import transform_of

BEAT = 16384
RATE = 16384 * 128 / 60


def beat_loop(n_beats: int = 1, seed: int = 0) -> FloatArray:
    """Return a loop of a kick, an off-beat hat and a quiet bass: float32 (n_beats * BEAT,), peak 0.9."""
    rng = np.random.default_rng(seed)
    t = np.arange(BEAT) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.12)
    hat = 0.3 * rng.standard_normal(BEAT) * np.exp(-t / 0.02)
    bass = 0.2 * np.sign(np.sin(2 * np.pi * 64 * np.arange(BEAT) / BEAT))
    beat = kick + np.roll(hat, BEAT // 2) + bass
    loop = np.tile(beat, n_beats)
    loop += 0.02 * rng.standard_normal(len(loop))
    return (0.9 * loop / np.abs(loop).max()).astype(np.float32)


def write_padded_wav(path: Path, samples: FloatArray, rate: int) -> Path:
    """Write a 16-bit WAV with zeros before its format, which audioread reads and libsndfile does not.

    samples: float32 (n,) or (n, n_channels).
    """
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    data = (samples * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    chunks = bytes(1600) + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    with pytest.raises(soundfile.SoundFileError):
        soundfile.info(path)
    return path


def convergence_at_best_gain(samples: FloatArray, rows: FloatArray, spectrogram_format: SpectrogramFormat) -> float:
    """Return the spectral convergence to `Loop.magnitude`, dB, at the gain that makes it lowest."""
    transform = transform_of(spectrogram_format, len(samples) // spectrogram_format.n_samples)
    found = transform.to_rows(np.abs(transform.forward(samples)))
    return spectral_convergence(samples * np.float32(np.vdot(found, rows) / np.vdot(found, found)), rows, transform)
