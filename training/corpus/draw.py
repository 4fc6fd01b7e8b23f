"""Drawing lots: the few distributions that voices, patterns and mixes are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from technogan.arrays import FloatArray

T = TypeVar("T")

Span = tuple[float, float]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform."""
    return low + (high - low) * float(rng.random())


def scaled(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform in the logarithm: for frequencies, times and gains. Both bounds > 0."""
    return float(low * (high / low) ** float(rng.random()))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Whether something with this probability happens."""
    return float(rng.random()) < probability


def one_of(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of several, all equally likely."""
    return choices[int(rng.random() * len(choices))]


def weighted(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """One of several, each as likely as its weight says."""
    aim = float(rng.random()) * sum(weights.values())
    for choice, weight in weights.items():
        aim -= weight
        if aim < 0:
            return choice
    return choice


def noise(rng: np.random.Generator, n_samples: int) -> FloatArray:
    """White noise of unit variance, at most a bar. float32 (n_samples,)."""
    pool = _noise_pool()
    start = int(rng.random() * (len(pool) - n_samples))
    return pool[start : start + n_samples].copy()


@lru_cache(maxsize=1)
def _noise_pool() -> FloatArray:
    # Drawing noise anew would take a sixth of a bar's time; half a minute of it is enough to cut from.
    return np.random.default_rng(0).standard_normal(1 << 20, dtype=np.float32)
