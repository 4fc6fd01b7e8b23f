"""Bass drums: a sine oscillator with a falling pitch envelope, saturation and a click."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import Span, chance, log_uniform, noise, uniform
from training.corpus.filters import filter_sound, high_pass, low_pass, peak
from training.corpus.grid import RATE, time_axis
from training.corpus.oscillators import decay, finish, glide, sine

KickKind = Literal["909", "808", "hard", "soft", "distorted"]


@dataclass(frozen=True, slots=True)
class KickShape:
    """The parameter ranges of a kind of kick.

    The pitch envelope begins at `start`, Hz, with time constant `fall`, s. The level decays with time constant `tau`
    after `hold`, both in s. `click` is the level of the click, `top` the cutoff of the low-pass filter, Hz.
    """

    start: Span
    fall: Span
    tau: Span
    hold: Span
    click: Span
    drive: Span
    top: Span


KICKS: Mapping[KickKind, KickShape] = {
    "909": KickShape((180, 420), (0.010, 0.028), (0.07, 0.16), (0.0, 0.06), (0.08, 0.4), (1.0, 3.0), (4000, 14000)),
    "808": KickShape((85, 170), (0.012, 0.030), (0.16, 0.38), (0.0, 0.08), (0.02, 0.12), (0.7, 1.6), (1500, 8000)),
    "hard": KickShape((260, 800), (0.008, 0.024), (0.09, 0.20), (0.02, 0.10), (0.15, 0.6), (3.5, 12.0), (1800, 8000)),
    "distorted": KickShape(
        (180, 420), (0.010, 0.026), (0.09, 0.18), (0.02, 0.09), (0.1, 0.5), (1.5, 4.0), (3000, 11000)
    ),
    "soft": KickShape((85, 170), (0.008, 0.024), (0.05, 0.12), (0.0, 0.03), (0.01, 0.10), (0.7, 1.4), (700, 4000)),
}


def kick(rng: np.random.Generator, kind: KickKind, tune: float) -> FloatArray:
    """Render a bass drum whose pitch falls to `tune` Hz: float32 (n,), peak 1."""
    shape = KICKS[kind]
    tau, hold = log_uniform(rng, *shape.tau), uniform(rng, *shape.hold)
    t = time_axis(min(hold + 4.5 * tau, 0.9))
    turns = glide(log_uniform(rng, *shape.start), tune, log_uniform(rng, *shape.fall), t)
    # A second, much faster pitch envelope is the attack of the beater.
    turns += glide(log_uniform(rng, 200, 1400), 0.0, 0.0025, t)
    drive = log_uniform(rng, *shape.drive)
    body = np.tanh(drive * sine(turns) * decay(t, tau, hold)) / np.tanh(drive)
    if kind == "hard":
        body = np.tanh(uniform(rng, 1.0, 3.0) * (body + uniform(rng, 0.0, 0.2)))
    if kind == "distorted":
        body = _distort(rng, body)
    body = filter_sound(body, low_pass(log_uniform(rng, *shape.top)), high_pass(22.0))
    return finish(body + log_uniform(rng, *shape.click) * _click(rng, t), attack=16, release=400)


def length(sound: FloatArray) -> float:
    """Return the time, s, after which a kick stays below an eighth of its peak."""
    return float(np.flatnonzero(np.abs(sound) >= np.abs(sound).max() / 8)[-1]) / RATE


def _distort(rng: np.random.Generator, body: FloatArray) -> FloatArray:
    """Add to a kick its clipped or folded overtones, above its fundamental, which stays clean."""
    driven = np.float32(log_uniform(rng, 2.0, 9.0)) * body
    folded = np.sin(0.5 * np.pi * driven) if chance(rng, 0.35) else np.clip(driven + uniform(rng, 0, 0.4), -1, 1)
    overtones = filter_sound(folded.astype(np.float32), high_pass(log_uniform(rng, 120, 350)))
    coloured = filter_sound(overtones, peak(log_uniform(rng, 400, 2200), uniform(rng, 0, 8), 0.9))
    return body + np.float32(uniform(rng, 0.4, 1.1)) * coloured


def _click(rng: np.random.Generator, t: FloatArray) -> FloatArray:
    hiss = noise(rng, len(t)) * decay(t, log_uniform(rng, 0.0012, 0.005))
    return filter_sound(hiss, high_pass(log_uniform(rng, 1200, 5500))) * np.float32(0.4)
