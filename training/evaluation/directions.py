"""Latent directions with names: each raises one descriptor of the loops and changes the others little.

Descriptors are regressed on latents (ridge regression). The directions are the regularised pseudo-inverse of that map:
among all moves that raise one descriptor by one standard deviation, the shortest that leaves the others as they are.
"""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.network.generator import Generator
from technogan.network.spec import Direction
from training.evaluation.batches import generate_batches
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

    effect: mean change of its own descriptor, in standard deviations over random loops. purity: |effect| as a share of
    the norm of the changes of all descriptors, 0 to 1. agreement: share of seeds whose descriptor rises.
    """

    name: str
    effect: float
    purity: float
    agreement: float


def find_directions(generator: Generator, seeds: int = FIT_SEEDS) -> tuple[Direction, ...]:
    """Return a direction for each descriptor, fitted to the images of this many random latents."""
    latents = _draw(generator, seeds, _FIT_STREAM)
    values = _measure(generator, latents)
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    gram = latents.T @ latents + _RIDGE * seeds * np.eye(latents.shape[1])
    slopes = np.linalg.solve(gram, latents.T @ scaled).T
    inner = slopes @ slopes.T
    inverse = np.linalg.inv(inner + _INVERSE_RIDGE * np.trace(inner) / len(inner) * np.eye(len(inner)))
    vectors = (slopes.T @ inverse).T
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return tuple(Direction(name, tuple(map(float, v.round(5)))) for name, v in zip(NAMES, vectors, strict=True))


def measure_directions(generator: Generator, seeds: int = TEST_SEEDS) -> tuple[DirectionEffect, ...]:
    """Measure the directions of a model on other random latents than they were fitted to; empty if it has none."""
    directions = {direction.name: direction.vector for direction in generator.spec.directions}
    named = [name for name in NAMES if name in directions]
    if not named:
        return ()
    latents = _draw(generator, seeds, _TEST_STREAM)
    before = _measure(generator, latents)
    deviations = np.maximum(before.std(axis=0), 1e-9)
    effects = []
    for name in named:
        moved = latents + _MOVE * np.array(directions[name], np.float32)
        changes = (_measure(generator, moved) - before) / deviations
        own, mean = NAMES.index(name), changes.mean(axis=0)
        purity = abs(mean[own]) / max(float(np.linalg.norm(mean)), 1e-9)
        effects.append(DirectionEffect(name, float(mean[own]), float(purity), float((changes[:, own] > 0).mean())))
    return tuple(effects)


def _draw(generator: Generator, count: int, stream: int) -> FloatArray:
    return np.random.default_rng([stream, count]).standard_normal((count, generator.spec.latent_size), np.float32)


def _measure(generator: Generator, latents: FloatArray) -> DoubleArray:
    """Return the descriptors of the images of latents: float64 (n, 8)."""
    return Descriptors(generator.spec.format, generator.spec.stems).measure(generate_batches(generator, latents))
