import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.errors import SpecMismatch  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.learning.inheritance import (  # noqa: E402
    inherited_discriminator,
    inherited_generator,
    require_relation,
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


def learned(name):
    keras.utils.set_random_seed(1)
    model = build_generator(small(name))
    rng = np.random.default_rng(1)
    for weight in model.player.weights:
        if weight.path.endswith(("bias", "rows", "moments")):
            weight.assign(0.3 * rng.standard_normal(weight.shape))
    return model


def heir_of(name, parent):
    heir = build_generator(small(name))
    heir.load(inherited_generator(heir.definition, parent.definition, heir.weights(), parent.weights()))
    return heir


def means(model):
    """What is drawn without speckle."""
    return np.asarray(keras.ops.convert_to_numpy(model(latents(), np.zeros((1, 256, frames(model), 1)))))[..., 0]


def frames(model):
    return model.definition.format.n_frames


@pytest.mark.parametrize(
    ("name", "parent", "share"), [("half", "bar", 1e-4), ("beat", "bar", 0.3), ("beat", "half", 0.3)]
)
def test_a_shorter_network_draws_the_beginning_of_the_longer_ones_loop(name, parent, share):
    longer = learned(parent)
    shorter = heir_of(name, longer)
    inner = slice(frames(shorter) // 3, frames(shorter) * 2 // 3)
    expected = means(longer)[:, :, : frames(shorter)][:, :, inner]
    # A beat's first picture is so short that its seams reach everywhere.
    error = means(shorter)[:, :, inner] - expected
    assert np.sqrt(np.mean(error**2)) < share * np.std(expected)


@pytest.mark.parametrize(("name", "parent"), [("bar", "beat"), ("half", "beat"), ("bar", "half")])
def test_a_longer_network_draws_the_shorter_ones_loop_again_and_again(name, parent):
    shorter = learned(parent)
    longer = heir_of(name, shorter)
    expected = np.tile(means(shorter), (1, 1, frames(longer) // frames(shorter)))
    np.testing.assert_allclose(means(longer), expected, atol=1e-4)


def test_a_discriminator_keeps_what_knows_no_length():
    parent, heir = (build_discriminator(small(name)) for name in ("bar", "half"))
    before = weights_of(heir)
    load_weights(heir, inherited_discriminator(before, weights_of(parent)))
    after = weights_of(heir)
    np.testing.assert_array_equal(after["block_0/kernel"], weights_of(parent)["block_0/kernel"])
    np.testing.assert_array_equal(
        after["mixed/kernel"], weights_of(parent)["mixed/kernel"][:, :, : after["mixed/kernel"].shape[2]]
    )
    np.testing.assert_array_equal(after["hidden/kernel"], before["hidden/kernel"])


@pytest.mark.parametrize("stranger", [small("beat", channels=(5, 5, 5, 5)), small("prototype-128x256")])
def test_networks_of_another_make_are_no_relations(stranger):
    with pytest.raises(SpecMismatch, match="to begin with"):
        require_relation(stranger, small("bar"))
