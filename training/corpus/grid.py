"""The bar's circle of samples, and placing sounds on it."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import FORMATS

N_SAMPLES = FORMATS["bar"].n_samples
N_STEPS = 16
STEP = N_SAMPLES // N_STEPS
BEAT = 4 * STEP

# All times and pitches below are meant at this tempo.
BPM = 128.0
RATE = FORMATS["bar"].sample_rate(BPM)


def seconds(duration: float) -> FloatArray:
    """Time since the start of a sound, s: float32 (n,), at most a bar."""
    n = max(int(min(duration * RATE, N_SAMPLES)), 1)
    return np.arange(n, dtype=np.float32) / np.float32(RATE)


def place(bar: FloatArray, sound: FloatArray, position: int, gain: float = 1.0) -> None:
    """Add a sound of at most a bar to a bar, in place; what goes past the end comes in at the start."""
    start = position % len(bar)
    first = min(len(sound), len(bar) - start)
    scaled = sound * np.float32(gain)
    bar[start : start + first] += scaled[:first]
    bar[: len(sound) - first] += scaled[first:]


def once_around(cycles: float = 1.0) -> FloatArray:
    """Phase that runs from 0 to `cycles` over the bar, in turns. float32 (N_SAMPLES,)."""
    return np.arange(N_SAMPLES, dtype=np.float32) * np.float32(cycles / N_SAMPLES)


def whole_cycles(frequency: float) -> float:
    """The frequency nearest to this one, Hz, that fits the bar a whole number of times."""
    return max(1, round(frequency * N_SAMPLES / RATE)) * RATE / N_SAMPLES


def pitch(note: float) -> float:
    """Frequency, Hz, of a MIDI note number."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def decibels(level: float) -> float:
    """The factor of a level in dB."""
    return float(10.0 ** (level / 20.0))
