import numpy as np
import pytest

from technogan.errors import SettingError
from technogan.network.encoder import Encoder, write_encoder
from technogan.network.generator import Generator
from technogan.network.nearest import find_nearest_seed
from technogan.seeds.seed import Seed
from technogan.seeds.seed import latents as latents_of
from tests.encoders import tiny_encoder, tiny_model

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


def test_a_seeds_own_picture_leads_back_to_it(bundle, generator, image):
    found = find_nearest_seed(image, generator, Encoder(bundle))
    np.testing.assert_allclose(found.seed.values, SEED.values, atol=2)
    assert found.distance < 0.02 * found.random


def test_the_guess_alone_is_further_off(bundle, generator, image):
    guessed, found = (find_nearest_seed(image, generator, Encoder(bundle), steps=steps) for steps in (0, 3))
    assert guessed.distance == guessed.guessed == found.guessed
    assert found.distance < 0.2 * guessed.distance < guessed.random


def test_a_guess_without_sense_is_made_good(bundle, generator, image):
    write_encoder(tiny_encoder(gain=-1), bundle)
    found = find_nearest_seed(image, generator, Encoder(bundle), steps=8)
    assert found.distance < 0.1 * found.guessed


def test_without_an_encoder_the_middle_is_where_it_begins(generator, image):
    found = find_nearest_seed(image, generator, None)
    np.testing.assert_allclose(found.seed.values, SEED.values, atol=2)
    assert found.distance < 0.02 * found.random
    assert found.guessed > 10 * found.distance
    with pytest.raises(SettingError, match="from 1 to 32"):
        find_nearest_seed(image, generator, None, steps=0)


def test_how_loud_a_loop_is_makes_little_difference(bundle, generator, image):
    quiet = (image + 1) * np.float32(0.6) - 1
    seeds = [find_nearest_seed(each, generator, Encoder(bundle), steps=6).seed for each in (image, quiet)]
    np.testing.assert_allclose(seeds[1].values, seeds[0].values, atol=2)


def test_seeds_are_whole_steps_and_always_the_same(bundle, generator, rng):
    noise = rng.uniform(-1, 1, (32, 48)).astype(np.float32)
    first, second = (find_nearest_seed(noise, generator, Encoder(bundle)) for _ in range(2))
    assert first == second
    assert all(value == int(value) for value in first.seed.values)


def test_progress_is_told(bundle, generator, image):
    told: list[float] = []
    find_nearest_seed(image, generator, Encoder(bundle), steps=2, progress=told.append)
    assert told == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("steps", [-1, 33])
def test_steps_without_sense(bundle, generator, image, steps):
    with pytest.raises(SettingError, match="steps"):
        find_nearest_seed(image, generator, Encoder(bundle), steps=steps)
