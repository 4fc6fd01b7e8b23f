"""Step patterns, sixteen velocities from 0 to 1, and the groove that moves steps off the grid.

The characters of a written pattern are X for an accent, x for a hit, o for a ghost note and . for a rest. Templates
that a table lists several times are drawn more often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import chance, choose, uniform
from training.corpus.grid import N_STEPS, STEP

_VELOCITY = {"X": 1.0, "x": 0.8, "o": 0.35, ".": 0.0}

FOUR_TO_THE_FLOOR = (
    *4 * ("X...X...X...X...",),
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
    *3 * ("....X.......X...",),
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
    *3 * ("..X...X...X...X.",),
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
DUB_CHORDS = (
    "..x.............",
    "......x.........",
    "...x............",
    "..x.......x.....",
    "...x.......x....",
    "x..x............",
    "......x..o......",
    "..........x..o..",
)
OFFBEAT_BASSES = (
    *2 * ("..X...X...X...X.",),
    "..Xx..Xx..Xx..Xx",
    ".xXx.xXx.xXx.xXx",
    ".xxx.xxx.xxx.xxx",
    "..X...X...X..xX.",
    "..xX..xX..xX..xX",
)


@dataclass(frozen=True, slots=True)
class Groove:
    """The timing and accents of a bar.

    Attributes:
        swing: delay of odd sixteenths, in steps.
        jitter: standard deviation of the timing, samples.
        accents: float32 (16,), 0..1.
    """

    swing: float
    jitter: float
    accents: FloatArray

    @classmethod
    def random(cls, rng: np.random.Generator, most_swing: float) -> Groove:
        """Draw a groove: half of them are straight, the others swing by up to `most_swing` steps."""
        swing = uniform(rng, 0.04, most_swing) if chance(rng, 0.5) else 0.0
        period = choose(rng, (4, 4, 8, 16))
        accents = np.tile(rng.uniform(0.45, 1.0, period), N_STEPS // period).astype(np.float32)
        return cls(swing, uniform(rng, 0, 45), accents)

    def position(self, step: float) -> int:
        """Return the position of a step, or of a point between steps, in samples."""
        late = self.swing if int(step) % 2 else 0.0
        return round((step + late) * STEP)


def parse_pattern(text: str) -> FloatArray:
    """Parse a written pattern: float32 (16,)."""
    return np.array([_VELOCITY[character] for character in text], np.float32)


def euclid(hits: int, length: int = N_STEPS, rotation: int = 0) -> FloatArray:
    """Return a Euclidean rhythm: float32 (length,), 0 or 1. Source: Toussaint 2005."""
    steps = np.arange(length) * hits % length < hits
    return np.roll(steps.astype(np.float32), rotation)


def random_pattern(rng: np.random.Generator, density: float) -> FloatArray:
    """Draw a pattern whose second half often repeats the first: float32 (16,)."""
    pattern = np.where(rng.random(N_STEPS) < density, rng.uniform(0.5, 1.0, N_STEPS), 0.0)
    if chance(rng, 0.5):
        pattern[N_STEPS // 2 :] = pattern[: N_STEPS // 2]
    if not pattern.any():
        pattern[int(rng.integers(N_STEPS))] = 1.0
    return pattern.astype(np.float32)


def random_percussion(rng: np.random.Generator) -> FloatArray:
    """Draw a Euclidean, polymetric or random pattern: float32 (16,)."""
    kind = rng.random()
    if kind < 0.45:
        return euclid(choose(rng, (2, 3, 3, 4, 5, 5, 6, 7, 9)), N_STEPS, int(rng.integers(N_STEPS)))
    if kind < 0.7:
        length = choose(rng, (3, 3, 5, 6, 7, 10, 12))
        cycle = euclid(int(rng.integers(1, length // 2 + 1)), length)
        return np.roll(np.resize(cycle, N_STEPS), int(rng.integers(4)))
    return random_pattern(rng, uniform(rng, 0.08, 0.4))


def add_ghosts(rng: np.random.Generator, pattern: FloatArray, share: float, velocity: float) -> FloatArray:
    """Put ghost notes into a share of the rests."""
    ghosts = velocity * rng.uniform(0.5, 1.0, N_STEPS)
    return np.where((pattern == 0) & (rng.random(N_STEPS) < share), ghosts, pattern).astype(np.float32)


def mutate(rng: np.random.Generator, pattern: FloatArray, share: float) -> FloatArray:
    """Invert a share of the steps: hits become rests, and rests become hits. The pattern does not become empty."""
    mutated = np.where(rng.random(N_STEPS) < share, 0.8 * (pattern == 0), pattern).astype(np.float32)
    return mutated if mutated.any() else pattern


def answer(rng: np.random.Generator, call: FloatArray) -> FloatArray:
    """Return a phrase: the first half of a pattern, and a second half that answers it.

    The answer repeats the call with another end, later, or plays where the call rests.
    """
    half = N_STEPS // 2
    reply = call[:half].copy()
    kind = rng.random()
    if kind < 0.5:
        reply[half // 2 :] = np.roll(reply[half // 2 :], int(rng.integers(1, 4)))
    elif kind < 0.75:
        reply = np.roll(reply, choose(rng, (1, 2, 2, 3)))
    else:
        reply = np.where(reply > 0, 0, 0.8 * euclid(choose(rng, (2, 3)), half, int(rng.integers(half))))
    if not reply.any():
        return call
    return np.concatenate([call[:half], reply]).astype(np.float32)


def add_fill(rng: np.random.Generator, pattern: FloatArray) -> FloatArray:
    """Replace the last beat by a crescendo roll or by silence."""
    filled = pattern.copy()
    length = choose(rng, (2, 3, 4, 4))
    filled[-length:] = np.linspace(0.4, 1.0, length) if chance(rng, 0.65) else 0.0
    return filled
