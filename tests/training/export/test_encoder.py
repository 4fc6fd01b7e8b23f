"""The ONNX graphs of encoders give the same output as their Keras models."""

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.graphs.builder import OPSET  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.export.axes import rotate_encoder  # noqa: E402
from training.networks import network_names  # noqa: E402
from training.networks.encoder import build_encoder  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402
from training.networks.layers import weights_of  # noqa: E402
from training.onnx.encoder import build_encoder_onnx  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def make_encoder(definition):
    """Build an encoder without any weight that is still 0 or 1."""
    keras.utils.set_random_seed(1)
    model = build_encoder(definition)
    rng = np.random.default_rng(2)
    for weight in model.weights:
        if not weight.path.endswith("kernel"):
            weight.assign(0.5 + 0.2 * np.abs(rng.standard_normal(weight.shape)))
    return model


def make_images(definition, count=3):
    size = definition.format
    noise = np.random.default_rng(3).standard_normal((count, size.n_bins, size.n_frames), np.float32)
    return np.tanh(noise - 1)


def run_keras(model, images):
    return np.asarray(keras.ops.convert_to_numpy(model(images[..., np.newaxis])))


def run_onnx(definition, model, images, *, halved=False):
    return run_file(build_encoder_onnx(definition, weights_of(model), halved=halved), images)


def run_file(data, images):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images[:, np.newaxis]})[0]


@pytest.mark.parametrize("name", network_names())
def test_onnx_matches_keras_for_every_network(name):
    definition = small(name)
    model, images = make_encoder(definition), make_images(definition)
    expected = run_keras(model, images)
    assert expected.shape == (3, definition.latent_size)
    assert np.ptp(expected, axis=0).max() > 1e-3
    np.testing.assert_allclose(run_onnx(definition, model, images), expected, atol=1e-4)


@pytest.mark.parametrize("changes", [{"circular": False}, {"sub_pixel": 2}, {"kernels": (5, 5, 5, 5)}, {"slope": 0.0}])
def test_onnx_matches_keras_for_changed_definitions(changes):
    definition = small("beat")
    definition = dataclasses.replace(definition, discriminator=dataclasses.replace(definition.discriminator, **changes))
    model, images = make_encoder(definition), make_images(definition)
    np.testing.assert_allclose(run_onnx(definition, model, images), run_keras(model, images), atol=1e-4)


def test_the_encoder_of_a_rotated_generator_returns_rotated_latents():
    definition = small("beat")
    weights, images = weights_of(make_encoder(definition)), make_images(definition)
    rotation = np.linalg.qr(np.random.default_rng(4).standard_normal((64, 64)))[0].astype(np.float32)
    rotated = run_file(build_encoder_onnx(definition, rotate_encoder(weights, rotation), halved=False), images)
    original = run_file(build_encoder_onnx(definition, weights, halved=False), images)
    np.testing.assert_allclose(rotated @ rotation, original, atol=1e-4)


def test_16_bit_weights_halve_the_file():
    definition = small("beat")
    model, images = make_encoder(definition), make_images(definition)
    whole, halved = (build_encoder_onnx(definition, weights_of(model), halved=choice) for choice in (False, True))
    assert len(halved) < 0.55 * len(whole)
    difference = np.abs(run_onnx(definition, model, images, halved=True) - run_keras(model, images)).max()
    assert 0 < difference < 2e-2


def test_the_level_makes_no_difference():
    definition = small("beat")
    model, images = make_encoder(definition), make_images(definition)
    quiet = (images + 1) * np.float32(0.5) - 1
    np.testing.assert_allclose(run_keras(model, quiet), run_keras(model, images), atol=1e-4)


def test_silence_gives_finite_latents():
    definition = small("beat")
    assert np.isfinite(run_onnx(definition, make_encoder(definition), np.full((1, 320, 128), -1, np.float32))).all()


def test_rows_are_standardised_with_the_generators_statistics(rng):
    definition = small("beat")
    generator, encoder = build_generator(definition), build_encoder(definition)
    levels = np.linspace(0.6, 0.1, 320, dtype=np.float32)[:, np.newaxis]
    values = levels * (1 + 0.3 * rng.standard_normal((16, 320, 128)).astype(np.float32))
    images = 2 * values - 1
    generator.fit_rows(images)
    level = encoder.get_layer("level")
    level.copy_rows(generator)
    rows = np.asarray(keras.ops.convert_to_numpy(level(images[..., np.newaxis])))
    np.testing.assert_allclose(rows.mean(axis=(0, 2, 3)), 0, atol=0.05)
    assert 0.6 < rows.std(axis=(0, 2, 3)).min() < rows.std(axis=(0, 2, 3)).max() < 1.05


def test_time_is_circular():
    definition = small("beat")
    model, images = make_encoder(definition), make_images(definition, 1)
    convolutions = keras.Model(model.input, model.get_layer("block_3_normalisation").output)
    one, other = (run_keras(convolutions, np.roll(images, turn, axis=2)) for turn in (0, 32))
    np.testing.assert_allclose(np.roll(one, 32 // definition.discriminator.reduction, axis=2), other, atol=1e-4)


def test_the_file_states_its_opset():
    definition = small("beat")
    model = onnx.load_from_string(build_encoder_onnx(definition, weights_of(build_encoder(definition)), halved=True))
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
