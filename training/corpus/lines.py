"""Voices that last the whole bar, seamlessly: acid, reese, pads, drones and sweeps.

They are float32 (N_SAMPLES,), roughly within -1..1.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.transforms.fourier import irfft, rfft
from training.corpus.draw import chance, choose, log_uniform, noise, uniform
from training.corpus.filters import sweep_loop
from training.corpus.grid import N_SAMPLES, N_STEPS, RATE, STEP, note_frequency, phase_ramp, place, round_to_cycles
from training.corpus.harmony import Harmony
from training.corpus.oscillators import Phase, saw, sine, square

# (16, 1), one for each sixteenth of a bar.
Flags = npt.NDArray[np.bool_]


def acid(rng: np.random.Generator, harmony: Harmony, octave: int) -> FloatArray:
    """Render a line with slides and accents through a resonant filter, `octave` octaves above the bass register."""
    notes, (sounds, accents, slides) = _acid_steps(rng, harmony, octave)
    frequency, amplitude = _acid_frequency(notes, slides), _acid_amplitude(rng, sounds, accents, slides)
    turns = np.cumsum(frequency / RATE)
    # A whole number of cycles in the bar changes the pitch by a fraction of a cent.
    turns *= max(round(turns[-1]), 1) / turns[-1]
    wave = saw(turns, frequency / RATE) if chance(rng, 0.65) else square(turns, frequency / RATE)
    filtered = sweep_loop(0.6 * wave, _acid_cutoff(rng, sounds, accents), uniform(rng, 0.35, 0.9))
    return np.asarray(np.tanh(log_uniform(rng, 0.8, 5.0) * filtered * amplitude), np.float32)


def _acid_steps(rng: np.random.Generator, harmony: Harmony, octave: int) -> tuple[list[int], Flags]:
    """Return the MIDI pitches of the sixteenths; and whether each sounds, has an accent and slides: (3, 16, 1)."""
    density, period = uniform(rng, 0.5, 1.0), choose(rng, (16, 16, 8, 8, 4))
    degrees = [0, *(harmony.draw_degree(rng) for _ in range(period - 1))]
    jumps = [0, *(12 * choose(rng, (0, 0, 0, 1, -1)) for _ in range(period - 1))]
    flags = rng.random((period, 3)) < (density, 0.3, 0.25)
    flags[0] = True, True, False
    cells = [(step, step % period) for step in range(N_STEPS)]
    notes = [harmony.pitch(degrees[i], step) + 12 * octave + jumps[i] for step, i in cells]
    return notes, np.resize(flags, (N_STEPS, 3)).T[..., np.newaxis]


def _acid_frequency(notes: list[int], slides: Flags) -> Phase:
    frequency = np.array([[note_frequency(note)] for note in notes])
    glide = np.exp(-np.arange(STEP) / (0.025 * RATE))
    path: Phase = frequency + slides * (np.roll(frequency, 1, axis=0) - frequency) * glide
    return path.ravel()


def _acid_amplitude(rng: np.random.Generator, sounds: Flags, accents: Flags, slides: Flags) -> FloatArray:
    falling = np.exp(-np.arange(STEP) / (log_uniform(rng, 0.06, 0.4) * RATE))
    # A step is held if the next one slides.
    path = sounds * np.where(accents, 1.0, 0.68) * np.where(np.roll(slides, -1, axis=0), 1.0, falling)
    return smooth(path.ravel().astype(np.float32), 0.0025)


def _acid_cutoff(rng: np.random.Generator, sounds: Flags, accents: Flags) -> FloatArray:
    base, amount, tau = log_uniform(rng, 130, 750), log_uniform(rng, 2, 20), log_uniform(rng, 0.03, 0.28)
    strength, speed = np.where(accents, 1.5, 0.7), np.where(accents, 0.6, 1.0)
    path = base * (1 + sounds * amount * strength * np.exp(-np.arange(STEP) / RATE / (tau * speed)))
    wave = 1 + uniform(rng, 0, 0.7) * sine(phase_ramp(choose(rng, (1, 1, 2))) + rng.random())
    return np.asarray(path.ravel() * wave, np.float32)


def reese(rng: np.random.Generator, root: int) -> FloatArray:
    """Render detuned saws through a slowly moving filter."""
    spread = uniform(rng, 0.004, 0.012)
    wave = np.zeros(N_SAMPLES, np.float32)
    for detune in (1 - spread, 1.0, 1 + spread):
        wave += _running_saw(rng, round_to_cycles(note_frequency(root) * detune), N_SAMPLES)
    path = _sway(rng, log_uniform(rng, 150, 600), uniform(rng, 0.5, 4), (1, 2, 4))
    return np.asarray(np.tanh(1.5 * sweep_loop(0.4 * wave, path, uniform(rng, 0.0, 0.5))), np.float32)


def pad(rng: np.random.Generator, chords: Sequence[Sequence[float]]) -> FloatArray:
    """Render sustained chords, MIDI pitches for equal parts of the bar, through a slowly moving filter."""
    detune, fade = [uniform(rng, 1.002, 1.008) for _ in range(8)], log_uniform(rng, 0.01, 0.06)
    wave, start = np.zeros(N_SAMPLES, np.float32), 0
    for chord, parts in groupby(chords):
        n = N_SAMPLES // len(chords) * len(list(parts))
        wave += _sustained_chord(rng, chord, detune, start, n, fade)
        start += n
    path = _sway(rng, log_uniform(rng, 250, 2600), uniform(rng, 0, 2.5), (1, 1, 2))
    return sweep_loop(wave, path, uniform(rng, 0.0, 0.5))


def _sustained_chord(
    rng: np.random.Generator, chord: Sequence[float], detune: Sequence[float], start: int, n: int, fade: float
) -> FloatArray:
    """Return a loop with a chord in n samples from `start`, or in the whole loop, without a gap, if n is its length."""
    loop, margin = np.zeros(N_SAMPLES, np.float32), 0 if n == N_SAMPLES else int(fade * RATE)
    samples = np.zeros(n + margin, np.float32)
    for note, factor in zip(chord, detune, strict=False):
        for frequency in (note_frequency(note), note_frequency(note) * factor):
            samples += _running_saw(rng, frequency if margin else round_to_cycles(frequency), len(samples))
    if margin:
        ramp = np.linspace(0, 1, margin, dtype=np.float32)
        samples[:margin] *= ramp
        samples[-margin:] *= ramp[::-1]
    place(loop, samples, start, 0.5 / len(chord))
    return loop


def drone(rng: np.random.Generator, root: int) -> FloatArray:
    """Render a few low, inharmonic partials whose levels rise and fall."""
    wave = np.zeros(N_SAMPLES, np.float32)
    for _ in range(int(rng.integers(3, 8))):
        frequency = round_to_cycles(note_frequency(root) * choose(rng, (1, 1, 1.5, 2, 2.76, 3, 4.07, 5.4, 8.93)))
        bend = uniform(rng, 0, 1.5) * sine(phase_ramp(choose(rng, (1, 2, 3))) + rng.random())
        swell = 0.55 + 0.45 * sine(phase_ramp(choose(rng, (1, 1, 2, 3))) + rng.random())
        turns = phase_ramp(1).astype(np.float64) * (frequency * N_SAMPLES / RATE) + 0.3 * bend + rng.random()
        wave += sine(turns) * swell * np.float32(min((200 / frequency) ** 0.5, 1.0))
    return np.asarray(np.tanh(uniform(rng, 0.3, 1.2) * wave), np.float32)


def sweep(rng: np.random.Generator) -> FloatArray:
    """Render band-pass noise whose centre rises, falls or pulses."""
    turns = phase_ramp(choose(rng, (1, 1, 1, 2, 4)))
    ramp = turns - np.floor(turns)
    shape = smooth(choose(rng, (ramp, 1 - ramp, 0.5 + 0.5 * sine(turns + rng.random()))), 0.008)
    path = np.float32(log_uniform(rng, 300, 1500)) * np.float32(2) ** (shape * np.float32(uniform(rng, 1.5, 4)))
    filtered = sweep_loop(noise(rng, N_SAMPLES), path, uniform(rng, 0.2, 0.7), "band")
    return filtered * np.asarray(0.25 + 0.75 * shape, np.float32) / np.float32(3)


def riser(rng: np.random.Generator, root: int) -> FloatArray:
    """Render a tone that rises or falls by an octave in the bar and goes on rising for ever when the bar repeats.

    Source: Shepard 1964; Risset's continuous glissando.
    """
    octaves, centre, width = 8, uniform(rng, 2.5, 5.0), uniform(rng, 0.8, 1.6)
    ramp = phase_ramp(1).astype(np.float64)
    # Turns of the lowest partial, whose frequency doubles within the bar.
    total = note_frequency(root) / 2 * N_SAMPLES / RATE / np.log(2)
    turns = total * (np.exp2(ramp) - 1)
    wave, start = np.zeros(N_SAMPLES, np.float32), 0.0
    for octave in range(octaves):
        level = np.exp(-0.5 * ((octave + ramp - centre) / width) ** 2).astype(np.float32)
        wave += level * sine(turns * 2**octave + start)
        # Each partial takes over, at the end of the bar, from the one an octave above it.
        start = (start + total * 2**octave) % 1
    if chance(rng, 0.3):
        wave = wave[::-1].copy()
    pulse = 1 - uniform(rng, 0, 0.9) * smooth((phase_ramp(choose(rng, (4, 8, 16))) % 1).astype(np.float32), 0.004)
    return np.asarray(np.tanh(log_uniform(rng, 0.5, 3.0) * wave * pulse), np.float32)


def swell(rng: np.random.Generator) -> FloatArray:
    """Render noise that rises in pitch and level up to the end of the bar, and stops there."""
    ramp = np.linspace(0, 1, N_SAMPLES // choose(rng, (1, 1, 2, 4)), dtype=np.float32)
    shape = np.zeros(N_SAMPLES, np.float32)
    place(shape, ramp ** np.float32(uniform(rng, 1.0, 3.0)), -len(ramp))
    shape = smooth(shape, 0.006)
    path = np.float32(log_uniform(rng, 200, 900)) * np.float32(2) ** (shape * np.float32(uniform(rng, 2.5, 4.5)))
    return sweep_loop(noise(rng, N_SAMPLES), path, uniform(rng, 0.2, 0.6), "band") * shape / np.float32(2)


def texture(rng: np.random.Generator) -> FloatArray:
    """Render background noise as of a room, tape or vinyl, with some crackle."""
    spectrum = rfft(noise(rng, N_SAMPLES))
    frequency = np.maximum(np.fft.rfftfreq(N_SAMPLES, 1 / RATE), 40.0)
    spectrum *= ((400 / frequency) ** uniform(rng, 0.1, 0.9)).astype(np.float32)
    bed = irfft(spectrum, N_SAMPLES)
    for position in rng.integers(0, N_SAMPLES, int(rng.integers(0, 40))):
        bed[position] += np.float32(uniform(rng, -12, 12))
    return np.float32(0.2) * bed


def smooth(loop: FloatArray, duration: float) -> FloatArray:
    """Return the circular moving average of a loop over `duration` seconds, so that jumps do not click."""
    width = int(duration * RATE)
    sums = np.cumsum(np.concatenate([loop[-width:], loop]), dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)


def _running_saw(rng: np.random.Generator, frequency: float, n_samples: int) -> FloatArray:
    step = frequency / RATE
    return saw(np.arange(n_samples, dtype=np.float64) * step + rng.random(), step)


def _sway(rng: np.random.Generator, base: float, depth: float, rates: tuple[int, ...]) -> FloatArray:
    wave = 0.5 + 0.5 * sine(phase_ramp(choose(rng, rates)) + rng.random())
    return np.float32(base) * (1 + np.float32(depth) * wave)
