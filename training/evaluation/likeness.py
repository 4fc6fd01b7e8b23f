"""How two sets of points lie to each other: Frechet distance, precision and recall, density and coverage, spread.

Distances are taken some rows at a time, so memory stays flat however many points there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.evaluation.embedding import DoubleArray

NEIGHBOURS = 5
_ROWS = 512


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Shares 0..1, but density, which may pass 1.

    precision: of generated points within a real one's reach, its distance to its fifth-nearest fellow. recall: of real
    points within a generated one's reach. density: in how many reaches a generated point lies, over five. coverage: of
    real points with a generated one within their reach. Source: Kynkaanniemi et al. 2019; Naeem et al. 2020.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def frechet(a: DoubleArray, b: DoubleArray) -> float:
    """The Frechet distance between the normal distributions of two sets of points, float64 (n, axes), n >= 2."""
    return frechet_of_normals(a.mean(axis=0), _covariance(a), b.mean(axis=0), _covariance(b))


def frechet_of_normals(
    mean_a: DoubleArray, covariance_a: DoubleArray, mean_b: DoubleArray, covariance_b: DoubleArray
) -> float:
    """|mean_a - mean_b|^2 + trace(a + b - 2 (a b)^(1/2)), never below 0. Source: Dowson, Landau 1982.

    The root's trace is that of (s b s)^(1/2) with s = a^(1/2), which is symmetric: its eigenvalues do.
    """
    values, vectors = np.linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    product = root @ covariance_b @ root
    eigenvalues = np.linalg.eigvalsh((product + product.T) / 2)
    shared = np.sqrt(np.maximum(eigenvalues, 0)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(covariance_a) + np.trace(covariance_b) - 2 * shared
    return max(float(distance), 0.0)


def neighbourhood(real: DoubleArray, generated: DoubleArray, k: int = NEIGHBOURS) -> Neighbourhood:
    """Of two sets of points, float64 (n, axes), each with more than k."""
    real_reach, generated_reach = _reach(real, k), _reach(generated, k)
    hits = np.zeros(len(generated), np.intp)
    recalled, covered = 0, 0
    for rows, distances in _distances(real, generated):
        within = distances < real_reach[rows, np.newaxis]
        hits += within.sum(axis=0)
        covered += int(within.any(axis=1).sum())
        recalled += int((distances < generated_reach).any(axis=1).sum())
    return Neighbourhood(
        precision=float((hits > 0).mean()),
        recall=recalled / len(real),
        density=float(hits.mean()) / k,
        coverage=covered / len(real),
    )


def spread(points: DoubleArray) -> float:
    """The mean distance between two of the points, float64 (n, axes), n >= 2."""
    total = sum(float(distances.sum()) for _, distances in _distances(points, points))
    return total / (len(points) * (len(points) - 1))


def _covariance(points: DoubleArray) -> DoubleArray:
    centred = points - points.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(points) - 1))


def _reach(points: DoubleArray, k: int) -> DoubleArray:
    """The distance from each point to its k-th nearest fellow; nearest of all is the point itself."""
    return np.concatenate([np.partition(distances, k, axis=1)[:, k] for _, distances in _distances(points, points)])


def _distances(a: DoubleArray, b: DoubleArray) -> Iterator[tuple[slice, DoubleArray]]:
    squares = np.square(b).sum(axis=1)
    for start in range(0, len(a), _ROWS):
        rows = slice(start, start + _ROWS)
        squared = np.square(a[rows]).sum(axis=1)[:, np.newaxis] + squares - 2 * a[rows] @ b.T
        yield rows, np.sqrt(np.maximum(squared, 0))
