"""Bass drums: a falling sine, driven, with a click in front."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import Span, between, noise, scaled
from training.corpus.filters import high_pass, low_pass, through
from training.corpus.grid import seconds
from training.corpus.oscillators import decay, finished, gliding, sine

KickKind = Literal["909", "808", "hard", "soft"]


@dataclass(frozen=True, slots=True)
class KickShape:
    """What makes a kind of kick. start: Hz the pitch falls from; fall, tau, hold: s; click, drive: factors; top: Hz."""

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
    "soft": KickShape((85, 170), (0.008, 0.024), (0.05, 0.12), (0.0, 0.03), (0.01, 0.10), (0.7, 1.4), (700, 4000)),
}


def kick(rng: np.random.Generator, kind: KickKind, tune: float) -> FloatArray:
    """One bass drum that ends at `tune` Hz. float32 (n,), peak 1."""
    shape = KICKS[kind]
    tau, hold = scaled(rng, *shape.tau), between(rng, *shape.hold)
    t = seconds(min(hold + 4.5 * tau, 0.9))
    turns = gliding(scaled(rng, *shape.start), tune, scaled(rng, *shape.fall), t)
    # A second, much faster fall is the knock of the beater.
    turns += gliding(scaled(rng, 200, 1400), 0.0, 0.0025, t)
    drive = scaled(rng, *shape.drive)
    body = np.tanh(drive * sine(turns) * decay(t, tau, hold)) / np.tanh(drive)
    if kind == "hard":
        body = np.tanh(between(rng, 1.0, 3.0) * (body + between(rng, 0.0, 0.2)))
    body = through(body, low_pass(scaled(rng, *shape.top)), high_pass(22.0))
    return finished(body + scaled(rng, *shape.click) * _click(rng, t), attack=16, release=400)


def _click(rng: np.random.Generator, t: FloatArray) -> FloatArray:
    hiss = noise(rng, len(t)) * decay(t, scaled(rng, 0.0012, 0.005))
    return through(hiss, high_pass(scaled(rng, 1200, 5500))) * np.float32(0.4)
