"""Measure the level of loops, and bring all loops to the same loudness.

Levelling removes DC, then brings the loop to TARGET_LOUDNESS, so that all seeds play equally loud. The gain is at most
MAX_RAISE_DB, so a nearly silent loop stays quiet. A look-ahead limiter keeps peaks below TRUE_PEAK_CEILING. Everything
is circular: loudness and true peak are those of the endlessly repeated loop. `Levels` reports what was done.

Sources: ITU-R BS.1770-5 (loudness, gating, true peak); EBU Tech 3341.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from technogan.arrays import FloatArray
from technogan.transforms.fourier import irfft, rfft

TARGET_LOUDNESS = -16.0  # LUFS
TRUE_PEAK_CEILING = -1.0  # dBFS
MAX_RAISE_DB = 18.0

ABSOLUTE_GATE = -70.0  # LUFS
RELATIVE_GATE = -10.0  # LU
LOUDNESS_OFFSET = -0.691  # LUFS of a mean power of 1
BLOCK_S, BLOCKS_PER_LENGTH = 0.4, 4
_LOOK_AHEAD_S = 0.005
_OVERSAMPLING = 4
_TAPS = 12

Filter = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Levels:
    """The level of a loop and the changes made by levelling.

    Attributes:
        loudness: integrated loudness of the result, LUFS; -inf for silence.
        true_peak: highest level of the result at and between samples, dBFS.
        gain_db: gain applied to the whole loop.
        limited: number of samples that the limiter turned down.
        dc: offset that was removed, before the gain.
    """

    loudness: float
    true_peak: float
    gain_db: float
    limited: int
    dc: float


def level(samples: FloatArray, sample_rate: float) -> tuple[FloatArray, Levels]:
    """Bring a loop to TARGET_LOUDNESS with its true peak below TRUE_PEAK_CEILING.

    Args:
        samples: float32 (n_samples,), finite.
        sample_rate: Hz.

    Returns:
        float32 (n_samples,), and the resulting levels.
    """
    stems, levels = level_stems(samples[np.newaxis], sample_rate)
    return stems[0], levels


def level_stems(stems: FloatArray, sample_rate: float) -> tuple[FloatArray, Levels]:
    """Bring the sum of several stems to TARGET_LOUDNESS as `level` does, with the same gains for all stems.

    Args:
        stems: float32 (n_stems, n_samples), finite.
        sample_rate: Hz.

    Returns:
        float32 (n_stems, n_samples), and the resulting levels of their sum.
    """
    offsets = stems.mean(axis=1, dtype=np.float64)
    centred = stems - offsets.astype(np.float32)[:, np.newaxis]
    mixed = sum_stems(centred)
    found = loudness(mixed, sample_rate)
    gain_db = min(TARGET_LOUDNESS - found, MAX_RAISE_DB) if np.isfinite(found) else 0.0
    gain = np.float32(10 ** (gain_db / 20))
    limit = _find_limit(mixed * gain, sample_rate, TRUE_PEAK_CEILING)
    held = limit.apply(centred * gain)
    result = loudness(sum_stems(held), sample_rate) if limit.limited else found + gain_db
    return held, Levels(float(result), _decibels(limit.peak), float(gain_db), limit.limited, float(offsets.sum()))


def sum_stems(stems: FloatArray) -> FloatArray:
    """Return the sum of stems, float32 (n_stems, n_samples) -> (n_samples,); of a single one, the stem itself."""
    mixed: FloatArray = stems[0] if len(stems) == 1 else stems.sum(axis=0)
    return mixed


def loudness(samples: FloatArray, sample_rate: float) -> float:
    """Return the integrated loudness of an endlessly repeated mono loop, LUFS, gated by BS.1770-5; -inf for silence."""
    weighted = irfft(rfft(samples) * _k_weighting(len(samples), sample_rate), len(samples))
    power = _block_powers(weighted * weighted, sample_rate)
    heard = power[power > 10 ** ((ABSOLUTE_GATE - LOUDNESS_OFFSET) / 10)]
    if heard.size == 0:
        return -np.inf
    counted = heard[heard > heard.mean() * 10 ** (RELATIVE_GATE / 10)]
    return LOUDNESS_OFFSET + 10 * math.log10(float(counted.mean()))


def true_peak(samples: FloatArray) -> float:
    """Return the highest level of an endlessly repeated loop at and between samples, dBFS; -inf for silence."""
    return _decibels(float(_peak_envelope(samples).max(initial=0.0)))


def limit_peaks(samples: FloatArray, sample_rate: float, ceiling_db: float) -> tuple[FloatArray, int]:
    """Turn a loop down smoothly around its peaks, just enough to keep the true peak at or below `ceiling_db`.

    Returns the loop and the number of samples that were turned down.
    """
    limit = _find_limit(samples, sample_rate, ceiling_db)
    return limit.apply(samples), limit.limited


def limit_stem_peaks(stems: FloatArray, sample_rate: float, ceiling_db: float) -> tuple[FloatArray, int]:
    """Do as `limit_peaks` for the sum of stems, float32 (n_stems, n_samples), with the same gain for all."""
    limit = _find_limit(sum_stems(stems), sample_rate, ceiling_db)
    return limit.apply(stems), limit.limited


@dataclass(frozen=True, slots=True)
class _Limit:
    """What keeps a loop below a ceiling: a gain over time, None for 1, divided by `excess`.

    limited: samples that are turned down. peak: true peak of the result, as a factor.
    """

    gain: FloatArray | None
    excess: float
    limited: int
    peak: float

    def apply(self, samples: FloatArray) -> FloatArray:
        """Turn samples down, float32 (..., n_samples)."""
        return samples if self.gain is None else samples * self.gain / np.float32(self.excess)


def _find_limit(samples: FloatArray, sample_rate: float, ceiling_db: float) -> _Limit:
    ceiling = np.float32(10 ** (ceiling_db / 20))
    envelope = _peak_envelope(samples, float(ceiling))
    peak = float(envelope.max(initial=0.0))
    if peak <= ceiling:
        return _Limit(None, 1.0, 0, peak)
    reach = look_ahead(sample_rate)
    needed = np.minimum(ceiling / np.maximum(envelope, ceiling), np.float32(1))
    gain = _smooth(_min_within(needed, reach), reach)
    # The changing gain can raise a peak between samples slightly.
    peak = float(_peak_envelope(samples * gain, float(ceiling)).max())
    excess = max(peak / float(ceiling), 1.0)
    return _Limit(gain, excess, int(np.count_nonzero(gain < 0.999)), peak / excess)


def look_ahead(sample_rate: float) -> int:
    """Return the reach of the limiter in samples, before and after a peak."""
    return max(int(_LOOK_AHEAD_S * sample_rate), 1)


def smoothing_width(reach: int) -> int:
    """Return the odd width of the two box filters that smooth the limiter's gain."""
    return reach // 2 * 2 + 1


