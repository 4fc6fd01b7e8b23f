"""Distances between sets of points, each against its definition."""

import math

import numpy as np
import pytest

from training.evaluation.distances import (
    compute_precision_recall,
    frechet_distance,
    frechet_distance_of_normals,
    mean_pairwise_distance,
)


def column(*values):
    return np.array(values, np.float64)[:, np.newaxis]


def test_frechet_distance_of_normals_with_equal_axes():
    a, b = np.array([4.0, 9.0, 1.0]), np.array([1.0, 25.0, 1.0])
    distance = frechet_distance_of_normals(np.array([1.0, 2.0, 3.0]), np.diag(a), np.array([1.0, 0.0, 3.0]), np.diag(b))
    assert distance == pytest.approx(4 + np.square(np.sqrt(a) - np.sqrt(b)).sum())


def test_frechet_distance_of_normals_with_different_axes():
    a, b = np.array([[4.0, 1.5], [1.5, 1.0]]), np.array([[1.0, -0.5], [-0.5, 3.0]])
    # The trace of the root of a 2 x 2 matrix with eigenvalues p and q: (sqrt p + sqrt q)^2 = p + q + 2 sqrt(p q).
    shared = math.sqrt(np.trace(a @ b) + 2 * math.sqrt(np.linalg.det(a @ b)))
    expected = np.trace(a) + np.trace(b) - 2 * shared
    assert frechet_distance_of_normals(np.zeros(2), a, np.zeros(2), b) == pytest.approx(expected)
    assert frechet_distance_of_normals(np.zeros(2), b, np.zeros(2), a) == pytest.approx(expected)


def test_frechet_distance_of_points(rng):
    points = rng.standard_normal((40, 96))
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-4)
    assert frechet_distance(points, points[::-1] + 0.5) == pytest.approx(96 * 0.25, abs=1e-4)
    assert frechet_distance(points, 3 * points) == pytest.approx(
        4 * (np.square(points.mean(axis=0)).sum() + points.var(axis=0, ddof=1).sum()), rel=1e-6
    )


def test_precision_recall_by_hand():
    scores = compute_precision_recall(column(0, 1, 2), column(0.5, 10, 11.25), k=1)
    # The neighbourhoods of real points have radius 1, those of the generated ones 9.5, 1.25 and 1.25.
    assert scores == pytest.approx({"precision": 1 / 3, "recall": 1, "coverage": 2 / 3, "density": 2 / 3})


def test_precision_recall_of_equal_disjoint_and_repeated_sets(rng):
    points = rng.standard_normal((1200, 8))
    equal = compute_precision_recall(points, points)
    assert (equal["precision"], equal["recall"], equal["coverage"]) == (1, 1, 1)
    disjoint = compute_precision_recall(points, points + 100)
    assert set(disjoint.values()) == {0}
    few = compute_precision_recall(points, np.repeat(points[:12], 100, axis=0))
    assert few["precision"] == 1
    assert few["recall"] <= 12 / 1200
    assert few["coverage"] < 0.2


def test_precision_recall_of_many_points(rng):
    real, generated = rng.standard_normal((1100, 3)), rng.standard_normal((700, 3)) * 1.5
    between = np.linalg.norm(real[:, np.newaxis] - generated, axis=2)
    real_radii = np.sort(np.linalg.norm(real[:, np.newaxis] - real, axis=2))[:, 5]
    generated_radii = np.sort(np.linalg.norm(generated[:, np.newaxis] - generated, axis=2))[:, 5]
    scores = compute_precision_recall(real, generated)
    within = between < real_radii[:, np.newaxis]
    assert scores["precision"] == within.any(axis=0).mean()
    assert scores["coverage"] == within.any(axis=1).mean()
    assert scores["density"] == pytest.approx(within.sum(axis=0).mean() / 5)
    assert scores["recall"] == (between < generated_radii).any(axis=1).mean()


def test_mean_pairwise_distance():
    assert mean_pairwise_distance(column(0, 1, 3)) == pytest.approx(2)
    assert mean_pairwise_distance(column(7, 7, 7)) == 0
