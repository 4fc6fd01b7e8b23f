"""Seeds: the 64 numbers behind a loop, and the ways from one to the next.

A seed is held in slider units (-128..127 by default); latent = slider * 3 / 128. Networks are trained on a standard
normal, so a random seed is a rounded normal, never uniform: uniform sliders would have nearly twice the length a
network knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SeedError

LATENT_SIZE = 64
SLIDER_MIN = -128
SLIDER_MAX = 127
SLIDER_SCALE = 3.0 / 128.0


@dataclass(frozen=True, slots=True)
class Seed:
    """Slider values, immutable and hashable; finite, each within SLIDER_MIN..SLIDER_MAX."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise SeedError("a seed needs at least one value")
        for i, value in enumerate(self.values):
            if not math.isfinite(value):
                raise SeedError(f"seed value {i + 1} is {value}; it must be a number")
            if not SLIDER_MIN <= value <= SLIDER_MAX:
                raise SeedError(f"seed value {i + 1} is {value:g}; sliders go from {SLIDER_MIN} to {SLIDER_MAX}")

    @classmethod
    def of(cls, values: Iterable[float], size: int | None = None) -> Self:
        """A seed of these slider values. Raises SeedError for a wrong count, NaN or a value out of range."""
        numbers = tuple(float(value) for value in values)
        if size is not None and len(numbers) != size:
            raise SeedError(f"a seed has {size} values here, not {len(numbers)}")
        return cls(numbers)

    @classmethod
    def clipped(cls, values: Iterable[float]) -> Self:
        """As `of`, with values beyond the sliders moved to their ends."""
        return cls(tuple(min(max(float(value), SLIDER_MIN), SLIDER_MAX) for value in values))

    @classmethod
    def random(cls, rng: np.random.Generator, size: int = LATENT_SIZE) -> Self:
        """A seed as the networks know them: normal, rounded to whole slider steps."""
        return cls.clipped(np.round(rng.standard_normal(size) / SLIDER_SCALE))

    @classmethod
    def from_integer(cls, number: int, size: int = LATENT_SIZE) -> Self:
        """Expand one whole number, the same way for ever and on every machine.

        Value i is the i-th output u of SplitMix64 started at `number` (modulo 2**64), taken as the uniform
        (u >> 11 + 0.5) / 2**53, put through the inverse normal distribution, times 128 / 3, rounded and clipped.
        Source: Steele, Lea, Flood 2014.
        """
        normal = NormalDist()
        return cls.clipped(round(normal.inv_cdf(u) / SLIDER_SCALE) for u in _splitmix_uniforms(number, size))

    @property
    def length(self) -> float:
        """Euclidean length in latent units; near 8 for a random seed of 64."""
        return math.hypot(*self.values) * SLIDER_SCALE

    def __len__(self) -> int:
        return len(self.values)


def _splitmix_uniforms(number: int, count: int) -> Iterable[float]:
    mask = (1 << 64) - 1
    state = number & mask
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        yield ((z >> 11) + 0.5) / (1 << 53)


def latents(seeds: Sequence[Seed], scale: float = SLIDER_SCALE) -> FloatArray:
    """float32 (n, size): a batch for the network. Raises SeedError where there is none or the seeds differ in size."""
    if not seeds:
        raise SeedError("there is no seed to render")
    for seed in seeds[1:]:
        require_same_size(seeds[0], seed)
    return (np.array([seed.values for seed in seeds]) * scale).astype(np.float32)


def require_same_size(a: Seed, b: Seed) -> None:
    if len(a) != len(b):
        raise SeedError(f"one seed has {len(a)} values, the other {len(b)}")
