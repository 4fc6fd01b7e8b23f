"""Latent directions with names: each raises one descriptor of the loops and changes the others little.

Descriptors are regressed on latents (ridge regression). The directions are the regularised pseudo-inverse of that map:
among all moves that raise one descriptor by one standard deviation, the shortest that leaves the others as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.network.generator import Generator
from technogan.network.spec import Direction
from technogan.progress import Progress, ignore_progress
from training.evaluation.descriptors import NAMES, Descriptors
from training.evaluation.embedding import DoubleArray

FIT_SEEDS, TEST_SEEDS = 2000, 200
_FIT_STREAM, _TEST_STREAM = 1, 2
_RIDGE = 0.05
_INVERSE_RIDGE = 0.05
# Loops are compared before and after a move of this length, in standard deviations of a latent.
_MOVE = 2.0


@dataclass(frozen=True, slots=True)
class DirectionEffect:
    """The effect of a move of two standard deviations along a direction, over many seeds.

    Attributes:
        name: the direction's name.
        effect: mean change of its own descriptor, in standard deviations over random loops.
        purity: |effect| as a share of the norm of the changes of all descriptors, 0 to 1.
        agreement: share of seeds whose descriptor rises.
    """

    name: str
    effect: float
    purity: float
    agreement: float


def find_directions(
    generator: Generator, seeds: int = FIT_SEEDS, *, progress: Progress = ignore_progress
) -> tuple[Direction, ...]:
    """Return a direction for each descriptor, fitted to the images of random latents.

    seeds: number of random latents. progress: called with the share that is done.
    """
    latents = _draw(generator, seeds, _FIT_STREAM)
    values = _measure(generator, latents, progress)
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    gram = latents.T @ latents + _RIDGE * seeds * np.eye(latents.shape[1])
    slopes = np.linalg.solve(gram, latents.T @ scaled).T
    inner = slopes @ slopes.T
    inverse = np.linalg.inv(inner + _INVERSE_RIDGE * np.trace(inner) / len(inner) * np.eye(len(inner)))
    vectors = (slopes.T @ inverse).T
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return tuple(Direction(name, tuple(map(float, v.round(5)))) for name, v in zip(NAMES, vectors, strict=True))


def measure_directions(
    generator: Generator, seeds: int = TEST_SEEDS, *, progress: Progress = ignore_progress
) -> tuple[DirectionEffect, ...]:
    """Measure the directions of a model on other random latents than they were fitted to; empty if it has none."""
    directions = {direction.name: direction.vector for direction in generator.spec.directions}
    named = [name for name in NAMES if name in directions]
    if not named:
        return ()
    latents = _draw(generator, seeds, _TEST_STREAM)
    before = _measure(generator, latents)
    deviations = np.maximum(before.std(axis=0), 1e-9)
    effects = []
    for done, name in enumerate(named, 1):
        moved = latents + _MOVE * np.array(directions[name], np.float32)
        changes = (_measure(generator, moved) - before) / deviations
        own, mean = NAMES.index(name), changes.mean(axis=0)
        purity = abs(mean[own]) / max(float(np.linalg.norm(mean)), 1e-9)
        effects.append(DirectionEffect(name, float(mean[own]), float(purity), float((changes[:, own] > 0).mean())))
        progress(done, len(named))
    return tuple(effects)


def _draw(generator: Generator, count: int, stream: int) -> FloatArray:
    return np.random.default_rng([stream, count]).standard_normal((count, generator.spec.latent_size), np.float32)


def _measure(generator: Generator, latents: FloatArray, progress: Progress = ignore_progress) -> DoubleArray:
    """Return the descriptors of the images of latents: float64 (n, 8)."""

    def generate() -> Iterator[FloatArray]:
        for start in range(0, len(latents), generator.batch_size):
            yield generator.generate(latents[start : start + generator.batch_size])
            progress(min(start + generator.batch_size, len(latents)), len(latents))

    return Descriptors(generator.spec.format, generator.spec.stems).measure(generate())
