"""Paths from seed to seed: interpolation, fades, pingpongs and random walks."""

from __future__ import annotations

import math

import numpy as np

from technogan.errors import SettingError
from technogan.seeds.seed import Seed, require_same_size

MAX_STEPS = 1024


# A standard normal vector of n values has length sqrt(n) +- 0.7; +-3 of these is the band a network knows well.
_LENGTH_SLACK = 2.1


def lerp(start: Seed, end: Seed, position: float) -> Seed:
    """The seed at `position` (0 start .. 1 end) on the straight line between two seeds."""
    require_same_size(start, end)
    return Seed.clipped(a + (b - a) * position for a, b in zip(start.values, end.values, strict=True))


def slerp(start: Seed, end: Seed, position: float) -> Seed:
    """As `lerp`, along the arc between the two directions, so that the length changes evenly too.

    Falls back to the straight line where a seed is zero or the two point the same or opposite ways. Source: Shoemake
    1985.
    """
    require_same_size(start, end)
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


def check_steps(steps: int) -> None:
    """Raises SettingError unless steps is a whole number from 1 to MAX_STEPS."""
    if not 1 <= steps <= MAX_STEPS or int(steps) != steps:
        raise SettingError("steps", steps, f"a whole number from 1 to {MAX_STEPS}")
