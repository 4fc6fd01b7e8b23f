"""Compare two sets of points: Fréchet distance; precision, recall, density and coverage; mean pairwise distance.

Distances are computed in blocks of rows, so memory does not grow with the square of the number of points.
"""

from collections.abc import Iterator

import numpy as np

from training.evaluation.embedding import DoubleArray

NEIGHBOURS = 5
_ROWS_AT_ONCE = 512


def frechet_distance(a: DoubleArray, b: DoubleArray) -> float:
    """Return the Fréchet distance between normal distributions fitted to two sets, float64 (n, axes), n >= 2."""
    return frechet_distance_of_normals(a.mean(axis=0), _covariance(a), b.mean(axis=0), _covariance(b))


def frechet_distance_of_normals(
    mean_a: DoubleArray, covariance_a: DoubleArray, mean_b: DoubleArray, covariance_b: DoubleArray
) -> float:
    """Return |mean_a - mean_b|^2 + trace(a + b - 2 (a b)^(1/2)), at least 0. Source: Dowson, Landau 1982.

    The trace of (a b)^(1/2) equals that of (s b s)^(1/2) with s = a^(1/2), the sum of the roots of its eigenvalues.
    """
    values, vectors = np.linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    product = root @ covariance_b @ root
    eigenvalues = np.linalg.eigvalsh((product + product.T) / 2)
    root_trace = np.sqrt(np.maximum(eigenvalues, 0)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(covariance_a) + np.trace(covariance_b) - 2 * root_trace
    return max(float(distance), 0.0)


def compute_precision_recall(real: DoubleArray, generated: DoubleArray, k: int = NEIGHBOURS) -> dict[str, float]:
    """Return precision, recall, density and coverage of generated points, float64 (n, axes), n > k in both sets.

    The neighbourhood of a point is the ball that reaches to its k-th nearest neighbour in the same set. precision:
    share of generated points in the neighbourhood of a real point. recall: share of real points in the neighbourhood of
    a generated point. density: mean number of real neighbourhoods around a generated point, divided by k; may exceed 1.
    coverage: share of real points whose neighbourhood contains a generated point.
    Source: Kynkäänniemi et al. 2019; Naeem et al. 2020.
    """
    real_radii, generated_radii = _neighbour_distances(real, k), _neighbour_distances(generated, k)
    hits = np.zeros(len(generated), np.intp)
    recalled, covered = 0, 0
    for rows, distances in _distances(real, generated):
        within = distances < real_radii[rows, np.newaxis]
        hits += within.sum(axis=0)
        covered += int(within.any(axis=1).sum())
        recalled += int((distances < generated_radii).any(axis=1).sum())
    return {
        "precision": float((hits > 0).mean()),
        "recall": recalled / len(real),
        "density": float(hits.mean()) / k,
        "coverage": covered / len(real),
    }


def mean_pairwise_distance(points: DoubleArray) -> float:
    """Return the mean distance between all pairs of points, float64 (n, axes), n >= 2."""
    total = sum(float(distances.sum()) for _, distances in _distances(points, points))
    return total / (len(points) * (len(points) - 1))


def _covariance(points: DoubleArray) -> DoubleArray:
    centred = points - points.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(points) - 1))


def _neighbour_distances(points: DoubleArray, k: int) -> DoubleArray:
    """Return the distance from each point to its k-th nearest neighbour; index 0 is the point itself."""
    return np.concatenate([np.partition(distances, k, axis=1)[:, k] for _, distances in _distances(points, points)])


def _distances(a: DoubleArray, b: DoubleArray) -> Iterator[tuple[slice, DoubleArray]]:
    """Yield blocks of rows of `a`, and their distances to all points of `b`."""
    squares = np.square(b).sum(axis=1)
    for start in range(0, len(a), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        squared = np.square(a[rows]).sum(axis=1)[:, np.newaxis] + squares - 2 * a[rows] @ b.T
        yield rows, np.sqrt(np.maximum(squared, 0))
