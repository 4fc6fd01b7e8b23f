import numpy as np
import pytest

from technogan.errors import SettingError
from technogan.image import mix_images
from technogan.network.encoder import Encoder, write_encoder
from technogan.network.generator import Generator
from technogan.network.nearest import find_nearest_seed
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from technogan.seeds.seed import latents as latents_of
from tests.encoders import tiny_encoder, tiny_model
from tests.networks import STEMS, TINY, stems_network, tiny_spec

SEED = Seed.from_integer(3, 8)


@pytest.fixture
def bundle(tmp_path):
    return tiny_model(tmp_path / "tiny.onnx")


@pytest.fixture
def generator(bundle):
    return Generator(bundle)


@pytest.fixture
def image(generator):
    return generator.generate(latents_of([SEED]))[0]


def test_the_image_of_a_seed_leads_back_to_the_seed(bundle, generator, image):
    found = find_nearest_seed(image, generator, Encoder(bundle))
    np.testing.assert_allclose(found.seed.values, SEED.values, atol=2)
    assert found.distance < 0.02 * found.random


def test_the_estimate_alone_is_less_near(bundle, generator, image):
    guessed, found = (find_nearest_seed(image, generator, Encoder(bundle), steps=steps) for steps in (0, 3))
    assert guessed.distance == guessed.guessed == found.guessed
    assert found.distance < 0.2 * guessed.distance < guessed.random


def test_refinement_corrects_a_wrong_estimate(bundle, generator, image):
    write_encoder(tiny_encoder(gain=-1), bundle)
    found = find_nearest_seed(image, generator, Encoder(bundle), steps=8)
    assert found.distance < 0.1 * found.guessed


def test_without_an_encoder_the_search_begins_in_the_middle(generator, image):
    found = find_nearest_seed(image, generator, None)
    np.testing.assert_allclose(found.seed.values, SEED.values, atol=2)
    assert found.distance < 0.02 * found.random
    assert found.guessed > 10 * found.distance
    with pytest.raises(SettingError, match="from 1 to 32"):
        find_nearest_seed(image, generator, None, steps=0)


def test_the_level_of_a_loop_has_little_influence(bundle, generator, image):
    quiet = (image + 1) * np.float32(0.6) - 1
    seeds = [find_nearest_seed(each, generator, Encoder(bundle), steps=6).seed for each in (image, quiet)]
    np.testing.assert_allclose(seeds[1].values, seeds[0].values, atol=2)


def test_seeds_are_whole_steps_and_deterministic(bundle, generator, rng):
    noise = rng.uniform(-1, 1, (32, 48)).astype(np.float32)
    first, second = (find_nearest_seed(noise, generator, Encoder(bundle)) for _ in range(2))
    assert first == second
    assert all(value == int(value) for value in first.seed.values)


def test_progress_is_reported(bundle, generator, image):
    shares = []
    find_nearest_seed(
        image, generator, Encoder(bundle), steps=2, progress=lambda done, total=1.0: shares.append(done / total)
    )
    assert shares == [0.0, 0.5, 1.0]


def test_the_nearest_seed_of_a_model_with_stems_is_found(tmp_path):
    bundle = write_bundle(stems_network(), tiny_spec(stems=STEMS), tmp_path / "stems.onnx")
    generator = Generator(bundle)
    mixed = mix_images(generator.generate(latents_of([SEED])), TINY)[0]
    found = find_nearest_seed(mixed, generator, None)
    assert found.distance < 0.2 * found.guessed < 0.2 * found.random
    assert np.corrcoef(found.seed.values, SEED.values)[0, 1] > 0.98


@pytest.mark.parametrize("steps", [-1, 33])
def test_steps_out_of_range_are_refused(bundle, generator, image, steps):
    with pytest.raises(SettingError, match="steps"):
        find_nearest_seed(image, generator, Encoder(bundle), steps=steps)
