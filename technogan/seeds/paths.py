"""Paths between seeds: interpolation, fades, pingpongs and random walks."""

import math

import numpy as np

from technogan.errors import SettingError
from technogan.seeds.seed import Seed, require_same_size

MAX_STEPS = 1024

# A standard normal vector of n values has the length sqrt(n) +- 0.7. Training covers the band of +-3 deviations.
_LENGTH_SLACK = 2.1


def lerp(start: Seed, end: Seed, position: float) -> Seed:
    """Interpolate linearly from `start` at position 0 to `end` at 1. Raises SeedError if their sizes differ."""
    require_same_size(start, end)
    if position in (0, 1):  # without rounding
        return end if position else start
    return Seed.clipped(a + (b - a) * position for a, b in zip(start.values, end.values, strict=True))


def slerp(start: Seed, end: Seed, position: float) -> Seed:
    """Interpolate as `lerp`, but along the arc between the seeds, so that direction and length both change evenly.

    Falls back to `lerp` if a seed is zero or the two are collinear. Source: Shoemake 1985.
    """
    require_same_size(start, end)
    a, b = np.asarray(start.values), np.asarray(end.values)
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if length_a == 0 or length_b == 0 or position in (0, 1):
        return lerp(start, end, position)
    angle = math.acos(float(np.clip(a @ b / (length_a * length_b), -1.0, 1.0)))
    if math.sin(angle) < 1e-6:
        return lerp(start, end, position)
    weight_a, weight_b = np.sin((1 - position) * angle), np.sin(position * angle)
    direction = (weight_a * a / length_a + weight_b * b / length_b) / np.sin(angle)
    return Seed.clipped(direction * (length_a + (length_b - length_a) * position))


def fade(start: Seed, end: Seed, steps: int, *, spherical: bool = False) -> list[Seed]:
    """Return `steps` seeds from start to end, both included; a single step is the start.

    Interpolates with `slerp` if `spherical`, else with `lerp`.

    Raises:
        SeedError: the seeds differ in size.
        SettingError: `steps` is not from 1 to MAX_STEPS.
    """
    check_steps(steps)
    interpolate = slerp if spherical else lerp
    return [interpolate(start, end, i / max(steps - 1, 1)) for i in range(steps)]


def pingpong(start: Seed, end: Seed, steps: int, *, spherical: bool = False) -> list[Seed]:
    """Return `steps` seeds from start to end and back, which close into a loop: the start is not repeated.

    Step k is at the position min(k, steps - k) / floor(steps / 2), so the end is reached in the middle. Interpolates
    with `slerp` if `spherical`, else with `lerp`.

    Raises:
        SeedError: the seeds differ in size.
        SettingError: `steps` is not from 1 to MAX_STEPS.
    """
    check_steps(steps)
    interpolate = slerp if spherical else lerp
    half = max(steps // 2, 1)
    return [interpolate(start, end, min(min(k, steps - k) / half, 1.0)) for k in range(steps)]


def walk(start: Seed, steps: int, morph: float, rng: np.random.Generator) -> list[Seed]:
    """Return a random walk of `steps` seeds from `start`: each is the one before, mutated by `morph` slider units.

    Raises SettingError if `steps` is not from 1 to MAX_STEPS, or `morph` is negative.
    """
    check_steps(steps)
    seeds = [start]
    while len(seeds) < steps:
        seeds.append(mutate(seeds[-1], morph, rng))
    return seeds


def mutate(seed: Seed, amount: float, rng: np.random.Generator) -> Seed:
    """Move every slider by a uniform random offset within +-amount slider units.

    If the length of the result is outside the band that training covers, sqrt(n) +- 2.1, the result is scaled to the
    nearer edge of the band, or to the length of `seed` if that is further out.
    Raises SettingError if the amount is negative or not finite.
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


def check_steps(steps: int) -> None:
    """Raise SettingError unless `steps` is a whole number from 1 to MAX_STEPS."""
    if not 1 <= steps <= MAX_STEPS or int(steps) != steps:
        raise SettingError("steps", steps, f"a whole number from 1 to {MAX_STEPS}")
