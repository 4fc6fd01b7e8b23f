"""Claps, snares, cymbals and all that is struck, one hit each: float32 (n,), peak 1, ending at silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import between, noise, one_of, scaled
from training.corpus.filters import band_pass, high_pass, peak, through
from training.corpus.grid import seconds
from training.corpus.oscillators import decay, finished, gliding, sine

# Ratios of the six square-wave oscillators of the classic analogue cymbal.
_PARTIALS = (2.0, 3.0, 4.16, 5.43, 6.79, 8.21)


@dataclass(frozen=True, slots=True)
class Metal:
    """One set of cymbals: what all hats of a bar have in common. tune, edge: Hz; hiss: share of noise, 0..1."""

    tune: float
    edge: float
    hiss: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, *, hiss: float | None = None) -> Metal:
        """Any set."""
        return cls(scaled(rng, 180, 540), scaled(rng, 4500, 9500), float(rng.random()) if hiss is None else hiss)


def cymbal(rng: np.random.Generator, metal: Metal, tau: float) -> FloatArray:
    """A hat, open or closed, or a ride, as its decay tau (s) says."""
    t = seconds(min(5.5 * tau + 0.01, 1.6))
    ring = np.zeros(len(t), np.float32)
    for partial in _PARTIALS:
        turns = np.float32(metal.tune * partial) * t + np.float32(rng.random())
        ring += turns - np.floor(turns) < np.float32(0.5)
    ring *= np.float32((1 - metal.hiss) / 2.5)
    ring += np.float32(metal.hiss * 0.6) * noise(rng, len(t))
    # Struck metal is brighter than it rings.
    envelope = 0.65 * decay(t, tau) + 0.35 * decay(t, tau / 6)
    boost = peak(min(1.3 * metal.edge, 13500), between(rng, 0, 6), 1.2)
    return finished(through(ring, high_pass(metal.edge, 0.9), high_pass(metal.edge * 0.6), boost) * envelope)


def ride(rng: np.random.Generator) -> FloatArray:
    """A ride cymbal: lower and longer than a hat, with a bell."""
    metal = Metal(scaled(rng, 240, 640), scaled(rng, 2800, 6500), between(rng, 0.05, 0.5))
    wash = cymbal(rng, metal, scaled(rng, 0.10, 0.34))
    t = np.arange(len(wash), dtype=np.float32) * seconds(1.0)[1]
    bell = sine(np.float64(metal.tune * one_of(rng, (5.43, 6.79, 8.21))) * t) * decay(t, 0.06)
    return finished(wash + between(rng, 0.0, 0.5) * bell)


def clap(rng: np.random.Generator) -> FloatArray:
    """Three or four hands and the room around them."""
    t = seconds(between(rng, 0.22, 0.5))
    gap, hands = between(rng, 0.008, 0.013), int(rng.integers(3, 5))
    envelope = np.zeros(len(t), np.float32)
    for hand in range(hands):
        envelope += (t >= hand * gap) * decay(t - np.float32(hand * gap), 0.0035)
    tail = (t >= hands * gap) * decay(t - np.float32(hands * gap), scaled(rng, 0.02, 0.085))
    envelope += between(rng, 0.45, 0.9) * tail
    hiss, centre = noise(rng, len(t)), scaled(rng, 850, 2300)
    body = 1.6 * through(hiss, band_pass(centre, between(rng, 0.6, 1.8)))
    air = between(rng, 0.15, 0.5) * through(hiss, high_pass(2.2 * centre))
    return finished(np.tanh((body + air) * envelope * between(rng, 0.8, 2.2)))


def snare(rng: np.random.Generator) -> FloatArray:
    """Two modes of the skin and the wires below."""
    t = seconds(between(rng, 0.28, 0.5))
    tune, tau = between(rng, 150, 260), scaled(rng, 0.03, 0.09)
    skin = sine(gliding(1.25 * tune, tune, 0.01, t)) * decay(t, tau)
    skin += 0.5 * sine(gliding(0.0, tune * between(rng, 1.5, 1.9), 0.01, t)) * decay(t, tau / 1.4)
    wires = through(noise(rng, len(t)), high_pass(scaled(rng, 900, 3000))) * decay(t, scaled(rng, 0.03, 0.12))
    mix = between(rng, 0.3, 1.0) * skin + between(rng, 0.35, 0.9) * wires
    return finished(np.tanh(mix * between(rng, 1.0, 2.5)))


def rim(rng: np.random.Generator) -> FloatArray:
    """A rim shot, a clave or a wood block: two short tones."""
    t = seconds(0.12)
    tune, tau = scaled(rng, 350, 1900), scaled(rng, 0.004, 0.02)
    tones = sine(gliding(tune, tune, 1.0, t)) + 0.7 * sine(gliding(0, tune * between(rng, 1.4, 2.7), 1e-4, t))
    strike = between(rng, 0.1, 0.5) * noise(rng, len(t)) * decay(t, 0.002)
    return finished(np.tanh(2 * (tones * decay(t, tau) + strike)))


def shaker(rng: np.random.Generator) -> FloatArray:
    """A swish that swells before it falls."""
    t = seconds(0.2)
    swell = between(rng, 0.008, 0.03)
    envelope = np.minimum(t / np.float32(swell), 1) * decay(t, scaled(rng, 0.012, 0.035), swell)
    return finished(through(noise(rng, len(t)), band_pass(scaled(rng, 4000, 10000), between(rng, 0.5, 1.5))) * envelope)


def tom(rng: np.random.Generator, tune: float) -> FloatArray:
    """A tom or conga at `tune` Hz."""
    tau = scaled(rng, 0.05, 0.2)
    t = seconds(5 * tau)
    skin = sine(gliding(tune * between(rng, 1.2, 2.2), tune, 0.02, t)) * decay(t, tau)
    hand = between(rng, 0.0, 0.25) * noise(rng, len(t)) * decay(t, 0.006)
    return finished(np.tanh((skin + hand) * between(rng, 1.0, 3.0)))
