"""Synthetic loops for tests: what a bar of techno is made of, without a corpus."""

from __future__ import annotations

import numpy as np

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
