"""Synthetic loops for tests: what a bar of techno is made of, without a corpus."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from technogan.arrays import FloatArray

BEAT = 16384
RATE = 16384 * 128 / 60


def beat_loop(n_beats: int = 1, seed: int = 0) -> FloatArray:
    """Kick on the beat, hat off it, a quiet bass: everything wraps. float32 (n_beats * BEAT,), peak 0.9."""
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
