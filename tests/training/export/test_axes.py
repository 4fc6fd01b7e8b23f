"""A latent space that is turned so that every slider does something."""

import numpy as np

from technogan.network.generator import Generator
from technogan.network.writing import write_bundle
from tests.networks import tiny_network, tiny_spec, weights
from training.evaluation.sliders import SliderFigures, slider_figures
from training.export.axes import even_axes, shared_out


def figures(*effects):
    return SliderFigures(seeds=2, step=0.1, effects=effects, restart=0.5, apart=9.0, within=1.0)


def test_sliders_that_all_do_something_stay():
    assert shared_out(figures(1.01, 2.0, 4.0)) is None


def test_the_weakest_shares_with_the_strongest():
    rotation = shared_out(figures(3.0, 1.2, 5.0, 2.0, 0.1, 4.0))
    assert rotation is not None
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-6)
    mixed = {tuple(np.flatnonzero(row)) for row in rotation}
    assert mixed == {(0,), (2, 4), (1, 5), (3,)}
    np.testing.assert_allclose(np.abs(rotation[2, [2, 4]]), np.sqrt(0.5))


def test_where_all_are_weak_each_is_mixed_once():
    rotation = shared_out(figures(0.3, 0.1, 0.2, 0.4, 0.0))
    assert rotation is not None
    assert sorted(np.count_nonzero(rotation, axis=1)) == [1, 2, 2, 2, 2]


def test_a_generator_with_sliders_that_do_nothing_loses_them(tmp_path):
    matrix = weights()
    matrix[[2, 6]] = 0

    def generator(matrix):
        return Generator(write_bundle(tiny_network(batch="n", matrix=matrix), tiny_spec(), tmp_path / "tiny.onnx"))

    assert slider_figures(generator(matrix), 3).weakest == 0
    turned = slider_figures(generator(even_axes(generator(matrix)) @ matrix), 3)
    assert turned.weakest > 0.5 * turned.strongest
