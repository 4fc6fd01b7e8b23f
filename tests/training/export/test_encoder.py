"""Encoders' ONNX graphs against the Keras models that they are made of."""

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.graphs.builder import OPSET  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.export.axes import turned_encoder  # noqa: E402
from training.networks import network_names  # noqa: E402
from training.networks.encoder import build_encoder  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402
from training.networks.layers import weights_of  # noqa: E402
from training.onnx.encoder import encoder_onnx  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def learned(definition):
    """An encoder none of whose weights is what it was at first, so that each of them shows."""
    keras.utils.set_random_seed(1)
    model = build_encoder(definition)
    rng = np.random.default_rng(2)
    for weight in model.weights:
        if not weight.path.endswith("kernel"):
            weight.assign(0.5 + 0.2 * np.abs(rng.standard_normal(weight.shape)))
    return model


def pictures(definition, count=3):
    size = definition.format
    noise = np.random.default_rng(3).standard_normal((count, size.n_bins, size.n_frames), np.float32)
    return np.tanh(noise - 1)


def by_keras(model, images):
    return np.asarray(keras.ops.convert_to_numpy(model(images[..., np.newaxis])))


def by_onnx(definition, model, images, *, halved=False):
    return played(encoder_onnx(definition, weights_of(model), halved=halved), images)


def played(data, images):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images[:, np.newaxis]})[0]


@pytest.mark.parametrize("name", network_names())
def test_every_networks_encoder_does_in_onnx_what_it_does_in_keras(name):
    definition = small(name)
    model, images = learned(definition), pictures(definition)
    expected = by_keras(model, images)
    assert expected.shape == (3, definition.latent_size)
    assert np.ptp(expected, axis=0).max() > 1e-3
    np.testing.assert_allclose(by_onnx(definition, model, images), expected, atol=1e-4)


@pytest.mark.parametrize("changes", [{"circular": False}, {"sub_pixel": 2}, {"kernels": (5, 5, 5, 5)}, {"slope": 0.0}])
def test_every_part_that_a_definition_can_change(changes):
    definition = small("beat")
    definition = dataclasses.replace(definition, discriminator=dataclasses.replace(definition.discriminator, **changes))
    model, images = learned(definition), pictures(definition)
    np.testing.assert_allclose(by_onnx(definition, model, images), by_keras(model, images), atol=1e-4)


def test_the_encoder_of_a_turned_generator_gives_what_that_one_takes():
    definition = small("beat")
    weights, images = weights_of(learned(definition)), pictures(definition)
    rotation = np.linalg.qr(np.random.default_rng(4).standard_normal((64, 64)))[0].astype(np.float32)
    turned = played(encoder_onnx(definition, turned_encoder(weights, rotation), halved=False), images)
    as_it_was = played(encoder_onnx(definition, weights, halved=False), images)
    np.testing.assert_allclose(turned @ rotation, as_it_was, atol=1e-4)


def test_weights_in_16_bits_are_half_the_file():
    definition = small("beat")
    model, images = learned(definition), pictures(definition)
    whole, halved = (encoder_onnx(definition, weights_of(model), halved=choice) for choice in (False, True))
    assert len(halved) < 0.55 * len(whole)
    difference = np.abs(by_onnx(definition, model, images, halved=True) - by_keras(model, images)).max()
    assert 0 < difference < 2e-2


def test_how_loud_a_picture_is_makes_no_difference():
    definition = small("beat")
    model, images = learned(definition), pictures(definition)
    quiet = (images + 1) * np.float32(0.5) - 1
    np.testing.assert_allclose(by_keras(model, quiet), by_keras(model, images), atol=1e-4)


def test_silence_gives_numbers():
    definition = small("beat")
    assert np.isfinite(by_onnx(definition, learned(definition), np.full((1, 256, 128), -1, np.float32))).all()


def test_rows_are_standardised_as_the_generator_knows_them(rng):
    definition = small("beat")
    generator, encoder = build_generator(definition), build_encoder(definition)
    levels = np.linspace(0.6, 0.1, 256, dtype=np.float32)[:, np.newaxis]
    values = levels * (1 + 0.3 * rng.standard_normal((16, 256, 128)).astype(np.float32))
    images = 2 * values - 1
    generator.learn_rows(images)
    level = encoder.get_layer("level")
    level.learn(generator)
    rows = np.asarray(keras.ops.convert_to_numpy(level(images[..., np.newaxis])))
    np.testing.assert_allclose(rows.mean(axis=(0, 2, 3)), 0, atol=0.05)
    assert 0.6 < rows.std(axis=(0, 2, 3)).min() < rows.std(axis=(0, 2, 3)).max() < 1.05


def test_time_is_a_circle():
    definition = small("beat")
    model, images = learned(definition), pictures(definition, 1)
    convolutions = keras.Model(model.input, model.get_layer("block_3_normalisation").output)
    one, other = (by_keras(convolutions, np.roll(images, turn, axis=2)) for turn in (0, 32))
    np.testing.assert_allclose(np.roll(one, 32 // definition.discriminator.reduction, axis=2), other, atol=1e-4)


def test_the_file_states_its_opset():
    definition = small("beat")
    model = onnx.load_from_string(encoder_onnx(definition, weights_of(build_encoder(definition)), halved=True))
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
