"""Filters for loops, applied circularly, and for single sounds.

Fixed biquads multiply the spectrum of the whole loop, which gives the steady state of the repeating loop. Filters with
a moving cutoff are applied to short overlapping frames, each with its own response.

Source: Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients.
"""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.fourier import irfft, rfft
from training.corpus.grid import RATE

Mode = Literal["low", "band", "high"]

_FRAME, _HOP = 1024, 512
_WINDOW = np.sin(np.pi * np.arange(_FRAME) / _FRAME).astype(np.float32)
# Samples after which every biquad used here has decayed.
_RINGING = 3000


class Biquad(NamedTuple):
    """The transfer function (b0 + b1 z + b2 z^2) / (a0 + a1 z + a2 z^2), where z delays by one sample."""

    b: tuple[float, float, float]
    a: tuple[float, float, float]


def low_pass(cutoff: float, q: float = 0.707) -> Biquad:
    """Return a low-pass filter with 12 dB per octave; cutoff in Hz."""
    c, alpha = _angle(cutoff, q)
    return Biquad(((1 - c) / 2, 1 - c, (1 - c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def high_pass(cutoff: float, q: float = 0.707) -> Biquad:
    """Return a high-pass filter with 12 dB per octave; cutoff in Hz."""
    c, alpha = _angle(cutoff, q)
    return Biquad(((1 + c) / 2, -1 - c, (1 + c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def band_pass(centre: float, q: float = 1.0) -> Biquad:
    """Return a band-pass filter with a gain of 0 dB at its centre, Hz."""
    c, alpha = _angle(centre, q)
    return Biquad((alpha, 0.0, -alpha), (1 + alpha, -2 * c, 1 - alpha))


def peak(centre: float, gain_db: float, q: float = 1.0) -> Biquad:
    """Return a peaking filter; centre in Hz."""
    c, alpha = _angle(centre, q)
    a = 10 ** (gain_db / 40)
    return Biquad((1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a))


def low_shelf(corner: float, gain_db: float) -> Biquad:
    """Return a low-shelf filter; corner in Hz."""
    return _shelf(corner, gain_db, 1.0)


def high_shelf(corner: float, gain_db: float) -> Biquad:
    """Return a high-shelf filter; corner in Hz."""
    return _shelf(corner, gain_db, -1.0)


def filter_loop(loop: FloatArray, *biquads: Biquad) -> FloatArray:
    """Filter loops that repeat for ever: float32 (..., n_samples)."""
    n_samples = loop.shape[-1]
    spectrum = rfft(loop)
    for biquad in biquads:
        spectrum *= response(biquad, n_samples)
    return irfft(spectrum, n_samples)


def filter_sound(sound: FloatArray, *biquads: Biquad) -> FloatArray:
    """Filter a single sound, with silence before and after it: float32 (n_samples,)."""
    # Zero padding holds the decay of the filters. Few sizes, so that the cache of _circle is used.
    needed = len(sound) + _RINGING
    size = 1 << (needed - 1).bit_length()
    size = 3 * size // 4 if needed <= 3 * size // 4 else size
    padded = np.zeros(size, np.float32)
    padded[: len(sound)] = sound
    return filter_loop(padded, *biquads)[: len(sound)]


def response(biquad: Biquad, n_samples: int) -> ComplexArray:
    """Return the frequency response for a loop of n_samples: complex64 (n_samples // 2 + 1,)."""
    return _along(biquad.b, n_samples) / _along(biquad.a, n_samples)


def sweep_loop(samples: FloatArray, cutoff: FloatArray, resonance: float = 0.0, mode: Mode = "low") -> FloatArray:
    """Apply a two-pole filter with a moving cutoff to a loop: float32 (n_samples,), a multiple of 512.

    cutoff: float32 (n_samples,), Hz. resonance: 0..1, where 1 is 30 dB.
    """
    padded = np.concatenate([samples[-_FRAME // 2 :], samples, samples[: _FRAME // 2]])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[: len(samples) : _HOP]
    spectrum = rfft(frames * _WINDOW)
    spectrum *= _moving_response(cutoff[::_HOP], resonance, mode)
    frames = irfft(spectrum, _FRAME) * _WINDOW
    parts = frames.reshape(len(frames), _FRAME // _HOP, _HOP)
    overlap = np.float32(_FRAME / _HOP / 2)
    first = -(_FRAME // _HOP) // 2
    summed = sum(np.roll(parts[:, i], first + i, axis=0) for i in range(_FRAME // _HOP))
    return np.asarray(summed, np.float32).reshape(-1) / overlap


def sweep_sound(sound: FloatArray, cutoff: FloatArray, resonance: float = 0.0, mode: Mode = "low") -> FloatArray:
    """Apply `sweep_loop` to a single sound, with silence before and after it; the length stays the same."""
    n = len(sound)
    padding = -(-(n + _FRAME) // _HOP) * _HOP - n
    padded = np.concatenate([sound, np.zeros(padding, np.float32)]).astype(np.float32, copy=False)
    path = np.concatenate([cutoff, np.full(padding, cutoff[-1])]).astype(np.float32, copy=False)
    return sweep_loop(padded, path, resonance, mode)[:n]


def _moving_response(cutoff: FloatArray, resonance: float, mode: Mode) -> ComplexArray:
    # The analogue response: on frames this short, frequency warping near Nyquist is inaudible.
    frequency = np.arange(_FRAME // 2 + 1, dtype=np.float32) * np.float32(RATE / _FRAME)
    ratio = frequency / np.clip(cutoff, 20.0, 0.48 * RATE)[:, None].astype(np.float32)
    damping = np.float32(1.414 * (0.0224 ** min(max(resonance, 0.0), 1.0)))
    squared = ratio * ratio
    below = np.empty(ratio.shape, np.complex64)
    below.real = 1 - squared
    below.imag = damping * ratio
    if mode == "low":
        return np.asarray(1 / below, np.complex64)
    return np.asarray((-squared if mode == "high" else 1j * damping * ratio) / below, np.complex64)


def _angle(frequency: float, q: float) -> tuple[float, float]:
    w = 2 * math.pi * min(max(frequency, 10.0), 0.48 * RATE) / RATE
    return math.cos(w), math.sin(w) / (2 * q)


def _shelf(corner: float, gain_db: float, side: float) -> Biquad:
    c, alpha = _angle(corner, 0.707)
    a = 10 ** (gain_db / 40)
    c, slope = side * c, 2 * math.sqrt(a) * alpha
    more, less = a + 1, a - 1
    b = a * (more - less * c + slope), side * 2 * a * (less - more * c), a * (more - less * c - slope)
    return Biquad(b, (more + less * c + slope, -side * 2 * (less + more * c), more + less * c - slope))


def _along(polynomial: tuple[float, float, float], n_samples: int) -> ComplexArray:
    """Evaluate p0 / z + p1 + p2 z on the unit circle; p0 + p1 + p2 in double, or float32 would lose the bass."""
    p0, p1, p2 = polynomial
    drop, rise = _circle(n_samples)
    values = np.empty(n_samples // 2 + 1, np.complex64)
    values.real = np.float32(p0 + p2) * drop + np.float32(p0 + p1 + p2)
    values.imag = np.float32(p0 - p2) * rise
    return values


@lru_cache(maxsize=16)
def _circle(n_samples: int) -> tuple[FloatArray, FloatArray]:
    """Return cos(w) - 1 and sin(w) at the frequencies of a loop."""
    angle = 2 * np.pi * np.arange(n_samples // 2 + 1) / n_samples
    return (-2 * np.sin(angle / 2) ** 2).astype(np.float32), np.sin(angle).astype(np.float32)
