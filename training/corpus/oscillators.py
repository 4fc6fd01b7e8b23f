"""Waves from phases, and the envelopes they are given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray

# float64: in float32 a phase of thousands of turns is audibly coarse.
Turns = npt.NDArray[np.float64]


def sine(turns: npt.NDArray[np.floating]) -> FloatArray:
    """A sine of this phase, in turns. float32, [-1, 1]."""
    return np.asarray(np.sin(np.float32(2 * np.pi) * (turns - np.floor(turns)).astype(np.float32)), np.float32)


def saw(turns: Turns, step: npt.NDArray[np.floating] | float) -> FloatArray:
    """A falling sawtooth, its edges rounded against aliasing; step: turns a sample. float32, [-1, 1].

    Source: Valimaki, Huovilainen 2007 (polynomial band-limited step).
    """
    position = (turns - np.floor(turns)).astype(np.float32)
    rounding = np.asarray(step, np.float32)
    wave = 1 - 2 * position
    wave -= np.square(np.minimum(position / rounding, 1) - 1)
    wave += np.square(np.maximum((position - 1) / rounding, -1) + 1)
    return np.asarray(wave, np.float32)


def square(turns: Turns, step: npt.NDArray[np.floating] | float, width: float = 0.5) -> FloatArray:
    """A pulse wave without DC. float32, about [-1, 1] at half width."""
    return saw(turns, step) - saw(turns + width, step)


def gliding(start: float, end: float, tau: float, t: FloatArray) -> Turns:
    """Phase, in turns, of a frequency that falls from `start` to `end` (Hz) with the time constant tau (s)."""
    seconds = t.astype(np.float64)
    return end * seconds + (start - end) * tau * (1 - np.exp(-seconds / tau))


def decay(t: FloatArray, tau: float, hold: float = 0.0) -> FloatArray:
    """1 for `hold` seconds, then down by a factor e every tau seconds."""
    return np.asarray(np.exp(np.maximum(t - np.float32(hold), 0) * np.float32(-1 / tau)), np.float32)


def finished(sound: npt.NDArray[np.floating], attack: int = 12, release: int = 300) -> FloatArray:
    """A single sound with its ends at zero and its peak at 1. float32."""
    shaped = sound.astype(np.float32)
    attack, release = min(attack, len(shaped) // 2), min(release, len(shaped) // 2)
    shaped[:attack] *= np.arange(attack, dtype=np.float32) / attack
    shaped[len(shaped) - release :] *= np.arange(release, dtype=np.float32)[::-1] / max(release, 1)
    return shaped / max(float(np.abs(shaped).max(initial=0.0)), 1e-6)
