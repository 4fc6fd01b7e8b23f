"""Room, echo, ducking and drive, all around the loop. Loops are float32 (N_SAMPLES,)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft

from technogan.transform import ComplexArray, FloatArray
from training.corpus.draw import noise
from training.corpus.filters import around, convolved, high_pass, low_pass, response
from training.corpus.grid import N_SAMPLES, RATE, STEP

# Samples between the points at which a ducking gain is worked out.
_COARSE = 64


def reverb(
    rng: np.random.Generator,
    loop: FloatArray,
    duration: float,
    *,
    bottom: float = 180.0,
    top: float,
    before: float = 0.0,
) -> FloatArray:
    """A room that has heard the loop for ever.

    duration: s to fall by 60 dB. bottom, top: Hz. before: s until it answers.
    """
    t = _times()
    room = noise(rng, N_SAMPLES) * np.exp(t * np.float32(-6.91 / duration)) * np.minimum(t * np.float32(200), 1)
    spectrum = fft.rfft(room) * response(low_pass(top, 0.6), N_SAMPLES) * response(high_pass(bottom), N_SAMPLES)
    power = float(np.mean(np.abs(spectrum) ** 2))
    wet = convolved(spectrum * fft.rfft(loop) / np.float32(max(power, 1e-12) ** 0.5), N_SAMPLES)
    return np.roll(wet, round(before * RATE))


def echo(loop: FloatArray, steps: float, feedback: float, top: float) -> FloatArray:
    """Echoes every `steps` sixteenths, each duller than the one before; feedback: 0..1, below 1."""
    turns = _bins() * (round(steps * STEP) / N_SAMPLES)
    once = np.exp(np.complex64(-2j * np.pi) * (turns - np.floor(turns)).astype(np.float32))
    once *= 1 / (1 + (_bins() * (RATE / N_SAMPLES / top)) ** 2)
    once *= response(high_pass(160.0, 0.6), N_SAMPLES)
    wet: ComplexArray = (fft.rfft(loop) * once / (1 - feedback * once)).astype(np.complex64)
    return convolved(wet, N_SAMPLES)


def ducking(pattern: FloatArray, depth: float, release: float) -> FloatArray:
    """The gain that a kick's pattern, float32 (16,), leaves to others.

    It is 1 - depth at a full stroke and recovers by a factor e in `release` s.
    """
    coarse = _times()[::_COARSE]
    envelope = np.zeros(len(coarse), np.float32)
    recovery = np.exp(coarse * np.float32(-1 / release))
    for step in np.flatnonzero(pattern):
        stroke = np.float32(min(float(pattern[step]) * 1.1, 1.0))
        envelope = np.maximum(envelope, np.roll(recovery * stroke, step * STEP // _COARSE))
    # A gain that falls at once would click: it is down by the time the kick sounds.
    points = np.append(1 - np.float32(depth) * envelope, 1 - np.float32(depth) * envelope[0])
    gain = np.interp(np.arange(N_SAMPLES) / _COARSE, np.arange(len(points)), points)
    return np.asarray(gain, np.float32)


def rumble(rng: np.random.Generator, kicks: FloatArray, duration: float, top: float, drive: float) -> FloatArray:
    """The kick's own room, driven and kept below `top` Hz. Peak 1."""
    room = reverb(rng, kicks, duration, bottom=30.0, top=4 * top)
    room /= np.float32(max(float(np.abs(room).max()), 1e-6))
    low = around(np.tanh(np.float32(drive) * room), low_pass(top, 0.9), low_pass(2 * top), high_pass(28.0))
    return np.asarray(low / np.float32(max(float(np.abs(low).max()), 1e-6)), np.float32)


def driven(loop: FloatArray, drive: float) -> FloatArray:
    """A loop of peak 1 through soft saturation; peak 1 again."""
    peak = np.float32(max(float(np.abs(loop).max()), 1e-6))
    return np.asarray(np.tanh(loop * (np.float32(drive) / peak)) / np.float32(np.tanh(drive)), np.float32)


def crushed(loop: FloatArray, factor: int) -> FloatArray:
    """Every `factor`-th sample held: the grit of an old sampler. N_SAMPLES must be a multiple of `factor`."""
    return np.repeat(loop[::factor], factor)


@lru_cache(maxsize=1)
def _times() -> FloatArray:
    return (np.arange(N_SAMPLES) / RATE).astype(np.float32)


@lru_cache(maxsize=1)
def _bins() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.arange(N_SAMPLES // 2 + 1, dtype=np.float64)
