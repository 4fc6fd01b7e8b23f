"""Pitched single notes: percussion by frequency modulation, zaps, bass notes, chord stabs. float32 (n,), peak 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import between, chance, one_of, scaled
from training.corpus.filters import swept_once
from training.corpus.grid import RATE, pitch, seconds
from training.corpus.oscillators import Turns, decay, finished, gliding, saw, sine, square

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
    """A struck tone at `tune` Hz: wood, bell or tin, as its ratio and index fall."""
    ratio, index, tau = (
        one_of(rng, (0.5, 1.41, 2.0, 2.76, 3.5, 5.1, 7.3)),
        scaled(rng, 0.4, 7),
        scaled(rng, 0.015, 0.15),
    )
    t = seconds(5 * tau)
    modulator = _steady(tune * ratio, t)
    bent = _steady(tune, t) + index / (2 * np.pi) * decay(t, tau * between(rng, 0.2, 0.9)) * sine(modulator)
    return finished(sine(bent) * decay(t, tau))


def zap(rng: np.random.Generator) -> FloatArray:
    """A tone that falls through the spectrum."""
    tau = scaled(rng, 0.03, 0.14)
    t = seconds(5 * tau)
    return finished(
        sine(gliding(scaled(rng, 1500, 7000), scaled(rng, 80, 500), scaled(rng, 0.006, 0.05), t)) * decay(t, tau)
    )


class BassVoice:
    """One bass sound; `note` plays it at any pitch."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._kind = one_of(rng, BASS_KINDS)
        self._tau = scaled(rng, 0.06, 0.24)
        self._cutoff = scaled(rng, 130, 1300)
        self._opening = between(rng, 0, 7)
        self._closing = self._tau * between(rng, 0.3, 0.9)
        self._resonance = between(rng, 0.0, 0.6)
        self._detune = between(rng, 0.002, 0.014)
        self._drive = scaled(rng, 0.8, 3.0)

    def note(self, midi: float) -> FloatArray:
        """A note at a MIDI pitch."""
        t = seconds(min(6 * self._tau, 1.2))
        wave = self._wave(pitch(midi), t)
        path = np.float32(self._cutoff) * (1 + np.float32(self._opening) * decay(t, self._closing))
        filtered = wave if self._kind == "sine" else swept_once(wave, path, self._resonance)
        return finished(np.tanh(self._drive * filtered * decay(t, self._tau)), attack=40, release=400)

    def _wave(self, frequency: float, t: FloatArray) -> FloatArray:
        turns = _steady(frequency, t)
        if self._kind == "sine":
            return sine(turns) + 0.3 * sine(2 * turns)
        if self._kind == "square":
            return square(turns, frequency / RATE, 0.5 - 15 * self._detune)
        if self._kind == "fm":
            return sine(turns + 0.3 * self._opening / 7 * decay(t, self._closing) * sine(2 * turns)) + 0.4 * sine(turns)
        return 0.5 * saw(turns, frequency / RATE) + 0.5 * saw((1 + self._detune) * turns + 0.3, frequency / RATE)


def stab(rng: np.random.Generator, midi: float, kind: StabKind) -> FloatArray:
    """A short chord above a MIDI pitch."""
    chord, inversion = one_of(rng, CHORDS), int(rng.integers(0, 3))
    tau = scaled(rng, 0.05, 0.32)
    t = seconds(min(5 * tau, 1.4))
    notes = [pitch(midi + step + (12 if i < inversion else 0)) for i, step in enumerate(chord)]
    wave = _chord(rng, notes, t, kind, tau) / np.float32(len(notes))
    path = np.float32(scaled(rng, 300, 2600)) * (
        1 + np.float32(between(rng, 0, 6)) * decay(t, tau * between(rng, 0.2, 0.8))
    )
    filtered = swept_once(wave, path, between(rng, 0.0, 0.55), "band" if chance(rng, 0.25) else "low")
    return finished(filtered * decay(t, tau), attack=50, release=400)


def _chord(rng: np.random.Generator, notes: Sequence[float], t: FloatArray, kind: StabKind, tau: float) -> FloatArray:
    wave = np.zeros(len(t), np.float32)
    ratio, index = one_of(rng, (1.0, 1.5, 2.0, 3.0, 3.5)), between(rng, 0.8, 5.0) / (2 * np.pi)
    for frequency in notes:
        turns = _steady(frequency, t) + rng.random()
        if kind == "fm":
            wave += sine(turns + index * decay(t, 0.4 * tau) * sine(ratio * turns))
        elif kind == "organ":
            wave += sine(turns) + 0.5 * sine(2 * turns) + 0.3 * sine(3 * turns) + 0.15 * sine(4 * turns)
        elif kind == "square":
            wave += square(turns, frequency / RATE, 0.3)
        else:
            wave += saw(turns, frequency / RATE) + saw(1.006 * turns, frequency / RATE)
    return wave


def _steady(frequency: float, t: FloatArray) -> Turns:
    return frequency * t.astype(np.float64)
