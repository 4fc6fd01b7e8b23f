"""Chords and lead sounds, one hit each: float32 (n,), peak 1, fading to silence.

Calls with equal generator states and other pitches give one timbre, so that a line of hits is one instrument.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import chance, choose, log_uniform, noise, uniform
from training.corpus.filters import Mode, filter_sound, high_pass, low_pass, sweep_sound
from training.corpus.grid import RATE, note_frequency, time_axis
from training.corpus.oscillators import decay, finish, glide, normalise, saw, sine, square, steady

StabKind = Literal["fm", "saw", "organ", "square"]
STAB_KINDS: tuple[StabKind, ...] = ("fm", "saw", "organ", "square")

# The first three formants of vowels, Hz. Source: Peterson, Barney 1952, averages of men.
VOWELS: Mapping[str, tuple[float, float, float]] = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}


def stab(rng: np.random.Generator, notes: Sequence[float], kind: StabKind) -> FloatArray:
    """Render a chord stab of MIDI pitches."""
    tau = log_uniform(rng, 0.05, 0.32)
    t = time_axis(min(5 * tau, 1.4))
    cutoff, opening, closing = log_uniform(rng, 300, 2600), uniform(rng, 0, 6), tau * uniform(rng, 0.2, 0.8)
    resonance = uniform(rng, 0.0, 0.55)
    mode: Mode = "band" if chance(rng, 0.25) else "low"
    wave = _chord(rng, notes, t, kind, tau) / np.float32(len(notes))
    path = np.float32(cutoff) * (1 + np.float32(opening) * decay(t, closing))
    return finish(sweep_sound(wave, path, resonance, mode) * decay(t, tau), attack=50, release=400)


def dub_chord(rng: np.random.Generator, notes: Sequence[float]) -> FloatArray:
    """Render a soft, band-limited chord whose filter opens with the attack: the source of dub echoes."""
    tau, hold = log_uniform(rng, 0.05, 0.16), uniform(rng, 0.0, 0.06)
    t = time_axis(hold + 5 * tau)
    wave = np.zeros(len(t), np.float32)
    detune = uniform(rng, 1.003, 1.012)
    for note in notes:
        frequency = note_frequency(note)
        turns = steady(frequency, t)
        wave += saw(turns, frequency / RATE) + saw(detune * turns + 0.37, detune * frequency / RATE)
    wave += np.float32(uniform(rng, 0.0, 0.25)) * noise(rng, len(t))
    path = np.float32(log_uniform(rng, 350, 1400)) * (1 + np.float32(uniform(rng, 0.3, 2.5)) * decay(t, 0.06, hold))
    filtered = sweep_sound(wave / np.float32(len(notes)), path, uniform(rng, 0.1, 0.45))
    toned = filter_sound(filtered, high_pass(log_uniform(rng, 180, 420)))
    return finish(np.tanh(np.float32(1.5) * toned) * decay(t, tau, hold), attack=90, release=500)


def hoover(rng: np.random.Generator, midi: float, duration: float) -> FloatArray:
    """Render a hoover: detuned saws and pulses over two octaves that bend up to their pitch, held for `duration` s."""
    t = time_axis(duration + 0.15)
    bend, fall, spread = uniform(rng, 0.5, 0.85), log_uniform(rng, 0.03, 0.12), uniform(rng, 0.005, 0.016)
    speed, depth = uniform(rng, 2.5, 6.0), uniform(rng, 0.05, 0.3)
    wave = np.zeros(len(t), np.float32)
    frequency = note_frequency(midi)
    for octave, level in ((0.5, 0.7), (1.0, 1.0), (2.0, 0.4)):
        for detune in (1 - spread, 1 + spread):
            pitch = octave * frequency * detune
            turns = glide(bend * pitch, pitch, fall, t) + float(rng.random())
            # The pulse width moves, which gives the wave its chorus.
            width = 0.5 + depth * sine(np.float64(speed) * t + detune)
            wave += np.float32(level) * (saw(turns, pitch / RATE) - saw(turns + width, pitch / RATE))
    toned = filter_sound(wave, high_pass(uniform(rng, 90, 220)), low_pass(log_uniform(rng, 2200, 8000), 0.9))
    dense = np.tanh(uniform(rng, 1.0, 3.0) * normalise(toned))
    return finish(dense * decay(t, 0.03, duration), attack=200, release=500)


def vocal(rng: np.random.Generator, notes: Sequence[float]) -> FloatArray:
    """Render a short syllable, sung or as a choir of the given MIDI pitches, through three moving formants."""
    tau, hold = log_uniform(rng, 0.04, 0.16), uniform(rng, 0.03, 0.2)
    t = time_axis(hold + 5 * tau)
    size, formants = uniform(rng, 0.9, 1.25), [VOWELS[choose(rng, tuple(VOWELS))] for _ in range(2)]
    speed, rise, breath = log_uniform(rng, 0.03, 0.2), uniform(rng, 0.9, 1.12), uniform(rng, 0.03, 0.3)
    vibrato, consonant = uniform(rng, 0, 0.006), chance(rng, 0.5)
    source, wobble = np.float32(breath) * noise(rng, len(t)), sine(5.5 * t.astype(np.float64))
    for note in notes:
        frequency = note_frequency(note)
        turns = glide(rise * frequency, frequency, 0.04, t) + frequency / 35 * vibrato * wobble
        source += saw(turns + float(rng.random()), frequency / RATE) / np.float32(len(notes))
    source = filter_sound(source, low_pass(2200, 0.6))
    glottis, closing = np.zeros(len(t), np.float32), decay(t, speed)
    for i, (level, resonance) in enumerate(((1.0, 0.62), (0.7, 0.68), (0.45, 0.7))):
        path = np.float32(size) * (formants[1][i] + np.float32(formants[0][i] - formants[1][i]) * closing)
        glottis += np.float32(level) * sweep_sound(source, np.asarray(path, np.float32), resonance, "band")
    if consonant:
        hiss = filter_sound(noise(rng, len(t)), high_pass(log_uniform(rng, 2500, 6000)))
        glottis += np.float32(0.15 * float(np.abs(glottis).max())) * hiss * decay(t, 0.012)
    return finish(np.tanh(2 * normalise(glottis)) * decay(t, tau, hold), 150, 500)


def bell(rng: np.random.Generator, midi: float) -> FloatArray:
    """Render an FM bell with two pairs of operators. Source: Chowning 1973."""
    tau = log_uniform(rng, 0.12, 0.5)
    t = time_axis(min(5 * tau, 1.6))
    ratio, index = choose(rng, (1.4, 1.41, 2.76, 3.5, 3.5, 7.0)), log_uniform(rng, 0.8, 5.0)
    shimmer, upper = uniform(rng, 1.001, 1.006), uniform(rng, 0.15, 0.5)
    turns = steady(note_frequency(midi), t)
    bent = index / (2 * np.pi) * decay(t, 0.5 * tau)
    tone = sine(turns + bent * sine(ratio * turns)) * decay(t, tau)
    overtone = sine(2 * shimmer * turns + 0.6 * bent * sine(2 * ratio * shimmer * turns))
    tone += np.float32(upper) * overtone * decay(t, 0.4 * tau)
    return finish(tone, attack=24, release=600)


def _chord(rng: np.random.Generator, notes: Sequence[float], t: FloatArray, kind: StabKind, tau: float) -> FloatArray:
    wave = np.zeros(len(t), np.float32)
    ratio, index = choose(rng, (1.0, 1.5, 2.0, 3.0, 3.5)), uniform(rng, 0.8, 5.0) / (2 * np.pi)
    for note in notes:
        frequency = note_frequency(note)
        turns = steady(frequency, t) + rng.random()
        if kind == "fm":
            wave += sine(turns + index * decay(t, 0.4 * tau) * sine(ratio * turns))
        elif kind == "organ":
            wave += sine(turns) + 0.5 * sine(2 * turns) + 0.3 * sine(3 * turns) + 0.15 * sine(4 * turns)
        elif kind == "square":
            wave += square(turns, frequency / RATE, 0.3)
        else:
            wave += saw(turns, frequency / RATE) + saw(1.006 * turns, frequency / RATE)
    return wave
