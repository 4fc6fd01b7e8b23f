"""Drum and cymbal voices, one hit each: float32 (n,), peak 1, fading to silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import choose, log_uniform, noise, uniform
from training.corpus.filters import band_pass, filter_sound, high_pass, peak
from training.corpus.grid import time_axis
from training.corpus.oscillators import decay, finish, glide, sine

# Ratios of the six square-wave oscillators of the classic analogue cymbal.
_PARTIALS = (2.0, 3.0, 4.16, 5.43, 6.79, 8.21)


@dataclass(frozen=True, slots=True)
class CymbalTimbre:
    """The timbre that all hi-hats of a bar share. tune: base frequency, Hz. edge: cutoff, Hz. hiss: noise, 0..1."""

    tune: float
    edge: float
    hiss: float

    @classmethod
    def random(cls, rng: np.random.Generator, *, hiss: float | None = None) -> CymbalTimbre:
        """Draw a timbre; `hiss` is drawn too if None."""
        tune, edge = log_uniform(rng, 180, 540), log_uniform(rng, 4500, 9500)
        return cls(tune, edge, float(rng.random()) if hiss is None else hiss)


def cymbal(rng: np.random.Generator, metal: CymbalTimbre, tau: float) -> FloatArray:
    """Render a hi-hat or ride; the decay time `tau`, s, makes it closed or open."""
    t = time_axis(min(5.5 * tau + 0.01, 1.6))
    ring = np.zeros(len(t), np.float32)
    for partial in _PARTIALS:
        turns = np.float32(metal.tune * partial) * t + np.float32(rng.random())
        ring += turns - np.floor(turns) < np.float32(0.5)
    ring *= np.float32((1 - metal.hiss) / 2.5)
    ring += np.float32(metal.hiss * 0.6) * noise(rng, len(t))
    # The attack of a cymbal is brighter than its decay.
    envelope = 0.65 * decay(t, tau) + 0.35 * decay(t, tau / 6)
    boost = peak(min(1.3 * metal.edge, 13500), uniform(rng, 0, 6), 1.2)
    return finish(filter_sound(ring, high_pass(metal.edge, 0.9), high_pass(metal.edge * 0.6), boost) * envelope)


def ride(rng: np.random.Generator) -> FloatArray:
    """Render a ride cymbal: lower and longer than a hi-hat, with a bell."""
    metal = CymbalTimbre(log_uniform(rng, 240, 640), log_uniform(rng, 2800, 6500), uniform(rng, 0.05, 0.5))
    wash = cymbal(rng, metal, log_uniform(rng, 0.10, 0.34))
    t = np.arange(len(wash), dtype=np.float32) * time_axis(1.0)[1]
    bell = sine(np.float64(metal.tune * choose(rng, (5.43, 6.79, 8.21))) * t) * decay(t, 0.06)
    return finish(wash + uniform(rng, 0.0, 0.5) * bell)


def clap(rng: np.random.Generator) -> FloatArray:
    """Render a clap: three or four noise bursts and a reverb tail."""
    t = time_axis(uniform(rng, 0.22, 0.5))
    gap, hands = uniform(rng, 0.008, 0.013), int(rng.integers(3, 5))
    envelope = np.zeros(len(t), np.float32)
    for hand in range(hands):
        envelope += (t >= hand * gap) * decay(t - np.float32(hand * gap), 0.0035)
    tail = (t >= hands * gap) * decay(t - np.float32(hands * gap), log_uniform(rng, 0.02, 0.085))
    envelope += uniform(rng, 0.45, 0.9) * tail
    hiss, centre = noise(rng, len(t)), log_uniform(rng, 850, 2300)
    body = 1.6 * filter_sound(hiss, band_pass(centre, uniform(rng, 0.6, 1.8)))
    air = uniform(rng, 0.15, 0.5) * filter_sound(hiss, high_pass(2.2 * centre))
    return finish(np.tanh((body + air) * envelope * uniform(rng, 0.8, 2.2)))


def snare(rng: np.random.Generator) -> FloatArray:
    """Render a snare drum: two modes of the drum head, and the wires."""
    t = time_axis(uniform(rng, 0.28, 0.5))
    tune, tau = uniform(rng, 150, 260), log_uniform(rng, 0.03, 0.09)
    skin = sine(glide(1.25 * tune, tune, 0.01, t)) * decay(t, tau)
    skin += 0.5 * sine(glide(0.0, tune * uniform(rng, 1.5, 1.9), 0.01, t)) * decay(t, tau / 1.4)
    wires = filter_sound(noise(rng, len(t)), high_pass(log_uniform(rng, 900, 3000)))
    wires *= decay(t, log_uniform(rng, 0.03, 0.12))
    mix = uniform(rng, 0.3, 1.0) * skin + uniform(rng, 0.35, 0.9) * wires
    return finish(np.tanh(mix * uniform(rng, 1.0, 2.5)))


def layer(rng: np.random.Generator, first: FloatArray, second: FloatArray) -> FloatArray:
    """Return two hits as one, the second softer than the first."""
    sound = np.zeros(max(len(first), len(second)), np.float32)
    sound[: len(first)] += first
    sound[: len(second)] += np.float32(uniform(rng, 0.4, 0.9)) * second
    return finish(sound)


def rim(rng: np.random.Generator) -> FloatArray:
    """Render a rim shot, clave or wood block from two short tones."""
    t = time_axis(0.12)
    tune, tau = log_uniform(rng, 350, 1900), log_uniform(rng, 0.004, 0.02)
    tones = sine(glide(tune, tune, 1.0, t)) + 0.7 * sine(glide(0, tune * uniform(rng, 1.4, 2.7), 1e-4, t))
    strike = uniform(rng, 0.1, 0.5) * noise(rng, len(t)) * decay(t, 0.002)
    return finish(np.tanh(2 * (tones * decay(t, tau) + strike)))


def shaker(rng: np.random.Generator) -> FloatArray:
    """Render a shaker: filtered noise with a slow attack."""
    t = time_axis(0.2)
    swell = uniform(rng, 0.008, 0.03)
    envelope = np.minimum(t / np.float32(swell), 1) * decay(t, log_uniform(rng, 0.012, 0.035), swell)
    hiss = filter_sound(noise(rng, len(t)), band_pass(log_uniform(rng, 4000, 10000), uniform(rng, 0.5, 1.5)))
    return finish(hiss * envelope)


def tom(rng: np.random.Generator, tune: float) -> FloatArray:
    """Render a tom or conga tuned to `tune` Hz."""
    tau = log_uniform(rng, 0.05, 0.2)
    t = time_axis(5 * tau)
    skin = sine(glide(tune * uniform(rng, 1.2, 2.2), tune, 0.02, t)) * decay(t, tau)
    hand = uniform(rng, 0.0, 0.25) * noise(rng, len(t)) * decay(t, 0.006)
    return finish(np.tanh((skin + hand) * uniform(rng, 1.0, 3.0)))
