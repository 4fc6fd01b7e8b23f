"""Estimate the tempo of a whole track: the pulse with the most onsets on beats, eighths and sixteenths.

A first estimate averages the spectra of short segments, which drift does not blur. A fit over the whole track then
refines the tempo and its linear change.
"""

from collections.abc import Mapping

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from training.tempo.beat_map import BeatMap, Times

Pair = tuple[float, float]

# Beats, eighths and sixteenths. Sixteenths rule out tempos in a simple ratio to the right one.
_PULSES = (1, 2, 4)
_SEGMENT = 24.0
_BLOCK = 2.0
# The range of the fit: BPM around the first estimate, and BPM per minute.
_AROUND = 0.6
_MAX_DRIFT = 0.3


def estimate_bpm(log_flux: FloatArray, rate: float, lowest: float, highest: float) -> float:
    """Estimate the tempo within a range, BPM, to about 0.1; log_flux: float32 (n_frames, n_bands)."""
    bpms = np.arange(lowest, highest + 0.01, 0.05)
    strength, step = _spectrum(log_flux, rate)
    places = np.multiply.outer(np.array(_PULSES), bpms / 60 / step)
    scores = np.interp(places, np.arange(len(strength)), strength).sum(axis=0)
    return float(bpms[np.argmax(scores)])


def _spectrum(log_flux: FloatArray, rate: float) -> tuple[FloatArray, float]:
    """Return the strength of each frequency, a mean over segments and bands, and the frequency step, Hz."""
    n = min(round(_SEGMENT * rate), len(log_flux))
    padded = 1 << int(np.ceil(np.log2(4 * n)))
    window = np.hanning(n).astype(np.float32)[:, np.newaxis]
    power = np.zeros((padded // 2 + 1, log_flux.shape[1]), np.float32)
    for first in range(0, len(log_flux) - n + 1, max(n // 2, 1)):
        segment = log_flux[first : first + n]
        spectrum = np.fft.rfft((segment - segment.mean(axis=0)) * window, padded, axis=0)
        power += np.square(np.abs(spectrum)).astype(np.float32)
    strength = np.sqrt(power)
    strength /= strength.mean(axis=0) + np.float32(1e-12)
    return strength.mean(axis=1), rate / padded


def fit_beat_map(total: FloatArray, times: Times, bpm: float) -> BeatMap:
    """Fit a linearly changing tempo to the onsets.

    Args:
        total: float32 (n_frames,), onset strength.
        times: float64 (n_frames,), s.
        bpm: the first estimate.

    Returns:
        A beat map that starts in the middle of the track, with an arbitrary phase within the beat.
    """
    middle = float(times[-1] + times[0]) / 2
    length = float(times[-1] - times[0])
    blocks, centres = _block_strengths(total - total.mean(), times - middle, bpm / 60)
    # Half a step moves the ends of the track by an eighth (tempo) or a quarter of a sixteenth (slope).
    steps = (0.125 / length, 1.0 / length**2)
    frequency, slope = _strongest(blocks, centres, (0.0, 0.0), (_AROUND / 60, _MAX_DRIFT / 3600), steps)
    for _ in range(3):
        finer = (steps[0] / 4, steps[1] / 4)
        frequency, slope = _strongest(blocks, centres, (frequency, slope), steps, finer)
        steps = finer
    seconds = np.arange(times[0], times[-1] + 1.0) - middle
    return BeatMap((bpm / 60 + frequency) * seconds + slope * np.square(seconds) / 2, seconds + middle)


def _block_strengths(total: FloatArray, times: Times, frequency: float) -> tuple[dict[int, ComplexArray], Times]:
    """Return, for each pulse, the Fourier coefficients of the blocks, complex64 (n_blocks,); and their times."""
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
    """Return the frequency (Hz) and slope (Hz/s) within `reach` of `around` with the largest sum over blocks."""
    frequencies, slopes = (a + np.arange(-r, r + s / 2, s) for a, r, s in zip(around, reach, steps, strict=True))
    turns = np.multiply.outer(frequencies, centres)
    bends = np.multiply.outer(np.square(centres) / 2, slopes)
    strength = np.zeros((len(frequencies), len(slopes)), np.float32)
    for pulse, block in blocks.items():
        strength += np.abs(_rotate(pulse * turns) @ (block[:, np.newaxis] * _rotate(pulse * bends)))
    top, left = np.unravel_index(int(np.argmax(strength)), strength.shape)
    return float(frequencies[top]), float(slopes[left])


def _rotate(turns: Times) -> ComplexArray:
    return np.asarray(np.exp(-2j * np.pi * turns), np.complex64)
