import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.errors import SpecMismatch  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.learning.transfer import (  # noqa: E402
    require_compatible,
    transfer_discriminator,
    transfer_generator,
)
from training.networks.discriminator import build_discriminator  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402
from training.networks.layers import load_weights, weights_of  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def latents():
    return np.random.default_rng(0).standard_normal((2, 64)).astype(np.float32)


def make_generator(name):
    """Build a generator with random biases."""
    keras.utils.set_random_seed(1)
    model = build_generator(small(name))
    rng = np.random.default_rng(1)
    for weight in model.inference_model.weights:
        if weight.path.endswith(("bias", "rows", "moments")):
            weight.assign(0.3 * rng.standard_normal(weight.shape))
    return model


def make_child(name, parent):
    child = build_generator(small(name))
    child.load(transfer_generator(child.definition, parent.definition, child.weights(), parent.weights()))
    return child


def means(model):
    """Return images without speckle."""
    return np.asarray(keras.ops.convert_to_numpy(model(latents(), np.zeros((1, 320, frames(model), 1)))))[..., 0]


def frames(model):
    return model.definition.format.n_frames


@pytest.mark.parametrize(
    ("name", "parent", "share"), [("half", "bar", 1e-4), ("beat", "bar", 0.3), ("beat", "half", 0.3)]
)
def test_a_shorter_network_generates_the_beginning_of_the_longer_loop(name, parent, share):
    longer = make_generator(parent)
    shorter = make_child(name, longer)
    inner = slice(frames(shorter) // 3, frames(shorter) * 2 // 3)
    expected = means(longer)[:, :, : frames(shorter)][:, :, inner]
    # The base of a beat is so short that the effect of its seam reaches everywhere.
    error = means(shorter)[:, :, inner] - expected
    assert np.sqrt(np.mean(error**2)) < share * np.std(expected)


@pytest.mark.parametrize(("name", "parent"), [("bar", "beat"), ("half", "beat"), ("bar", "half")])
def test_a_longer_network_repeats_the_shorter_loop(name, parent):
    shorter = make_generator(parent)
    longer = make_child(name, shorter)
    expected = np.tile(means(shorter), (1, 1, frames(longer) // frames(shorter)))
    np.testing.assert_allclose(means(longer), expected, atol=1e-4)


def test_a_discriminator_takes_weights_that_do_not_depend_on_the_length():
    parent, child = (build_discriminator(small(name)) for name in ("bar", "half"))
    before = weights_of(child)
    load_weights(child, transfer_discriminator(before, weights_of(parent)))
    after = weights_of(child)
    np.testing.assert_array_equal(after["block_0/kernel"], weights_of(parent)["block_0/kernel"])
    np.testing.assert_array_equal(
        after["mixed/kernel"], weights_of(parent)["mixed/kernel"][:, :, : after["mixed/kernel"].shape[2]]
    )
    np.testing.assert_array_equal(after["hidden/kernel"], before["hidden/kernel"])


@pytest.mark.parametrize("other", [small("beat", channels=(5, 5, 5, 5)), small("prototype-128x256")])
def test_other_networks_are_not_compatible(other):
    with pytest.raises(SpecMismatch, match="parent"):
        require_compatible(other, small("bar"))
