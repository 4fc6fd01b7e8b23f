"""Latent directions with names: fitted to the images of random latents, and measured on others."""

import dataclasses

import numpy as np

from technogan.network.generator import Generator
from technogan.network.writing import write_bundle
from tests.networks import LATENT_SIZE, tiny_network, tiny_spec
from training.evaluation.descriptors import NAMES
from training.evaluation.directions import find_directions, measure_directions


def write_generator(path, directions=()):
    spec = dataclasses.replace(tiny_spec(), directions=directions)
    return Generator(write_bundle(tiny_network(batch="n"), spec, path))


def test_directions_raise_their_descriptors(tmp_path):
    directions = find_directions(write_generator(tmp_path / "plain.onnx"), 200)
    assert [direction.name for direction in directions] == list(NAMES)
    vectors = np.array([direction.vector for direction in directions])
    assert vectors.shape == (len(NAMES), LATENT_SIZE)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    effects = measure_directions(write_generator(tmp_path / "directed.onnx", directions), 50)
    assert [effect.name for effect in effects] == list(NAMES)
    assert max(effect.effect for effect in effects) > 0.5
    assert all(0 < effect.purity <= 1 for effect in effects)


def test_a_model_without_directions_has_no_effects(tmp_path):
    assert measure_directions(write_generator(tmp_path / "plain.onnx"), 2) == ()