def _decibels(factor: float) -> float:
    return 20 * math.log10(factor) if factor > 0 else -math.inf


def _block_powers(squares: FloatArray, sample_rate: float) -> FloatArray:
    """Return the mean power of blocks of 400 ms every 100 ms around the circle, or of a shorter loop."""
    n = len(squares)
    length = min(round(BLOCK_S * sample_rate), n)
    count = max(round(n * BLOCKS_PER_LENGTH / length), 1)
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([squares, squares[:length]]), dtype=np.float64)])
    starts = np.arange(count) * n // count
    return np.asarray((sums[starts + length] - sums[starts]) / length, np.float32)


@lru_cache(maxsize=8)
def _k_weighting(n_samples: int, sample_rate: float) -> FloatArray:
    """Return |H| of the K-weighting at the frequencies of the loop's Fourier series."""
    z = np.exp(-2j * np.pi * np.arange(n_samples // 2 + 1) / n_samples)
    response = np.ones_like(z)
    for b, a in k_filters(sample_rate):
        response *= (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)
    return np.asarray(np.abs(response), np.float32)


def k_filters(sample_rate: float) -> tuple[Filter, Filter]:
    """Return the two filters of BS.1770's K-weighting at any rate, each as its numerator and denominator.

    Coefficients are those of z ** 0, z ** -1 and z ** -2, by bilinear transform of the analogue prototypes.
    """
    return _shelf(sample_rate), _high_pass(sample_rate)


def _shelf(sample_rate: float) -> Filter:
    k = np.tan(np.pi * 1681.974450955533 / sample_rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    b = (high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k)
    return b, (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)


def _high_pass(sample_rate: float) -> Filter:
    k = np.tan(np.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    # The standard leaves the numerator unscaled, so the gain in the pass band is the denominator's first term.
    a0 = 1 + k / q + k * k
    return (a0, -2 * a0, a0), (a0, 2 * (k * k - 1), 1 - k / q + k * k)


def _peak_envelope(samples: FloatArray, floor: float = math.inf) -> FloatArray:
    """Return the highest absolute value at each sample and the three points after it, float32 (n_samples,).

    Points between two samples are computed only if one of the samples reaches half of `floor`, or half of the highest
    sample if that is lower: the others are never peaks in music.
    """
    envelope = np.abs(samples)
    high = envelope > np.float32(min(floor, float(envelope.max(initial=0.0))) / 2)
    near = np.flatnonzero(high | np.roll(high, -1))
    padded = np.concatenate([samples[-(_TAPS // 2 - 1) :], samples, samples[: _TAPS // 2]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _TAPS)[near]
    between = np.abs(interpolators() @ windows.T).max(axis=0, initial=0.0)
    envelope[near] = np.maximum(envelope[near], between)
    return envelope


@lru_cache(maxsize=1)
def interpolators() -> FloatArray:
    """Return windowed-sinc filters for the points at 1/4, 1/2 and 3/4 between two samples, float32 (3, 12)."""
    taps = np.arange(_TAPS) - (_TAPS // 2 - 1)
    points = np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    distance = points[:, None] - taps
    window = np.cos(np.pi * distance / _TAPS) ** 2
    filters = np.sinc(distance) * window
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), np.float32)


def _min_within(values: FloatArray, reach: int) -> FloatArray:
    """Return the lowest value within +-reach of each value, around the circle."""
    lowest, span = values, 1
    while span < 2 * reach + 1:
        shift = min(span, 2 * reach + 1 - span)
        lowest = np.minimum(lowest, np.roll(lowest, shift))
        span += shift
    return np.roll(lowest, -reach)


def _smooth(values: FloatArray, reach: int) -> FloatArray:
    """Smooth values around the circle with a triangle of +-reach samples."""
    width = smoothing_width(reach)
    return np.minimum(_box_mean(_box_mean(values, width), width), np.float32(1))


def _box_mean(values: FloatArray, width: int) -> FloatArray:
    """Return the mean of the `width` values around each value, on the circle; `width` is odd."""
    half = width // 2
    around = np.concatenate([values[-half - 1 :], values, values[:half]])
    sums = np.cumsum(around, dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)
