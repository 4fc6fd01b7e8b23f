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
import numpy.typing as npt

from technogan.errors import SeedError, SettingError

LATENT_SIZE = 64
SLIDER_MIN = -128
SLIDER_MAX = 127
SLIDER_SCALE = 3.0 / 128.0
MAX_STEPS = 1024

# A standard normal vector of n values has length sqrt(n) +- 0.7; +-3 of these is the band a network knows well.
_LENGTH_SLACK = 2.1

FloatArray = npt.NDArray[np.float32]


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


def lerp(start: Seed, end: Seed, position: float) -> Seed:
    """The seed at `position` (0 start .. 1 end) on the straight line between two seeds."""
    _same_size(start, end)
    return Seed.clipped(a + (b - a) * position for a, b in zip(start.values, end.values, strict=True))


def slerp(start: Seed, end: Seed, position: float) -> Seed:
    """As `lerp`, along the arc between the two directions, so that the length changes evenly too.

    Falls back to the straight line where a seed is zero or the two point the same or opposite ways. Source: Shoemake
    1985.
    """
    _same_size(start, end)
    a, b = np.asarray(start.values), np.asarray(end.values)
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if length_a == 0 or length_b == 0:
        return lerp(start, end, position)
    angle = math.acos(float(np.clip(a @ b / (length_a * length_b), -1.0, 1.0)))
    if math.sin(angle) < 1e-6:
        return lerp(start, end, position)
    direction = (np.sin((1 - position) * angle) * a / length_a + np.sin(position * angle) * b / length_b) / np.sin(
        angle
    )
    return Seed.clipped(direction * (length_a + (length_b - length_a) * position))


def fade(start: Seed, end: Seed, steps: int, *, spherical: bool = False) -> list[Seed]:
    """`steps` seeds from start to end, both included; one step gives the start."""
    check_steps(steps)
    between = slerp if spherical else lerp
    return [between(start, end, i / max(steps - 1, 1)) for i in range(steps)]


def pingpong(start: Seed, end: Seed, steps: int, *, spherical: bool = False) -> list[Seed]:
    """`steps` seeds from start to end and back, closing into a loop: the start is not repeated at the end.

    Step k sits at min(k, steps - k) / floor(steps / 2): the end seed is touched in the middle, never overshot.
    """
    check_steps(steps)
    between = slerp if spherical else lerp
    half = max(steps // 2, 1)
    return [between(start, end, min(min(k, steps - k) / half, 1.0)) for k in range(steps)]


def walk(start: Seed, steps: int, morph: float, rng: np.random.Generator) -> list[Seed]:
    """A random walk of `steps` seeds that begins at `start`; each is `mutate` of the one before."""
    check_steps(steps)
    seeds = [start]
    while len(seeds) < steps:
        seeds.append(mutate(seeds[-1], morph, rng))
    return seeds


def mutate(seed: Seed, amount: float, rng: np.random.Generator) -> Seed:
    """Move every slider by a uniform offset within +-amount slider units.

    A seed whose length leaves the band that networks know (sqrt(n) +- 2.1) is pulled back to its edge, or to the
    length it had if it was outside already. Raises SettingError for an amount below 0 or not finite.
    """
    if not (math.isfinite(amount) and amount >= 0):
        raise SettingError("morph", amount, "a number of slider units, 0 or more")
    values = np.asarray(seed.values)
    moved = Seed.clipped(values + rng.uniform(-amount, amount, len(values)))
    low = min(math.sqrt(len(seed)) - _LENGTH_SLACK, seed.length)
    high = max(math.sqrt(len(seed)) + _LENGTH_SLACK, seed.length)
    wanted = min(max(moved.length, low), high)
    if moved.length in (0.0, wanted):
        return moved
    return Seed.clipped(np.asarray(moved.values) * (wanted / moved.length))


def latents(seeds: Sequence[Seed], scale: float = SLIDER_SCALE) -> FloatArray:
    """float32 (n, size): a batch for the network. Raises SeedError where there is none or the seeds differ in size."""
    if not seeds:
        raise SeedError("there is no seed to render")
    for seed in seeds[1:]:
        _same_size(seeds[0], seed)
    return (np.array([seed.values for seed in seeds]) * scale).astype(np.float32)


def check_steps(steps: int) -> None:
    """Raises SettingError unless steps is a whole number from 1 to MAX_STEPS."""
    if not 1 <= steps <= MAX_STEPS or int(steps) != steps:
        raise SettingError("steps", steps, f"a whole number from 1 to {MAX_STEPS}")


def _same_size(a: Seed, b: Seed) -> None:
    if len(a) != len(b):
        raise SeedError(f"one seed has {len(a)} values, the other {len(b)}")
