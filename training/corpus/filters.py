"""Filters that know no edge: on a loop they run around it, on a single sound they ring out into silence.

Biquads follow R. Bristow-Johnson's cookbook. Around a loop they are applied to its Fourier series, which is exact: the
loop has been playing for ever. Filters that move are applied to short overlapping frames, each with the response of its
moment.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from technogan.arrays import ComplexArray, FloatArray
from training.corpus.grid import RATE

Mode = Literal["low", "band", "high"]

_FRAME, _HOP = 1024, 512
# Samples after which no biquad used here is heard any more.
_RINGING = 3000


class Biquad(NamedTuple):
    """(b0 + b1 z + b2 z^2) / (a0 + a1 z + a2 z^2), z one sample's delay."""

    b: tuple[float, float, float]
    a: tuple[float, float, float]


def low_pass(cutoff: float, q: float = 0.707) -> Biquad:
    """12 dB an octave above `cutoff`, Hz."""
    c, alpha = _angle(cutoff, q)
    return Biquad(((1 - c) / 2, 1 - c, (1 - c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def high_pass(cutoff: float, q: float = 0.707) -> Biquad:
    """12 dB an octave below `cutoff`, Hz."""
    c, alpha = _angle(cutoff, q)
    return Biquad(((1 + c) / 2, -1 - c, (1 + c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def band_pass(centre: float, q: float = 1.0) -> Biquad:
    """0 dB at `centre`, Hz."""
    c, alpha = _angle(centre, q)
    return Biquad((alpha, 0.0, -alpha), (1 + alpha, -2 * c, 1 - alpha))


def peak(centre: float, gain_db: float, q: float = 1.0) -> Biquad:
    """gain_db around `centre`, Hz."""
    c, alpha = _angle(centre, q)
    a = 10 ** (gain_db / 40)
    return Biquad((1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a))


def low_shelf(corner: float, gain_db: float) -> Biquad:
    """gain_db below `corner`, Hz."""
    return _shelf(corner, gain_db, 1.0)


def high_shelf(corner: float, gain_db: float) -> Biquad:
    """gain_db above `corner`, Hz."""
    return _shelf(corner, gain_db, -1.0)


def around(loop: FloatArray, *biquads: Biquad) -> FloatArray:
    """A loop through filters, one after another, as if it had been playing for ever. float32 (n_samples,)."""
    spectrum = spectrum_of(loop)
    for biquad in biquads:
        spectrum *= response(biquad, len(loop))
    return loop_of(spectrum, len(loop))


def through(sound: FloatArray, *biquads: Biquad) -> FloatArray:
    """A single sound through filters that were at rest before it. float32 (n_samples,)."""
    # Around a circle with room for what rings on. Few sizes, so that their tables are made once.
    needed = len(sound) + _RINGING
    size = 1 << (needed - 1).bit_length()
    size = 3 * size // 4 if needed <= 3 * size // 4 else size
    padded = np.zeros(size, np.float32)
    padded[: len(sound)] = sound
    return around(padded, *biquads)[: len(sound)]


def response(biquad: Biquad, n_samples: int) -> ComplexArray:
    """The filter at the frequencies of a loop of n_samples. complex64 (n_samples // 2 + 1,)."""
    return _along(biquad.b, n_samples) / _along(biquad.a, n_samples)


def spectrum_of(loops: FloatArray) -> ComplexArray:
    """Discrete Fourier transform along the last axis. complex64 (..., n_samples // 2 + 1)."""
    # With another norm NumPy computes in double; see technogan.transforms.stft.
    spectrum = np.asarray(np.fft.rfft(loops, norm="forward"), np.complex64)
    spectrum *= np.float32(loops.shape[-1])
    return spectrum


def loop_of(spectrum: ComplexArray, n_samples: int) -> FloatArray:
    """Back from a spectrum to samples. float32 (..., n_samples)."""
    return np.asarray(np.fft.irfft(spectrum, n_samples), np.float32)


def swept(samples: FloatArray, cutoff: FloatArray, resonance: float = 0.0, mode: Mode = "low") -> FloatArray:
    """A loop through a two-pole filter that moves.

    samples, cutoff (Hz): float32 (n_samples,), a multiple of 512. resonance: 0..1, where 1 is 30 dB.
    Returns float32 (n_samples,).
    """
    window = _window()
    padded = np.concatenate([samples[-_FRAME // 2 :], samples, samples[: _FRAME // 2]])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[: len(samples) : _HOP]
    spectrum = spectrum_of(frames * window)
    spectrum *= _moving_response(cutoff[::_HOP], resonance, mode)
    frames = loop_of(spectrum, _FRAME) * window
    parts = frames.reshape(len(frames), _FRAME // _HOP, _HOP)
    overlap = np.float32(_FRAME / _HOP / 2)
    first = -(_FRAME // _HOP) // 2
    summed = sum(np.roll(parts[:, i], first + i, axis=0) for i in range(_FRAME // _HOP))
    return np.asarray(summed, np.float32).reshape(-1) / overlap


def swept_once(sound: FloatArray, cutoff: FloatArray, resonance: float = 0.0, mode: Mode = "low") -> FloatArray:
    """A single sound through `swept`: silence before and after it. Returns as many samples as came in."""
    n = len(sound)
    padding = -(-(n + _FRAME) // _HOP) * _HOP - n
    padded = np.concatenate([sound, np.zeros(padding, np.float32)]).astype(np.float32, copy=False)
    path = np.concatenate([cutoff, np.full(padding, cutoff[-1])]).astype(np.float32, copy=False)
    return swept(padded, path, resonance, mode)[:n]


def _moving_response(cutoff: FloatArray, resonance: float, mode: Mode) -> ComplexArray:
    # The analogue two-pole at j f / cutoff; frames are short, so its warping near Nyquist would not be heard.
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
    slope = 2 * math.sqrt(a) * alpha
    more, less = a + 1, a - 1
    return Biquad(
        (
            a * (more - side * less * c + slope),
            side * 2 * a * (less - side * more * c),
            a * (more - side * less * c - slope),
        ),
        (more + side * less * c + slope, -side * 2 * (less + side * more * c), more + side * less * c - slope),
    )


def _along(polynomial: tuple[float, float, float], n_samples: int) -> ComplexArray:
    """p0 / z + p1 + p2 z on the unit circle. float32 would lose the bass if p0 + p1 + p2 were not added first."""
    p0, p1, p2 = polynomial
    drop, rise = _circle(n_samples)
    values = np.empty(n_samples // 2 + 1, np.complex64)
    values.real = np.float32(p0 + p2) * drop + np.float32(p0 + p1 + p2)
    values.imag = np.float32(p0 - p2) * rise
    return values


@lru_cache(maxsize=16)
def _circle(n_samples: int) -> tuple[FloatArray, FloatArray]:
    """cos(w) - 1 and sin(w) at the frequencies of a loop."""
    angle = 2 * np.pi * np.arange(n_samples // 2 + 1) / n_samples
    return (-2 * np.sin(angle / 2) ** 2).astype(np.float32), np.sin(angle).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> npt.NDArray[np.float32]:
    return np.sin(np.pi * (np.arange(_FRAME)) / _FRAME).astype(np.float32)
