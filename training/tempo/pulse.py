"""Estimate the tempo of a whole track: the pulse with the most onsets on beats, eighths and sixteenths.

A first estimate averages the spectra of short segments, which drift does not blur. A fit over the whole track then
refines the tempo and its linear change.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from training.tempo.beat_map import BeatMap, Times

Pair = tuple[float, float]

# Beats, eighths and sixteenths. Sixteenths rule out tempos in a simple ratio to the right one.
_PULSES = (1, 2, 4)
_SEGMENT = 24.0
# Lags, in beats, after which music repeats: a bar and two. They rule out three beats in the time of two or four.
_REPEATS = (4, 8)
_LAG_REACH = 4
# The score of a tempo whose bars do not repeat at all.
_LEAST_REPEAT = 0.02
# BPM between tempos that are compared.
_STEP = 0.05
# Rivals are searched in this range of BPM; a range with less than this ratio states the tempo. Tempos within this ratio
# of each other are the same.
_SLOWEST, _FASTEST = 60.0, 240.0
_STATED, _SAME = 1.25, 1.04
_BLOCK = 2.0
# The range of the fit: BPM around the first estimate, and BPM per minute.
_AROUND = 0.6
_MAX_DRIFT = 0.3


@dataclass(frozen=True, slots=True)
class TempoGuess:
    """The tempo of a track, to about 0.1 BPM.

    Attributes:
        bpm: the best tempo within the range.
        rival: the best other tempo, BPM; half and double tempo do not count.
        rival_share: the rival's score as a share of the score of `bpm`; above 1 if the rival fits better.
    """

    bpm: float
    rival: float
    rival_share: float


def guess_tempo(log_flux: FloatArray, rate: float, lowest: float, highest: float) -> TempoGuess:
    """Return the best tempo within a range of BPM, and its strongest rival.

    Rivals may be outside of the range, unless the range is so narrow that it states the tempo.

    Args:
        log_flux: float32 (n_frames, n_bands).
        rate: frames per second.
        lowest: BPM.
        highest: BPM.
    """
    spectrum = _PulseSpectrum(log_flux, rate)
    bpms = np.arange(lowest, highest + 0.01, _STEP)
    scores = spectrum.score(bpms)
    best = int(np.argmax(scores))
    is_stated = highest / lowest < _STATED
    others = bpms if is_stated else np.arange(min(lowest, _SLOWEST), max(highest, _FASTEST), _STEP)
    octaves = np.log2(others / bpms[best])
    others = others[np.abs(octaves - np.round(octaves)) > np.log2(_SAME)]
    if not len(others):
        return TempoGuess(float(bpms[best]), float(bpms[best]), 0.0)
    other_scores = spectrum.score(others)
    rival = int(np.argmax(other_scores))
    return TempoGuess(float(bpms[best]), float(others[rival]), float(other_scores[rival] / (scores[best] + 1e-12)))


class _PulseSpectrum:
    """The strength of each frequency of the onsets, and how well they repeat after each lag.

    Both are means over bands, and over segments so short that drift does not blur them.
    """

    def __init__(self, log_flux: FloatArray, rate: float) -> None:
        n = min(round(_SEGMENT * rate), len(log_flux))
        padded = 1 << int(np.ceil(np.log2(4 * n)))
        window = np.hanning(n).astype(np.float32)[:, np.newaxis]
        power = np.zeros((padded // 2 + 1, log_flux.shape[1]), np.float32)
        for first in range(0, len(log_flux) - n + 1, max(n // 2, 1)):
            segment = log_flux[first : first + n]
            spectrum = np.fft.rfft((segment - segment.mean(axis=0)) * window, padded, axis=0)
            power += np.square(np.abs(spectrum)).astype(np.float32)
        strength = np.sqrt(power)
        self._strength = (strength / (strength.mean(axis=0) + np.float32(1e-12))).mean(axis=1)
        self._step = rate / padded
        self._rate = rate
        # The autocorrelation (Wiener-Khinchin theorem), without the taper of the window.
        repeats = np.fft.irfft(power / (power.sum(axis=0) + np.float32(1e-12)), axis=0).mean(axis=1)
        taper = np.fft.irfft(np.square(np.abs(np.fft.rfft(window[:, 0], padded))))
        # Lags beyond half a segment are not reliable.
        self._repeats = repeats[: n // 2] / taper[: n // 2] * taper[0] / repeats[0]

    def score(self, bpms: Times) -> Times:
        """Score tempos, BPM: strong beats, eighths and sixteenths, in bars that repeat."""
        places = np.multiply.outer(np.array(_PULSES), bpms / 60 / self._step)
        pulses = np.interp(places, np.arange(len(self._strength)), self._strength).sum(axis=0)
        lags = np.multiply.outer(np.array(_REPEATS), 60 / bpms) * self._rate
        # The nearest frames, because correlation is sharp in time.
        near = np.round(lags)[..., np.newaxis] + np.arange(-_LAG_REACH, _LAG_REACH + 1)
        found = self._repeats[np.clip(near.astype(np.int64), 0, len(self._repeats) - 1)].max(axis=-1)
        return np.asarray(pulses * np.maximum(found.mean(axis=0), _LEAST_REPEAT))


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
