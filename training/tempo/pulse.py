"""The tempo of a whole track: the one at whose pulse, and at twice and four times it, most onsets happen.

First its spectrum by half minutes, which a drifting tempo does not blur, then one fit over the whole length of a tempo
and its steady change.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from training.tempo.course import Course, Times

Pair = tuple[float, float]

# Beats, eighths, sixteenths: a wrong tempo in simple proportion to the right one has none of the last.
_PULSES = (1, 2, 4)
_SEGMENT = 24.0
_BLOCK = 2.0
# BPM around the first estimate, and BPM a minute, that the fit looks at.
_AROUND = 0.6
_MOST_DRIFT = 0.3


def estimate(swells: FloatArray, rate: float, lowest: float, highest: float) -> tuple[float, float]:
    """A track's tempo within a range, BPM, to about 0.1, and how it stands against the next best.

    swells: float32 (n_frames, n_bands). Returns BPM and 0..1: 0 for a tie.
    """
    bpms = np.arange(lowest, highest + 0.01, 0.05)
    strength, step = _spectrum(swells, rate)
    places = np.multiply.outer(np.array(_PULSES), bpms / 60 / step)
    scores = np.interp(places, np.arange(len(strength)), strength).sum(axis=0)
    best = int(np.argmax(scores))
    others = scores[np.abs(bpms / bpms[best] - 1) > 0.03]
    rival = float(others.max(initial=0.0))
    return float(bpms[best]), 1 - rival / max(float(scores[best]), 1e-12)


def _spectrum(swells: FloatArray, rate: float) -> tuple[FloatArray, float]:
    """Strength of each frequency, mean over segments and bands, and the step from one to the next, Hz."""
    n = min(round(_SEGMENT * rate), len(swells))
    padded = 1 << int(np.ceil(np.log2(4 * n)))
    window = np.hanning(n).astype(np.float32)[:, np.newaxis]
    power = np.zeros((padded // 2 + 1, swells.shape[1]), np.float32)
    for first in range(0, len(swells) - n + 1, max(n // 2, 1)):
        segment = swells[first : first + n]
        spectrum = np.fft.rfft((segment - segment.mean(axis=0)) * window, padded, axis=0)
        power += np.square(np.abs(spectrum)).astype(np.float32)
    strength = np.sqrt(power)
    strength /= strength.mean(axis=0) + np.float32(1e-12)
    return strength.mean(axis=1), rate / padded


def fit(total: FloatArray, times: Times, bpm: float) -> Course:
    """The course with steadily changing tempo on which most onsets fall.

    total: float32 (n_frames,), onset strength at `times`, s. bpm: what it is near to. Beats are counted from the
    middle of the track; where in the beat they stand is not settled.
    """
    middle = float(times[-1] + times[0]) / 2
    length = float(times[-1] - times[0])
    blocks, centres = _blocks(total - total.mean(), times - middle, bpm / 60)
    # At the ends of the track, half a step is an eighth and a quarter of a sixteenth.
    steps = (0.125 / length, 1.0 / length**2)
    frequency, slope = _strongest(blocks, centres, (0.0, 0.0), (_AROUND / 60, _MOST_DRIFT / 3600), steps)
    for _ in range(3):
        finer = (steps[0] / 4, steps[1] / 4)
        frequency, slope = _strongest(blocks, centres, (frequency, slope), steps, finer)
        steps = finer
    seconds = np.arange(times[0], times[-1] + 1.0) - middle
    return Course((bpm / 60 + frequency) * seconds + slope * np.square(seconds) / 2, seconds + middle)


def _blocks(total: FloatArray, times: Times, frequency: float) -> tuple[dict[int, ComplexArray], Times]:
    """By pulse, the strength of each block of seconds at that multiple of a frequency: complex64 (n_blocks,)."""
    which = ((times - times[0]) / _BLOCK).astype(np.int64)
    centres = np.bincount(which, times) / np.bincount(which)
    blocks = {}
    for pulse in _PULSES:
        turned = total * np.exp(-2j * np.pi * pulse * frequency * times)
        blocks[pulse] = (np.bincount(which, turned.real) + 1j * np.bincount(which, turned.imag)).astype(np.complex64)
    return blocks, centres


def _strongest(
    blocks: Mapping[int, ComplexArray], centres: Times, around: Pair, reach: Pair, steps: Pair
) -> tuple[float, float]:
    """Frequency (Hz) and its slope (Hz/s) within `reach` of `around` at which the blocks add up to most."""
    frequencies, slopes = (a + np.arange(-r, r + s / 2, s) for a, r, s in zip(around, reach, steps, strict=True))
    turns = np.multiply.outer(frequencies, centres)
    bends = np.multiply.outer(np.square(centres) / 2, slopes)
    strength = np.zeros((len(frequencies), len(slopes)), np.float32)
    for pulse, block in blocks.items():
        strength += np.abs(_turned(pulse * turns) @ (block[:, np.newaxis] * _turned(pulse * bends)))
    top, left = np.unravel_index(int(np.argmax(strength)), strength.shape)
    return float(frequencies[top]), float(slopes[left])


def _turned(turns: Times) -> ComplexArray:
    return np.asarray(np.exp(-2j * np.pi * turns), np.complex64)
