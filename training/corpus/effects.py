"""Room, echo, ducking and drive, all around the loop. Loops are float32 (N_SAMPLES,)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import noise
from training.corpus.filters import around, high_pass, loop_of, low_pass, response, spectrum_of
from training.corpus.grid import N_SAMPLES, N_STEPS, RATE, STEP

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
    spectrum = spectrum_of(room) * response(low_pass(top, 0.6), N_SAMPLES) * response(high_pass(bottom), N_SAMPLES)
    power = float(np.mean(np.abs(spectrum) ** 2))
    wet = loop_of(spectrum * spectrum_of(loop) / np.float32(max(power, 1e-12) ** 0.5), N_SAMPLES)
    return np.roll(wet, round(before * RATE))


def echo(loop: FloatArray, steps: int, feedback: float, top: float) -> FloatArray:
    """Echoes every `steps` sixteenths, each duller than the one before; feedback: 0..1, below 1."""
    # Whole steps, so the phase of the delay has the period of the steps in a bar.
    cycle = np.exp(-2j * np.pi * (np.arange(N_STEPS) * steps % N_STEPS) / N_STEPS)
    once = np.resize(cycle.astype(np.complex64), N_SAMPLES // 2 + 1)
    once *= response(low_pass(top, 0.5), N_SAMPLES)
    once *= response(high_pass(160.0, 0.6), N_SAMPLES)
    wet = spectrum_of(loop) * once
    wet /= 1 - np.float32(feedback) * once
    return loop_of(wet, N_SAMPLES)


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
    points = 1 - np.float32(depth) * envelope
    ramp = np.arange(_COARSE, dtype=np.float32) / _COARSE
    rises = np.roll(points, -1) - points
    return np.asarray(points[:, None] + rises[:, None] * ramp, np.float32).reshape(-1)


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
