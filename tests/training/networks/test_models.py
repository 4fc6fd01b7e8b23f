"""The Keras models of network definitions, on the back end in KERAS_BACKEND; one test compares both back ends."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs the training extra, which is too large for every check")

from technogan.formats import FORMATS  # noqa: E402
from tests.networks import STEMS  # noqa: E402
from tests.training.cost import count_multiplications  # noqa: E402
from tests.training.small import small  # noqa: E402
from training.networks import network_names, read_network  # noqa: E402
from training.networks.discriminator import build_discriminator  # noqa: E402
from training.networks.generator import build_generator  # noqa: E402
from training.networks.layers import MinibatchStdDev, RowScaling, pixel_shuffle, pixel_unshuffle, upsample_nearest  # noqa: E402

# Keras's variables on PyTorch do not know NumPy 2's keyword yet.
pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]

OTHER = {"tensorflow": "torch", "torch": "tensorflow"}
# Loads weights and inputs from a file into the same networks and adds their outputs.
ANSWER = "import sys; from tests.training.networks.test_models import answer; answer(sys.argv[1])"


@pytest.fixture(autouse=True)
def _same_weights():
    keras.utils.set_random_seed(1)


def latents(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32)


def numbers(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("name", network_names())
def test_images_have_the_size_and_range_of_the_format(name):
    definition = small(name)
    generator = build_generator(definition)
    images = numbers(generator.inference_model(50 * latents(3)))
    assert images.shape == (3, definition.format.n_bins, definition.format.n_frames, 1)
    assert images.dtype == np.float32
    assert np.isfinite(images).all()
    assert np.abs(images).max() <= 1
    assert np.ptp(images) > 0.1
    assert np.abs(images[0] - images[1]).max() > 0.01


@pytest.mark.parametrize("name", network_names())
def test_logits_have_their_shapes(name):
    definition = small(name)
    logits = build_discriminator(definition)(build_generator(definition)(latents(4)))
    rows, frames = (size // 16 for size in definition.generator.image_size)
    wanted = {"whole": (4, 1), "place": (4, rows, frames, 1), "onsets": (4, 1)}
    if name.startswith("prototype"):
        del wanted["place"]
    if not definition.discriminator.onset_bands:
        del wanted["onsets"]
    assert {key: numbers(logit).shape for key, logit in logits.items()} == wanted
    assert all(np.isfinite(numbers(logit)).all() for logit in logits.values())


def with_stems(name):
    return dataclasses.replace(small(name), stems=STEMS)


@pytest.mark.parametrize("name", ["beat", "beat-256", "prototype-128x256"])
def test_each_stem_is_a_channel(name):
    definition = with_stems(name)
    generator, discriminator = build_generator(definition), build_discriminator(definition)
    size = (definition.format.n_bins, definition.format.n_frames)
    images = generator(latents(2))
    assert images.shape == (2, *size, 3)
    assert numbers(discriminator(images)["whole"]).shape == (2, 1)
    made = generator.generate(latents(2))
    assert made.shape == (2, 3, *size)
    assert min(np.abs(made[:, i] - made[:, i - 1]).max() for i in range(3)) > 0.01


def test_the_rows_of_each_stem_are_standardised_alone(rng):
    generator = build_generator(with_stems("beat"))
    levels = np.array([-0.7, 0.0, 0.4], np.float32)[:, np.newaxis, np.newaxis]
    images = (levels + 0.05 * rng.standard_normal((8, 3, 320, 128))).astype(np.float32)
    generator.fit_rows(images)
    standardised = numbers(generator.standardise(np.moveaxis(images, 1, 3)))
    np.testing.assert_allclose(standardised.mean(axis=(0, 2)), 0, atol=1e-3)


def test_onsets_are_judged_by_bands_over_time():
    definition = small("beat")
    chosen = dataclasses.replace(definition.discriminator, onset_bands=8, deviation=0)
    discriminator = build_discriminator(dataclasses.replace(definition, discriminator=chosen))
    images = np.random.default_rng(0).standard_normal((1, 8, 40, 128, 1)).astype(np.float32)
    mixed = np.random.default_rng(1).permuted(images, axis=2)  # the rows of a band change places
    logits = [numbers(discriminator(one.reshape(1, 320, 128, 1))["onsets"]) for one in (images, mixed, images[:, ::-1])]
    np.testing.assert_allclose(logits[1], logits[0], atol=1e-5)
    assert np.abs(logits[2] - logits[0]).max() > 1e-4


@pytest.mark.parametrize("count", [1, 2, 6])
def test_the_discriminator_accepts_any_batch_size(count):
    definition = small("bar")
    logits = build_discriminator(definition)(build_generator(definition)(latents(count)))
    assert numbers(logits["whole"]).shape == (count, 1)


def test_the_inference_model_is_deterministic():
    generator = build_generator(small("half"))
    z = latents(3)
    images = numbers(generator.inference_model(z))
    np.testing.assert_array_equal(numbers(generator.inference_model(z)), images)
    np.testing.assert_allclose(numbers(generator.inference_model(z[1:2])), images[1:2], atol=1e-5)
    np.testing.assert_allclose(np.clip(numbers(generator(z)), -1, 1), images, atol=1e-6)


def test_speckle_changes_the_image():
    generator = build_generator(small("beat"))
    silent = np.zeros((1, 320, 128, 1), np.float32)
    plain, noisy = numbers(generator(latents(2), silent)), numbers(generator(latents(2)))
    assert np.abs(plain - noisy).mean() > 0.01


def rolled_base(generator, steps):
    """Delay the base by `steps` frames."""
    layer = generator.network.get_layer("base")
    size = (-1, *generator.definition.generator.base, generator.definition.generator.base_channels)
    layer.set_weights([np.roll(w.reshape(size), steps, axis=2).reshape(w.shape) for w in layer.get_weights()])


CASES = {
    "lean": ("bar", {"tiled_beats": ()}, True),
    "with a wide kernel": ("beat", {"kernel": 7}, True),
    "transposed": ("prototype-128x256", {"circular": True, "normalised_base": False}, True),
    "lean, with zeros": ("beat", {"circular": False}, False),
    "transposed, with zeros": ("prototype-128x256", {"normalised_base": False}, False),
}


@pytest.mark.parametrize(("name", "changes", "seamless"), CASES.values(), ids=CASES)
def test_time_is_circular(name, changes, seamless):
    generator = build_generator(small(name, **changes))
    rows, frames = generator.definition.generator.image_size
    field = np.zeros((1, rows, frames, 1), np.float32)
    before = numbers(generator(latents(2), field))
    rolled_base(generator, 1)
    after = numbers(generator(latents(2), field))
    factor = frames // generator.definition.generator.base[1]
    difference = np.abs(np.roll(before, factor, axis=2) - after).max()
    assert (difference < 1e-4 * np.abs(before).max()) == seamless


def test_a_tiled_base_repeats():
    generator = build_generator(small("bar", tiled_beats=(1,)))
    field = np.zeros((1, 320, 512, 1), np.float32)
    layer = generator.network.get_layer("base")
    layer.set_weights([0 * w for w in layer.get_weights()])
    images = numbers(generator(latents(1), field))
    np.testing.assert_allclose(np.roll(images, 128, axis=2), images, atol=1e-4)
    assert np.abs(np.roll(images, 64, axis=2) - images).max() > 0.05


def test_rows_are_standardised_and_restored(rng):
    generator = build_generator(small("beat"))
    level = np.linspace(-0.7, 0.4, 320, dtype=np.float32)[:, np.newaxis]
    images = (level + 0.05 * rng.standard_normal((8, 320, 128))).astype(np.float32)
    generator.fit_rows(images)
    standardised = numbers(generator.standardise(images[..., np.newaxis]))
    np.testing.assert_allclose(standardised.mean(axis=(0, 2, 3)), 0, atol=1e-3)
    assert 0.6 < standardised.std() < 0.8  # 0.02 is added to the standard deviation of 0.05
    rows = generator.inference_model.get_layer("rows")
    assert isinstance(rows, RowScaling)
    np.testing.assert_allclose(numbers(rows(standardised))[..., 0], images, atol=1e-5)
    assert np.abs(numbers(generator.inference_model(latents(2))).mean(axis=(0, 2)) - level).mean() < 0.1


def test_a_prototype_does_not_standardise_rows(rng):
    generator = build_generator(small("prototype-128x256"))
    images = rng.uniform(-1, 1, (2, 256, 128, 1)).astype(np.float32)
    generator.fit_rows(images[..., 0])
    np.testing.assert_array_equal(numbers(generator.standardise(images)), images)


def test_pixel_shuffle_and_nearest_upsampling(rng):
    x = rng.standard_normal((2, 3, 5, 8)).astype(np.float32)
    shuffled = numbers(pixel_shuffle(keras.ops.convert_to_tensor(x), 2))
    assert shuffled.shape == (2, 6, 10, 2)
    np.testing.assert_array_equal(shuffled[:, 1, 0], x[:, 0, 0, 4:6])
    np.testing.assert_array_equal(numbers(pixel_unshuffle(keras.ops.convert_to_tensor(shuffled), 2)), x)
    repeated = numbers(upsample_nearest(keras.ops.convert_to_tensor(x), 3))
    np.testing.assert_array_equal(repeated, x.repeat(3, axis=1).repeat(3, axis=2))


def test_minibatch_standard_deviation(rng):
    x = rng.standard_normal((8, 4, 4, 3)).astype(np.float32)
    x[1::2] = x[1]
    output = numbers(MinibatchStdDev(2, 4)(x))
    assert output.shape == (8, 4, 4, 4)
    np.testing.assert_array_equal(output[..., :3], x)
    groups = x[..., :2].reshape(4, 2, 4, 4, 2)
    wanted = np.sqrt(groups.var(axis=0) + 1e-6).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(output[:, 0, 0, 3], np.tile(wanted, 4), rtol=1e-4)
    assert wanted[1] < 0.01 < wanted[0]


@pytest.mark.parametrize(
    ("name", "stems", "generator", "judge"),
    [
        ("bar", (), (15.0e6, 0.734e9), (3.21e6, 0.356e9)),
        ("bar", STEMS, (15.0e6, 0.852e9), (3.23e6, 0.453e9)),
        ("bar-256", (), (12.2e6, 0.587e9), (2.59e6, 0.282e9)),
    ],
)
def test_size_and_cost_of_the_bar_networks(name, stems, generator, judge):
    definition = dataclasses.replace(read_network(name), stems=stems)
    for network, expected in (
        (build_generator(definition).network, generator),
        (build_discriminator(definition), judge),
    ):
        assert (network.count_params(), count_multiplications(network)) == pytest.approx(expected, rel=0.01)


def test_cost_of_a_transposed_network():
    network = build_generator(small("prototype-128x256", channels=(4, 3, 2), base_channels=5)).network
    dense = 64 * 64 * 32 * 5
    convolutions = 25 * (64 * 32 * (5 * 4 + 4 * 3) + 128 * 64 * 3 * 2 + 256 * 128 * 2)
    assert count_multiplications(network) == dense + convolutions


def answer(path):
    """Add the outputs for the weights and inputs in a file to it."""
    with np.load(path) as stored:
        arrays = dict(stored)
    for name in ("half", "prototype-128x256"):
        definition = small(name)
        generator, discriminator = build_generator(definition), build_discriminator(definition)
        for model in (generator.inference_model, discriminator):
            key = f"{name} {model.name}"
            if f"{key} 0" in arrays:
                model.set_weights([arrays[f"{key} {i}"] for i in range(len(model.get_weights()))])
            arrays |= {f"{key} {i}": w for i, w in enumerate(model.get_weights())}
        arrays[f"{name} images"] = numbers(generator.inference_model(arrays["latents"]))
        logits = discriminator(generator(arrays["latents"]))
        arrays |= {f"{name} {key}": numbers(logit) for key, logit in logits.items()}
    np.savez(path, **arrays)


def test_both_back_ends_give_the_same_output(tmp_path):
    other = OTHER[keras.backend.backend()]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    path = tmp_path / "arrays.npz"
    np.savez(path, latents=latents(4))
    answer(path)
    with np.load(path) as stored:
        here = dict(stored)
    subprocess.run(
        [sys.executable, "-c", ANSWER, str(path)], env=os.environ | {"KERAS_BACKEND": other}, check=True, timeout=300
    )
    with np.load(path) as there:
        assert set(there) == set(here)
        for name, array in here.items():
            np.testing.assert_allclose(there[name], array, rtol=1e-4, atol=1e-4, err_msg=name)


def test_every_format_has_a_network():
    assert {read_network(name).format.name for name in FORMATS} == set(FORMATS)
