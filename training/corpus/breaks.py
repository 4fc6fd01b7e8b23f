"""Breakbeats: a drum loop in the manner of a sampled break, cut into slices that are put together in another order."""

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.drums import CymbalTimbre, cymbal, snare
from training.corpus.effects import hold_samples
from training.corpus.filters import filter_loop, high_pass, low_pass
from training.corpus.grid import N_SAMPLES, N_STEPS, STEP, place
from training.corpus.kicks import kick
from training.corpus.oscillators import normalise
from training.corpus.patterns import Groove, parse_pattern

# The bass drum, snare and hi-hat of a break.
BREAKS: tuple[tuple[str, str, str], ...] = (
    ("X.X.......xX....", "....X..o.o..X..o", "x.x.x.x.x.x.x.x."),
    ("X.......x.X.....", "....X..o....X..o", "x.x.x.x.x.x.x.x."),
    ("X..x..X...x.....", "....X..o.o..X...", "xoxoxoxoxoxoxoxo"),
    ("X.x...x...x..x..", "....X..o.ooxX..o", "xxx.xxx.xxx.xxx."),
    ("X......x.xX.....", "....X.......X.x.", "X.x.X.x.X.x.X.x."),
)
# Samples of a fade at a cut.
_FADE = 64


def render_break(rng: np.random.Generator, groove: Groove) -> FloatArray:
    """Render a break of one bar, in its order or rearranged: float32 (N_SAMPLES,), peak 1.

    Its bass drum is high-passed, so that it does not fight with the kick of the bar.
    """
    drum, head, metal = kick(rng, "soft", uniform(rng, 60, 95)), snare(rng), CymbalTimbre.random(rng, hiss=0.7)
    hat, level = cymbal(rng, metal, log_uniform(rng, 0.015, 0.06)), uniform(rng, 0.12, 0.4)
    loop = np.zeros(N_SAMPLES, np.float32)
    for text, sound, gain in zip(choose(rng, BREAKS), (drum, head, hat), (0.8, 0.8, level), strict=True):
        pattern = parse_pattern(text)
        for step in np.flatnonzero(pattern):
            late = groove.position(int(step)) + round(2 * float(rng.normal()) * groove.jitter)
            place(loop, sound, late, gain * float(pattern[step]) * uniform(rng, 0.8, 1.0))
    loop = np.tanh(uniform(rng, 1.0, 3.5) * loop)
    loop = filter_loop(loop, high_pass(log_uniform(rng, 70, 220)), low_pass(log_uniform(rng, 5000, 14000)))
    if chance(rng, 0.3):
        loop = hold_samples(loop, choose(rng, (2, 2, 4)))
    if chance(rng, 0.65):
        loop = rearrange(loop, draw_order(rng), backwards=rng.random(N_STEPS) < 0.06)
    return normalise(loop)


def draw_order(rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw an order of the sixteenths of a break in which some groups of two or four are moved or repeated."""
    order = np.arange(N_STEPS)
    for _ in range(int(rng.integers(1, 4))):
        n, source = choose(rng, (2, 2, 4)), 2 * int(rng.integers(N_STEPS // 2))
        start = 2 * int(rng.integers(1, N_STEPS // 2))
        places = np.arange(start, min(start + n, N_STEPS))
        order[places] = (source + places - start) % N_STEPS
    return order


def stutter_order(rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw an order of sixteenths whose last two or four steps repeat one or two others."""
    order = np.arange(N_STEPS)
    length, period = choose(rng, (2, 4, 4)), choose(rng, (1, 1, 2))
    start = N_STEPS - length
    order[start:] = (choose(rng, (0, 4, start)) + np.arange(length) % period) % N_STEPS
    return order


def rearrange(
    loop: FloatArray, order: npt.NDArray[np.int64], backwards: npt.NDArray[np.bool_] | None = None
) -> FloatArray:
    """Return a loop with its sixteenths in another order.

    Args:
        loop: float32 (N_SAMPLES,).
        order: (16,), the sixteenth that plays in each step.
        backwards: (16,), True for the steps that play backwards.
    """
    slices = loop.reshape(N_STEPS, STEP)[order]
    turned = np.zeros(N_STEPS, bool) if backwards is None else backwards
    slices[turned] = slices[turned, ::-1]
    # Cuts fade out and in, but neighbours that stay neighbours keep their transition.
    cut = (np.roll(order, -1) != (order + 1) % N_STEPS) | turned | np.roll(turned, -1)
    ramp = np.linspace(0, 1, _FADE, dtype=np.float32)
    slices[cut, -_FADE:] *= ramp[::-1]
    slices[np.roll(cut, 1), :_FADE] *= ramp
    return np.asarray(slices.reshape(-1), np.float32)
