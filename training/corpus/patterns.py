"""Rhythms on sixteenths: sixteen velocities, 0..1, and the groove that turns them into positions in the bar.

A pattern is written as sixteen characters: X accent, x stroke, o ghost, . rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import between, chance, one_of
from training.corpus.grid import N_STEPS, STEP

_VELOCITY = {"X": 1.0, "x": 0.8, "o": 0.35, ".": 0.0}

FOUR_TO_THE_FLOOR = (
    "X...X...X...X...",
    "X...X...X...X...",
    "X...X...X...X...",
    "X...X...X...X...",
    "X...X...X...X..x",
    "X...X...X...X.x.",
    "X...X...X..xX...",
    "X..oX...X..oX...",
    "X...X...X...X.oo",
)
BROKEN_KICKS = (
    "X.....x...X.....",
    "X..x..X...x..X..",
    "X.....X.x.....x.",
    "X..x......X.x...",
    "X.......X.x.....",
    "X.x...X...xX....",
    "X..x....X..x....",
    "X.....X.....X...",
    "X..X..X...X..X..",
    "X...x.....X..x..",
    "X.....xX..X.....",
    "X..x..X.X.......",
)
CLAPS = (
    "....X.......X...",
    "....X.......X...",
    "....X.......X...",
    "....X.......X..o",
    "....X..o....X...",
    "............X...",
    "....X.......X.x.",
    "....X.......Xoxo",
    "...X......X.....",
    "....X..x.o..X...",
    "....X...o.o.X..o",
)
OFFBEATS = (
    "..X...X...X...X.",
    "..X...X...X...X.",
    "..X...X...X...X.",
    "..X...X...X..xX.",
    "..X...X...X...Xx",
    "......X.......X.",
)
HATS = (
    "..X...X...X...X.",
    "x.X.x.X.x.X.x.X.",
    "xoXoxoXoxoXoxoXo",
    "xxXxxxXxxxXxxxXx",
    "x.Xxx.Xxx.Xxx.Xx",
    "..Xx..Xx..Xx..Xx",
    "xxX.xxX.xxX.xxX.",
    "..X...X...X..xX.",
    ".ox..ox..ox..oxx",
    "x..x..x..x..x.x.",
)
RIDES = ("X...X...X...X...", "X.x.X.x.X.x.X.x.", "..X...X...X...X.", "X..x..X..x..X.x.", "X.xxX.xxX.xxX.xx")
STABS = (
    "...X.......X....",
    "..X..X....X..X..",
    "......X.........",
    "..X.......X.....",
    "X..X..X..X..X...",
    "...X..x....X..x.",
    "....X..x....X..x",
    "..X...X...X...X.",
    "..X..x........x.",
    ".......X.....X..",
    "X.....X.........",
    "x.Xx..x.x.Xx..x.",
)
BASSES = (
    "..X...X...X...X.",
    ".xXx.xXx.xXx.xXx",
    "..Xx..Xx..Xx..Xx",
    "..x.X.x...x.X.xx",
    ".xx..xx..xx..xx.",
    "..X..x....X..x..",
    "x..x..x.x..x..x.",
    "..x...x..xx...x.",
    "X.....x...x.....",
)


@dataclass(frozen=True, slots=True)
class Groove:
    """How a bar leaves the grid.

    swing: steps by which odd sixteenths come late. jitter: samples. accents: float32 (16,), 0..1.
    """

    swing: float
    jitter: float
    accents: FloatArray

    @classmethod
    def drawn(cls, rng: np.random.Generator, most_swing: float) -> Groove:
        """Straight in half of the bars, else up to `most_swing`."""
        swing = between(rng, 0.04, most_swing) if chance(rng, 0.5) else 0.0
        period = one_of(rng, (4, 4, 8, 16))
        accents = np.tile(rng.uniform(0.45, 1.0, period), N_STEPS // period).astype(np.float32)
        return cls(swing, between(rng, 0, 45), accents)

    def position(self, step: float) -> int:
        """Where a step, or a point between steps, stands in the bar: samples."""
        late = self.swing if int(step) % 2 else 0.0
        return round((step + late) * STEP)


def template(text: str) -> FloatArray:
    """A pattern from its sixteen characters. float32 (16,)."""
    return np.array([_VELOCITY[character] for character in text], np.float32)


def euclid(hits: int, length: int = N_STEPS, rotation: int = 0) -> FloatArray:
    """`hits` strokes spread as evenly as `length` steps allow. float32 (length,), 0 or 1. Source: Toussaint 2005."""
    steps = np.arange(length) * hits % length < hits
    return np.roll(steps.astype(np.float32), rotation)


def polymeter(cycle: FloatArray) -> FloatArray:
    """A shorter pattern repeated until the bar is full and begins anew. float32 (16,)."""
    return np.resize(cycle, N_STEPS)


def scattered(rng: np.random.Generator, density: float) -> FloatArray:
    """Strokes at random; often the second half repeats the first. float32 (16,)."""
    pattern = np.where(rng.random(N_STEPS) < density, rng.uniform(0.5, 1.0, N_STEPS), 0.0)
    if chance(rng, 0.5):
        pattern[N_STEPS // 2 :] = pattern[: N_STEPS // 2]
    if not pattern.any():
        pattern[int(rng.integers(N_STEPS))] = 1.0
    return pattern.astype(np.float32)


def percussive(rng: np.random.Generator) -> FloatArray:
    """A pattern for percussion: Euclidean, polymetric or scattered. float32 (16,)."""
    kind = rng.random()
    if kind < 0.45:
        return euclid(one_of(rng, (2, 3, 3, 4, 5, 5, 6, 7, 9)), N_STEPS, int(rng.integers(N_STEPS)))
    if kind < 0.7:
        length = one_of(rng, (3, 3, 5, 6, 7, 10, 12))
        return np.roll(polymeter(euclid(int(rng.integers(1, length // 2 + 1)), length)), int(rng.integers(4)))
    return scattered(rng, between(rng, 0.08, 0.4))


def with_ghosts(rng: np.random.Generator, pattern: FloatArray, share: float, velocity: float) -> FloatArray:
    """Soft strokes in a share of the rests."""
    ghosts = velocity * rng.uniform(0.5, 1.0, N_STEPS)
    return np.where((pattern == 0) & (rng.random(N_STEPS) < share), ghosts, pattern).astype(np.float32)


def mutated(rng: np.random.Generator, pattern: FloatArray, share: float) -> FloatArray:
    """A share of the steps turned over, strokes to rests and rests to strokes."""
    return np.where(rng.random(N_STEPS) < share, 0.8 * (pattern == 0), pattern).astype(np.float32)


def with_fill(rng: np.random.Generator, pattern: FloatArray) -> FloatArray:
    """Something happening in the last beat: a roll that swells, or a break."""
    filled = pattern.copy()
    length = one_of(rng, (2, 3, 4, 4))
    filled[-length:] = np.linspace(0.4, 1.0, length) if chance(rng, 0.65) else 0.0
    return filled
