"""The ONNX graphs of generators give the same output as their Keras models."""

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.graphs import optimise  # noqa: E402
from technogan.graphs.builder import OPSET  # noqa: E402
from tests.networks import STEMS  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.export.axes import rotate_generator  # noqa: E402
from training.networks import network_names  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402
from training.onnx.generator import build_generator_onnx  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def run_file(data, latents):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    images = session.run(None, {"latents": latents})[0]
    return images[:, 0] if images.shape[1] == 1 else images


def latents(count):
    return np.random.default_rng(0).standard_normal((count, 64)).astype(np.float32)


def make_generator(definition):
    """Build a generator without any weight that is still 0 or 1."""
    keras.utils.set_random_seed(1)
    model = build_generator(definition)
    rng = np.random.default_rng(2)
    for weight in model.inference_model.weights:
        if not weight.path.endswith(("kernel", "values")):
            weight.assign(0.2 + 0.2 * np.abs(rng.standard_normal(weight.shape)))
    return model


@pytest.mark.parametrize("name", network_names())
def test_onnx_matches_keras_for_every_network(name):
    definition = small(name)
    model = make_generator(definition)
    images = model.generate(latents(3))
    found = run_file(build_generator_onnx(definition, model.weights(), halved=False), latents(3))
    assert np.ptp(images) > 0.1
    np.testing.assert_allclose(found, images, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"noise": False},
        {"width": 0},
        {"position": False},
        {"circular": False},
        {"kernel": 5},
        {"normalised_base": True},
        {"sub_pixel": 2, "strides": (2, 2, 2, 2)},
        {"strides": (1, 4, 1, 2), "kernel": 5},
        {"strides": (2, 4, 1, 1), "kernel": 5, "circular": False},
        {"upsampling": "transposed", "kernel": 4, "noise": False},
    ],
)
def test_onnx_matches_keras_for_changed_definitions(changes):
    definition = small("beat", **changes)
    model = make_generator(definition)
    found = run_file(build_generator_onnx(definition, model.weights(), halved=False), latents(2))
    np.testing.assert_allclose(found, model.generate(latents(2)), atol=1e-4)


@pytest.mark.parametrize("stems", [STEMS[:2], STEMS])
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("beat", {}),
        ("beat", {"noise": False}),
        ("beat-256", {"sub_pixel": 2, "strides": (2, 2, 2, 2)}),
        ("prototype-128x256", {}),
    ],
)
def test_onnx_matches_keras_for_stems(name, changes, stems):
    definition = dataclasses.replace(small(name, **changes), stems=stems)
    model = make_generator(definition)
    images = model.generate(latents(2))
    found = run_file(build_generator_onnx(definition, model.weights(), halved=False), latents(2))
    assert images.shape[:2] == (2, len(stems))
    np.testing.assert_allclose(found, images, atol=1e-4)


@pytest.mark.parametrize("changes", [{}, {"width": 0}, {"normalised_base": True}])
def test_a_rotated_generator_gives_the_same_images_for_rotated_latents(changes):
    definition = small("bar", **changes)
    weights = make_generator(definition).weights()
    rotation = np.linalg.qr(np.random.default_rng(4).standard_normal((64, 64)))[0].astype(np.float32)
    rotated = build_generator_onnx(definition, rotate_generator(weights, rotation), halved=False)
    original = build_generator_onnx(definition, weights, halved=False)
    np.testing.assert_allclose(run_file(rotated, latents(2)), run_file(original, latents(2) @ rotation), atol=1e-4)
    assert np.abs(run_file(rotated, latents(2)) - run_file(original, latents(2))).max() > 1e-3


def test_16_bit_weights_halve_the_file_and_hardly_change_images():
    definition = small("beat", base_channels=64)
    keras.utils.set_random_seed(1)
    model = build_generator(definition)
    whole, halved = (build_generator_onnx(definition, model.weights(), halved=choice) for choice in (False, True))
    assert len(halved) < 0.55 * len(whole)
    assert 0 < np.abs(run_file(halved, latents(8)) - run_file(whole, latents(8))).max() < 5e-3


def test_transposed_convolutions_can_be_rewritten_for_speed():
    definition = small("prototype-128x256")
    model = make_generator(definition)
    fast, report = optimise.optimise(build_generator_onnx(definition, model.weights(), halved=False))
    assert "ConvTranspose" not in {node.op_type for node in onnx.load_from_string(fast).graph.node}, report
    np.testing.assert_allclose(run_file(fast, latents(2)), model.generate(latents(2)), atol=1e-4)


def test_the_file_states_its_opset():
    definition = small("beat")
    model = onnx.load_from_string(build_generator_onnx(definition, build_generator(definition).weights(), halved=True))
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]


def test_weights_round_trip():
    definition = small("beat")
    one, other = build_generator(definition), build_generator(definition)
    other.load(one.weights())
    np.testing.assert_array_equal(one.generate(latents(2)), other.generate(latents(2)))
