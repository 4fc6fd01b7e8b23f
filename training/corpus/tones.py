"""Pitched notes: FM percussion, zaps, bass notes and chord stabs, each float32 (n,) with a peak of 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.filters import sweep_sound
from training.corpus.grid import RATE, note_frequency, time_axis
from training.corpus.oscillators import Phase, decay, finish, glide, saw, sine, square

StabKind = Literal["fm", "saw", "organ", "square"]
STAB_KINDS: tuple[StabKind, ...] = ("fm", "saw", "organ", "square")
BassKind = Literal["saw", "sine", "square", "fm"]
BASS_KINDS: tuple[BassKind, ...] = ("saw", "sine", "square", "fm")

CHORDS: tuple[tuple[int, ...], ...] = (
    (0, 3, 7),
    (0, 3, 7, 10),
    (0, 3, 7, 10, 14),
    (0, 3, 10, 14),
    (0, 7, 12),
    (0, 5, 10),
    (0, 2, 7),
    (0, 12, 19),
    (0, 4, 7, 11),
)


def fm_hit(rng: np.random.Generator, tune: float) -> FloatArray:
    """Render FM percussion at `tune` Hz, like wood, a bell or metal."""
    ratio, index, tau = (
        choose(rng, (0.5, 1.41, 2.0, 2.76, 3.5, 5.1, 7.3)),
        log_uniform(rng, 0.4, 7),
        log_uniform(rng, 0.015, 0.15),
    )
    t = time_axis(5 * tau)
    modulator = _phase(tune * ratio, t)
    bent = _phase(tune, t) + index / (2 * np.pi) * decay(t, tau * uniform(rng, 0.2, 0.9)) * sine(modulator)
    return finish(sine(bent) * decay(t, tau))


def zap(rng: np.random.Generator) -> FloatArray:
    """Render a sine with a fast falling pitch envelope."""
    tau = log_uniform(rng, 0.03, 0.14)
    t = time_axis(5 * tau)
    return finish(
        sine(glide(log_uniform(rng, 1500, 7000), log_uniform(rng, 80, 500), log_uniform(rng, 0.006, 0.05), t))
        * decay(t, tau)
    )


class BassVoice:
    """A bass patch with randomly drawn parameters."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._kind = choose(rng, BASS_KINDS)
        self._tau = log_uniform(rng, 0.06, 0.24)
        self._cutoff = log_uniform(rng, 130, 1300)
        self._opening = uniform(rng, 0, 7)
        self._closing = self._tau * uniform(rng, 0.3, 0.9)
        self._resonance = uniform(rng, 0.0, 0.6)
        self._detune = uniform(rng, 0.002, 0.014)
        self._drive = log_uniform(rng, 0.8, 3.0)

    def note(self, midi: float) -> FloatArray:
        """Render a note at a MIDI pitch."""
        t = time_axis(min(6 * self._tau, 1.2))
        wave = self._wave(note_frequency(midi), t)
        path = np.float32(self._cutoff) * (1 + np.float32(self._opening) * decay(t, self._closing))
        filtered = wave if self._kind == "sine" else sweep_sound(wave, path, self._resonance)
        return finish(np.tanh(self._drive * filtered * decay(t, self._tau)), attack=40, release=400)

    def _wave(self, frequency: float, t: FloatArray) -> FloatArray:
        turns = _phase(frequency, t)
        if self._kind == "sine":
            return sine(turns) + 0.3 * sine(2 * turns)
        if self._kind == "square":
            return square(turns, frequency / RATE, 0.5 - 15 * self._detune)
        if self._kind == "fm":
            return sine(turns + 0.3 * self._opening / 7 * decay(t, self._closing) * sine(2 * turns)) + 0.4 * sine(turns)
        return 0.5 * saw(turns, frequency / RATE) + 0.5 * saw((1 + self._detune) * turns + 0.3, frequency / RATE)


def stab(rng: np.random.Generator, midi: float, kind: StabKind) -> FloatArray:
    """Render a chord stab on a MIDI pitch."""
    chord, inversion = choose(rng, CHORDS), int(rng.integers(0, 3))
    tau = log_uniform(rng, 0.05, 0.32)
    t = time_axis(min(5 * tau, 1.4))
    notes = [note_frequency(midi + step + (12 if i < inversion else 0)) for i, step in enumerate(chord)]
    wave = _chord(rng, notes, t, kind, tau) / np.float32(len(notes))
    path = np.float32(log_uniform(rng, 300, 2600)) * (
        1 + np.float32(uniform(rng, 0, 6)) * decay(t, tau * uniform(rng, 0.2, 0.8))
    )
    filtered = sweep_sound(wave, path, uniform(rng, 0.0, 0.55), "band" if chance(rng, 0.25) else "low")
    return finish(filtered * decay(t, tau), attack=50, release=400)


def _chord(rng: np.random.Generator, notes: Sequence[float], t: FloatArray, kind: StabKind, tau: float) -> FloatArray:
    wave = np.zeros(len(t), np.float32)
    ratio, index = choose(rng, (1.0, 1.5, 2.0, 3.0, 3.5)), uniform(rng, 0.8, 5.0) / (2 * np.pi)
    for frequency in notes:
        turns = _phase(frequency, t) + rng.random()
        if kind == "fm":
            wave += sine(turns + index * decay(t, 0.4 * tau) * sine(ratio * turns))
        elif kind == "organ":
            wave += sine(turns) + 0.5 * sine(2 * turns) + 0.3 * sine(3 * turns) + 0.15 * sine(4 * turns)
        elif kind == "square":
            wave += square(turns, frequency / RATE, 0.3)
        else:
            wave += saw(turns, frequency / RATE) + saw(1.006 * turns, frequency / RATE)
    return wave


def _phase(frequency: float, t: FloatArray) -> Phase:
    return frequency * t.astype(np.float64)
