"""The time grid of a bar, and conversions of time, pitch and level."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import FORMATS

N_SAMPLES = FORMATS["bar"].n_samples
N_STEPS = 16
STEP = N_SAMPLES // N_STEPS

# Times and frequencies hold at this tempo.
BPM = 128.0
RATE = FORMATS["bar"].sample_rate(BPM)


def time_axis(duration: float) -> FloatArray:
    """Return the time since the start of a sound, s: float32 (n,), at most a bar."""
    n = max(int(min(duration * RATE, N_SAMPLES)), 1)
    return np.arange(n, dtype=np.float32) / np.float32(RATE)


def place(bar: FloatArray, sound: FloatArray, position: int, gain: float = 1.0) -> None:
    """Add a sound of at most a bar to a bar, in place; samples beyond the end wrap around to the start."""
    start = position % len(bar)
    first = min(len(sound), len(bar) - start)
    scaled = sound * np.float32(gain)
    bar[start : start + first] += scaled[:first]
    bar[: len(sound) - first] += scaled[first:]


def phase_ramp(cycles: float = 1.0) -> FloatArray:
    """Return a phase that rises from 0 to `cycles` turns over the bar: float32 (N_SAMPLES,)."""
    return np.arange(N_SAMPLES, dtype=np.float32) * np.float32(cycles / N_SAMPLES)


def round_to_cycles(frequency: float) -> float:
    """Return the nearest frequency, Hz, with a whole number of cycles in a bar."""
    return max(1, round(frequency * N_SAMPLES / RATE)) * RATE / N_SAMPLES


def note_frequency(note: float) -> float:
    """Return the frequency, Hz, of a MIDI note number."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def db_to_gain(level: float) -> float:
    """Return the linear gain of a level in dB."""
    return float(10.0 ** (level / 20.0))
