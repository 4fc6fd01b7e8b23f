"""Rotations of the latent space that give every slider an effect."""

import numpy as np

from technogan.network.generator import Generator
from technogan.network.writing import write_bundle
from tests.networks import tiny_network, tiny_spec, weights
from training.evaluation.sliders import SliderEffects, measure_sliders
from training.export.axes import find_rotation, pair_sliders


def sliders(*effects):
    return SliderEffects(seeds=2, step=0.1, effects=effects, restart=0.5, apart=9.0, within=1.0)


def test_no_rotation_if_all_sliders_have_an_effect():
    assert pair_sliders(sliders(1.01, 2.0, 4.0)) is None


def test_the_weakest_slider_is_paired_with_the_strongest():
    rotation = pair_sliders(sliders(3.0, 1.2, 5.0, 2.0, 0.1, 4.0))
    assert rotation is not None
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-6)
    mixed = {tuple(np.flatnonzero(row)) for row in rotation}
    assert mixed == {(0,), (2, 4), (1, 5), (3,)}
    np.testing.assert_allclose(np.abs(rotation[2, [2, 4]]), np.sqrt(0.5))


def test_every_slider_is_paired_at_most_once():
    rotation = pair_sliders(sliders(0.3, 0.1, 0.2, 0.4, 0.0))
    assert rotation is not None
    assert sorted(np.count_nonzero(rotation, axis=1)) == [1, 2, 2, 2, 2]


def test_no_slider_is_idle_after_the_rotation(tmp_path):
    matrix = weights()
    matrix[[2, 6]] = 0

    def generator(matrix):
        return Generator(write_bundle(tiny_network(batch="n", matrix=matrix), tiny_spec(), tmp_path / "tiny.onnx"))

    assert measure_sliders(generator(matrix), 3).weakest == 0
    rotated = measure_sliders(generator(find_rotation(generator(matrix)) @ matrix), 3)
    assert rotated.weakest > 0.5 * rotated.strongest
