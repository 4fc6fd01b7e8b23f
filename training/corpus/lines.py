"""Voices that last the whole bar: acid, reese, pads, drones, sweeps.

float32 (N_SAMPLES,), around -1..1, without a seam.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import between, chance, noise, one_of, scaled
from training.corpus.filters import loop_of, spectrum_of, swept
from training.corpus.grid import N_SAMPLES, N_STEPS, RATE, STEP, once_around, pitch, whole_cycles
from training.corpus.oscillators import saw, sine, square
from training.corpus.tones import CHORDS

# Semitones above the root; repeated ones are likelier.
SCALES: tuple[tuple[int, ...], ...] = (
    (0, 3, 5, 7, 10),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 1, 3, 5, 7, 8, 10),
    (0, 0, 3, 7, 10, 12),
    (0, 0, 0, 7, 12),
    (0, 0, 1, 6, 10),
)


@dataclass(frozen=True, slots=True)
class AcidStep:
    """One sixteenth of an acid line. note: MIDI pitch."""

    note: float
    sounds: bool
    accent: bool
    slides: bool


def acid(rng: np.random.Generator, root: int) -> FloatArray:
    """A line of slides and accents through a resonant filter."""
    steps = _acid_steps(rng, root)
    frequency, amplitude = _acid_frequency(steps), _acid_amplitude(rng, steps)
    turns = np.cumsum(frequency / RATE)
    # Whole turns around the bar: the pitch moves by a fraction of a cent.
    turns *= max(round(turns[-1]), 1) / turns[-1]
    wave = saw(turns, frequency / RATE) if chance(rng, 0.65) else square(turns, frequency / RATE)
    filtered = swept(0.6 * wave, _acid_cutoff(rng, steps), between(rng, 0.35, 0.9))
    return np.asarray(np.tanh(scaled(rng, 0.8, 5.0) * filtered * amplitude), np.float32)


def _acid_steps(rng: np.random.Generator, root: int) -> list[AcidStep]:
    scale, density = one_of(rng, SCALES), between(rng, 0.5, 1.0)
    steps = [
        AcidStep(
            root + one_of(rng, scale) + 12 * one_of(rng, (0, 0, 0, 1, -1)),
            chance(rng, density),
            chance(rng, 0.3),
            chance(rng, 0.25),
        )
        for _ in range(N_STEPS)
    ]
    steps[0] = AcidStep(root, True, True, False)
    period = one_of(rng, (16, 16, 8, 8, 4))
    return [steps[i % period] for i in range(N_STEPS)]


def _acid_frequency(steps: list[AcidStep]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    glide = np.exp(-np.arange(STEP) / (0.025 * RATE))
    path = np.empty((N_STEPS, STEP))
    for i, step in enumerate(steps):
        frequency, before = pitch(step.note), pitch(steps[i - 1].note)
        path[i] = frequency + ((before - frequency) * glide if step.slides else 0.0)
    return path.ravel()


def _acid_amplitude(rng: np.random.Generator, steps: list[AcidStep]) -> FloatArray:
    tau = scaled(rng, 0.06, 0.4)
    held, falling = np.ones(STEP), np.exp(-np.arange(STEP) / (tau * RATE))
    path = np.zeros((N_STEPS, STEP))
    for i, step in enumerate(steps):
        if step.sounds:
            path[i] = (1.0 if step.accent else 0.68) * (held if steps[(i + 1) % N_STEPS].slides else falling)
    return smoothed(path.ravel().astype(np.float32), 0.0025)


def _acid_cutoff(rng: np.random.Generator, steps: list[AcidStep]) -> FloatArray:
    base, amount, tau = scaled(rng, 130, 750), scaled(rng, 2, 20), scaled(rng, 0.03, 0.28)
    t = np.arange(STEP) / RATE
    path = np.empty((N_STEPS, STEP))
    for i, step in enumerate(steps):
        strength, speed = (1.5, 0.6) if step.accent else (0.7, 1.0)
        path[i] = base * (1 + step.sounds * amount * strength * np.exp(-t / (tau * speed)))
    wave = 1 + between(rng, 0, 0.7) * sine(once_around(one_of(rng, (1, 1, 2))) + rng.random())
    return np.asarray(path.ravel() * wave, np.float32)


def reese(rng: np.random.Generator, root: int) -> FloatArray:
    """Detuned saws under a slow filter."""
    spread = between(rng, 0.004, 0.012)
    wave = np.zeros(N_SAMPLES, np.float32)
    for detune in (1 - spread, 1.0, 1 + spread):
        wave += _endless_saw(rng, pitch(root) * detune)
    path = _swaying(rng, scaled(rng, 150, 600), between(rng, 0.5, 4), (1, 2, 4))
    return np.asarray(np.tanh(1.5 * swept(0.4 * wave, path, between(rng, 0.0, 0.5))), np.float32)


def pad(rng: np.random.Generator, root: int) -> FloatArray:
    """A sustained chord under a slow filter."""
    chord = one_of(rng, CHORDS)
    wave = np.zeros(N_SAMPLES, np.float32)
    for step in chord:
        frequency = pitch(root + step)
        wave += _endless_saw(rng, frequency) + _endless_saw(rng, frequency * between(rng, 1.002, 1.008))
    path = _swaying(rng, scaled(rng, 250, 2600), between(rng, 0, 2.5), (1, 1, 2))
    return swept(wave * np.float32(0.5 / len(chord)), path, between(rng, 0.0, 0.5))


def drone(rng: np.random.Generator, root: int) -> FloatArray:
    """A few low, metallic partials that swell one after another."""
    wave = np.zeros(N_SAMPLES, np.float32)
    for _ in range(int(rng.integers(3, 8))):
        frequency = whole_cycles(pitch(root) * one_of(rng, (1, 1, 1.5, 2, 2.76, 3, 4.07, 5.4, 8.93)))
        bend = between(rng, 0, 1.5) * sine(once_around(one_of(rng, (1, 2, 3))) + rng.random())
        swell = 0.55 + 0.45 * sine(once_around(one_of(rng, (1, 1, 2, 3))) + rng.random())
        turns = once_around(1).astype(np.float64) * (frequency * N_SAMPLES / RATE) + 0.3 * bend + rng.random()
        wave += sine(turns) * swell * np.float32(min((200 / frequency) ** 0.5, 1.0))
    return np.asarray(np.tanh(between(rng, 0.3, 1.2) * wave), np.float32)


def sweep(rng: np.random.Generator) -> FloatArray:
    """Noise whose colour rises, falls or pulses."""
    turns = once_around(one_of(rng, (1, 1, 1, 2, 4)))
    ramp = turns - np.floor(turns)
    course = smoothed(one_of(rng, (ramp, 1 - ramp, 0.5 + 0.5 * sine(turns + rng.random()))), 0.008)
    path = np.float32(scaled(rng, 300, 1500)) * np.float32(2) ** (course * np.float32(between(rng, 1.5, 4)))
    filtered = swept(noise(rng, N_SAMPLES), path, between(rng, 0.2, 0.7), "band")
    return filtered * np.asarray(0.25 + 0.75 * course, np.float32) / np.float32(3)


def texture(rng: np.random.Generator) -> FloatArray:
    """Room, tape and vinyl: coloured noise and a few crackles."""
    spectrum = spectrum_of(noise(rng, N_SAMPLES))
    frequency = np.maximum(np.fft.rfftfreq(N_SAMPLES, 1 / RATE), 40.0)
    spectrum *= ((400 / frequency) ** between(rng, 0.1, 0.9)).astype(np.float32)
    bed = loop_of(spectrum, N_SAMPLES)
    for position in rng.integers(0, N_SAMPLES, int(rng.integers(0, 40))):
        bed[position] += np.float32(between(rng, -12, 12))
    return np.float32(0.2) * bed


def smoothed(loop: FloatArray, duration: float) -> FloatArray:
    """A loop's circular mean over `duration` seconds, so that jumps do not click."""
    width = int(duration * RATE)
    sums = np.cumsum(np.concatenate([loop[-width:], loop]), dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)


def _endless_saw(rng: np.random.Generator, frequency: float) -> FloatArray:
    fitted = whole_cycles(frequency)
    turns = np.arange(N_SAMPLES, dtype=np.float64) * (fitted / RATE) + float(rng.random())
    return saw(turns, fitted / RATE)


def _swaying(rng: np.random.Generator, base: float, depth: float, rates: tuple[int, ...]) -> FloatArray:
    wave = 0.5 + 0.5 * sine(once_around(one_of(rng, rates)) + rng.random())
    return np.float32(base) * (1 + np.float32(depth) * wave)
