"""Seeds: the slider values, 64 in most models, that a loop is rendered from.

Values are in slider units, -128 to 127; latent = slider * 3 / 128. Networks are trained on standard normal latents, so
a random seed is a rounded normal. Uniform values would give a vector nearly twice as long as those in training.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True, init=False)
class Seed:
    """The slider values of a loop, as a tuple of floats: immutable, hashable and comparable.

    Args:
        values: any iterable of finite numbers from SLIDER_MIN to SLIDER_MAX, such as a list or a NumPy array.
        size: the required number of values; None accepts any number above 0.

    Raises:
        SeedError: the number of values is wrong, or a value is not a number or out of range.
    """

    values: tuple[float, ...]

    def __init__(self, values: Iterable[float], size: int | None = None) -> None:
        numbers = tuple(_to_number(i, value) for i, value in enumerate(values))
        if size is not None and len(numbers) != size:
            raise SeedError(f"expected a seed of {size} values, got {len(numbers)}")
        if not numbers:
            raise SeedError("a seed needs at least one value")
        object.__setattr__(self, "values", numbers)

    @classmethod
    def of(cls, values: Iterable[float], size: int | None = None) -> Self:
        """Return `Seed(values, size)`."""
        return cls(values, size)

    @classmethod
    def clipped(cls, values: Iterable[float]) -> Self:
        """Return a seed of these values, clipped to the range of the sliders. Raises SeedError for NaN."""
        return cls(min(max(float(value), SLIDER_MIN), SLIDER_MAX) for value in values)

    @classmethod
    def random(cls, rng: np.random.Generator, size: int = LATENT_SIZE) -> Self:
        """Draw a seed of normally distributed values, rounded to whole slider steps."""
        return cls.clipped(np.round(rng.standard_normal(size) / SLIDER_SCALE))

    @classmethod
    def from_integer(cls, number: int, size: int = LATENT_SIZE) -> Self:
        """Expand a whole number into a seed, the same in every version and on every machine.

        Value i is computed from the i-th output u of SplitMix64 with the state `number` modulo 2**64. The uniform
        (u >> 11 + 0.5) / 2**53 goes through the inverse normal distribution, times 128 / 3, and is rounded and clipped.

        Source: Steele, Lea, Flood 2014.
        """
        normal = NormalDist()
        return cls.clipped(round(normal.inv_cdf(u) / SLIDER_SCALE) for u in _splitmix_uniforms(number, size))

    @property
    def length(self) -> float:
        """The Euclidean length in latent units; near 8 for a random seed of 64 values."""
        return math.hypot(*self.values) * SLIDER_SCALE

    def __len__(self) -> int:
        return len(self.values)


def _to_number(index: int, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise SeedError(f"seed value {index + 1} is {value!r}; it must be a number") from error
    if not math.isfinite(number):
        raise SeedError(f"seed value {index + 1} is {number}; it must be a finite number")
    if not SLIDER_MIN <= number <= SLIDER_MAX:
        raise SeedError(f"seed value {index + 1} is {number:g}; it must be from {SLIDER_MIN} to {SLIDER_MAX}")
    return number


def _splitmix_uniforms(number: int, count: int) -> Iterator[float]:
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
    """Return a batch of latents for the network: float32 (n_seeds, size).

    Args:
        seeds: one or more seeds of the same size.
        scale: latent units per slider step.

    Raises:
        SeedError: there is no seed, or the seeds differ in size.
    """
    require_seeds(seeds)
    for seed in seeds[1:]:
        require_same_size(seeds[0], seed)
    return (np.array([seed.values for seed in seeds]) * scale).astype(np.float32)


def require_seeds(seeds: Sequence[Seed]) -> None:
    """Raise SeedError if there are no seeds."""
    if not seeds:
        raise SeedError("no seed to render: the list is empty")


def require_same_size(a: Seed, b: Seed) -> None:
    """Raise SeedError if the seeds have different numbers of values."""
    if len(a) != len(b):
        raise SeedError(f"one seed has {len(a)} values, the other {len(b)}")
