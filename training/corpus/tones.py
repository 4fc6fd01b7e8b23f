"""Single notes: FM percussion, zaps and bass notes, each float32 (n,) with a peak of 1."""

from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import choose, log_uniform, uniform
from training.corpus.filters import sweep_sound
from training.corpus.grid import RATE, note_frequency, time_axis
from training.corpus.oscillators import decay, finish, glide, saw, sine, square, steady

BassKind = Literal["saw", "sine", "square", "fm"]
BASS_KINDS: tuple[BassKind, ...] = ("saw", "sine", "square", "fm")


def fm_hit(rng: np.random.Generator, tune: float) -> FloatArray:
    """Render FM percussion at `tune` Hz, like wood, a bell or metal."""
    ratio = choose(rng, (0.5, 1.41, 2.0, 2.76, 3.5, 5.1, 7.3))
    index, tau = log_uniform(rng, 0.4, 7), log_uniform(rng, 0.015, 0.15)
    t = time_axis(5 * tau)
    modulator = steady(tune * ratio, t)
    bent = steady(tune, t) + index / (2 * np.pi) * decay(t, tau * uniform(rng, 0.2, 0.9)) * sine(modulator)
    return finish(sine(bent) * decay(t, tau))


def zap(rng: np.random.Generator) -> FloatArray:
    """Render a sine with a fast falling pitch envelope."""
    tau = log_uniform(rng, 0.03, 0.14)
    t = time_axis(5 * tau)
    turns = glide(log_uniform(rng, 1500, 7000), log_uniform(rng, 80, 500), log_uniform(rng, 0.006, 0.05), t)
    return finish(sine(turns) * decay(t, tau))


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

    def note(self, midi: float, hold: float = 0.0) -> FloatArray:
        """Render a note at a MIDI pitch, held at its full level for `hold` seconds."""
        t = time_axis(min(hold + 6 * self._tau, 1.2))
        wave = self._wave(note_frequency(midi), t)
        path = np.float32(self._cutoff) * (1 + np.float32(self._opening) * decay(t, self._closing))
        filtered = wave if self._kind == "sine" else sweep_sound(wave, path, self._resonance)
        return finish(np.tanh(self._drive * filtered * decay(t, self._tau, hold)), attack=40, release=400)

    def _wave(self, frequency: float, t: FloatArray) -> FloatArray:
        turns = steady(frequency, t)
        if self._kind == "sine":
            return sine(turns) + 0.3 * sine(2 * turns)
        if self._kind == "square":
            return square(turns, frequency / RATE, 0.5 - 15 * self._detune)
        if self._kind == "fm":
            return sine(turns + 0.3 * self._opening / 7 * decay(t, self._closing) * sine(2 * turns)) + 0.4 * sine(turns)
        return 0.5 * saw(turns, frequency / RATE) + 0.5 * saw((1 + self._detune) * turns + 0.3, frequency / RATE)
