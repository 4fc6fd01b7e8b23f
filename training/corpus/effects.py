"""Circular effects for loops: reverb, echo, ducking and saturation.

Loops are float32 (N_SAMPLES,). Reverb and echo also take several, float32 (n, N_SAMPLES).
"""

import numpy as np

from technogan.arrays import FloatArray
from technogan.transforms.fourier import irfft, rfft
from training.corpus.draw import noise
from training.corpus.filters import filter_loop, high_pass, low_pass, response
from training.corpus.grid import N_SAMPLES, N_STEPS, RATE, STEP
from training.corpus.oscillators import normalise

# A ducking gain is computed once per this many samples.
_COARSE = 64

_TIMES = (np.arange(N_SAMPLES) / RATE).astype(np.float32)


def reverb(
    rng: np.random.Generator,
    loop: FloatArray,
    duration: float,
    *,
    bottom: float = 180.0,
    top: float,
    before: float = 0.0,
) -> FloatArray:
    """Return the reverb of a loop that repeats for ever.

    The reverberation time RT60 and the pre-delay, `before`, are in s; `bottom` and `top` limit the band, Hz.
    """
    fade = np.exp(_TIMES * np.float32(-6.91 / duration))
    room = noise(rng, N_SAMPLES) * fade * np.minimum(_TIMES * np.float32(200), 1)
    spectrum = rfft(room) * response(low_pass(top, 0.6), N_SAMPLES) * response(high_pass(bottom), N_SAMPLES)
    power = float(np.mean(np.abs(spectrum) ** 2))
    wet = irfft(spectrum * rfft(loop) / np.float32(max(power, 1e-12) ** 0.5), N_SAMPLES)
    return np.roll(wet, round(before * RATE), axis=-1)


def echo(loop: FloatArray, steps: int, feedback: float, top: float) -> FloatArray:
    """Return echoes every `steps` sixteenths, each darker than the last. The feedback is >= 0 and < 1."""
    # The delay is a whole number of steps, so its phase response repeats every N_STEPS bins.
    cycle = np.exp(-2j * np.pi * (np.arange(N_STEPS) * steps % N_STEPS) / N_STEPS)
    once = np.resize(cycle.astype(np.complex64), N_SAMPLES // 2 + 1)
    once *= response(low_pass(top, 0.5), N_SAMPLES)
    once *= response(high_pass(160.0, 0.6), N_SAMPLES)
    wet = rfft(loop) * once
    wet /= 1 - np.float32(feedback) * once
    return irfft(wet, N_SAMPLES)


def ducking_gain(pattern: FloatArray, depth: float, release: float) -> FloatArray:
    """Return the side-chain gain for a kick pattern, float32 (16,).

    The gain falls to 1 - depth at velocity 1 and recovers with the time constant `release`, s.
    """
    coarse = _TIMES[::_COARSE]
    envelope = np.zeros(len(coarse), np.float32)
    recovery = np.exp(coarse * np.float32(-1 / release))
    for step in np.flatnonzero(pattern):
        stroke = np.float32(min(float(pattern[step]) * 1.1, 1.0))
        envelope = np.maximum(envelope, np.roll(recovery * stroke, step * STEP // _COARSE))
    # A sudden drop would click, so the gain ramps down before the kick.
    points = 1 - np.float32(depth) * envelope
    ramp = np.arange(_COARSE, dtype=np.float32) / _COARSE
    rises = np.roll(points, -1) - points
    return np.asarray(points[:, None] + rises[:, None] * ramp, np.float32).reshape(-1)


def rumble(rng: np.random.Generator, kicks: FloatArray, duration: float, top: float, drive: float) -> FloatArray:
    """Return the reverb of the kick, saturated and low-pass filtered at `top` Hz, with a peak of 1."""
    room = normalise(reverb(rng, kicks, duration, bottom=30.0, top=4 * top))
    dense = np.tanh(np.float32(drive) * room)
    return normalise(filter_loop(dense, low_pass(top, 0.9), low_pass(2 * top), high_pass(28.0)))


def saturate(loop: FloatArray, drive: float) -> FloatArray:
    """Apply soft saturation to a loop, relative to its peak. Its RMS level stays, so its peak falls."""
    peak = np.float32(max(float(np.abs(loop).max()), 1e-6))
    dense = np.tanh(loop * (np.float32(drive) / peak))
    return np.asarray(dense * np.float32(loop.std() / max(float(dense.std()), 1e-6)), np.float32)


def hold_samples(loop: FloatArray, factor: int) -> FloatArray:
    """Reduce the sample rate by sample and hold. `factor` must divide the length."""
    return np.repeat(loop[::factor], factor)
