"""Random distributions for voices, patterns and mixes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from technogan.arrays import FloatArray

T = TypeVar("T")

Span = tuple[float, float]


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number with uniform distribution."""
    return low + (high - low) * float(rng.random())


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number with log-uniform distribution, for frequencies, times and gains. Both bounds are > 0."""
    return float(low * (high / low) ** float(rng.random()))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with this probability."""
    return float(rng.random()) < probability


def choose(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """Choose one of several, each with the same probability."""
    return choices[int(rng.random() * len(choices))]


def choose_weighted(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """Choose a key with a probability in proportion to its weight."""
    aim = float(rng.random()) * sum(weights.values())
    for choice, weight in weights.items():
        aim -= weight
        if aim < 0:
            return choice
    return choice


def noise(rng: np.random.Generator, n_samples: int) -> FloatArray:
    """Return white noise of unit variance: float32 (n_samples,), at most a bar."""
    pool = _noise_pool()
    start = int(rng.random() * (len(pool) - n_samples))
    return pool[start : start + n_samples].copy()


@lru_cache(maxsize=1)
def _noise_pool() -> FloatArray:
    # Generating noise for each voice would take a sixth of the time of a bar.
    return np.random.default_rng(0).standard_normal(1 << 20, dtype=np.float32)
