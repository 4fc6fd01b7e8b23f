"""The effect of a model's sliders."""

from technogan.network.generator import Generator
from technogan.network.writing import write_bundle
from tests.networks import LATENT_SIZE, tiny_network, tiny_spec, weights
from training.evaluation.sliders import measure_sliders


def test_a_slider_without_effect_is_idle(tmp_path):
    matrix = weights()
    matrix[2] = 0
    network = tiny_network(batch="n", matrix=matrix)
    sliders = measure_sliders(Generator(write_bundle(network, tiny_spec(), tmp_path / "tiny.onnx")), 3)
    assert 3 in sliders.idle
    assert not sliders.balanced
    assert sliders.weakest == 0
    assert 0 < sliders.step < sliders.strongest / 16
    assert sliders.strongest < sliders.apart
    assert 0 <= sliders.within <= (LATENT_SIZE - 1) / LATENT_SIZE
