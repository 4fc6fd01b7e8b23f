"""Oscillators, which turn a phase into a wave, and envelopes."""

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

# float32 is audibly too coarse for a phase of thousands of turns.
Phase = npt.NDArray[np.float64]


def steady(frequency: float, t: FloatArray) -> Phase:
    """Return the phase, in turns, of a constant frequency, Hz."""
    return frequency * t.astype(np.float64)


def sine(turns: npt.NDArray[np.floating]) -> FloatArray:
    """Return a sine wave of a phase in turns: float32, [-1, 1]."""
    return np.asarray(np.sin(np.float32(2 * np.pi) * (turns - np.floor(turns)).astype(np.float32)), np.float32)


def saw(turns: Phase, step: npt.NDArray[np.floating] | float) -> FloatArray:
    """Return a falling sawtooth with a polynomial band-limited step; `step` in turns per sample. float32, [-1, 1].

    Source: Välimäki, Huovilainen 2007.
    """
    position = (turns - np.floor(turns)).astype(np.float32)
    rounding = np.asarray(step, np.float32)
    wave = 1 - 2 * position
    wave -= np.square(np.minimum(position / rounding, 1) - 1)
    wave += np.square(np.maximum((position - 1) / rounding, -1) + 1)
    return np.asarray(wave, np.float32)


def square(turns: Phase, step: npt.NDArray[np.floating] | float, width: float = 0.5) -> FloatArray:
    """Return a pulse wave without DC: float32, about [-1, 1] at half width."""
    return saw(turns, step) - saw(turns + width, step)


def glide(start: float, end: float, tau: float, t: FloatArray) -> Phase:
    """Return the phase, in turns, of a frequency that glides from `start` to `end`, Hz, with time constant `tau`, s."""
    seconds = t.astype(np.float64)
    return end * seconds + (start - end) * tau * (1 - np.exp(-seconds / tau))


def decay(t: FloatArray, tau: float, hold: float = 0.0) -> FloatArray:
    """Return an envelope: 1 for `hold` seconds, then exponential decay with time constant `tau`, s."""
    return np.asarray(np.exp(np.maximum(t - np.float32(hold), 0) * np.float32(-1 / tau)), np.float32)


def finish(sound: npt.NDArray[np.floating], attack: int = 12, release: int = 300) -> FloatArray:
    """Fade a sound in and out and normalise its peak to 1: float32."""
    shaped = sound.astype(np.float32)
    attack, release = min(attack, len(shaped) // 2), min(release, len(shaped) // 2)
    shaped[:attack] *= np.arange(attack, dtype=np.float32) / attack
    shaped[len(shaped) - release :] *= np.arange(release, dtype=np.float32)[::-1] / max(release, 1)
    return normalise(shaped)


def normalise(sound: FloatArray) -> FloatArray:
    """Scale a sound or a loop to a peak of 1; silence stays silent."""
    return sound / max(float(np.abs(sound).max(initial=0.0)), 1e-6)
