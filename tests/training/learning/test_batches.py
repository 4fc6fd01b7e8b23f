import dataclasses

import numpy as np
import pytest

from tests.training.small import small
from training.learning.batches import Batches


def numbered_images(definition, count):
    """Return images of which image i has the grey value i everywhere but in the first frame, which is white."""
    size = definition.format
    images = np.tile(np.arange(count, dtype=np.uint8)[:, None, None], (1, size.n_bins, size.n_frames))
    images[:, :, 0] = 255
    return images


@pytest.fixture
def bar():
    return small("bar", batch=4)


def test_every_image_is_shown_once_per_epoch(bar):
    batches = Batches(numbered_images(bar, 12), bar, random_seed=0)
    shown = [image[0, 1, 0] for step in range(6) for image in batches(step).images]
    assert sorted(shown[:12]) == sorted(shown[12:]) == list(range(12))
    assert shown[:12] != shown[12:]


def test_a_batch_depends_on_its_step_alone(bar):
    images = numbered_images(bar, 12)
    one, other = Batches(images, bar, random_seed=3), Batches(images, bar, random_seed=3)
    for step in range(5):
        one(step)
    for a, b in zip(arrays_of(one(5)), arrays_of(other(5)), strict=True):
        np.testing.assert_array_equal(a, b)


def arrays_of(batch):
    return batch.images, batch.latents, batch.speckle


def test_batches_depend_on_the_random_seed(bar):
    images = numbered_images(bar, 12)
    one, other = Batches(images, bar, random_seed=0)(0), Batches(images, bar, random_seed=1)(0)
    for a, b in zip(arrays_of(one), arrays_of(other), strict=True):
        assert (a != b).any()


def test_bars_are_rolled_by_half_bars(bar):
    batches = Batches(numbered_images(bar, 12), bar, random_seed=0)
    starts = {int(np.argmax(image[0, :, 0] == 255)) for step in range(12) for image in batches(step).images}
    assert starts == {0, 256}


def test_loops_of_two_beats_are_not_rolled():
    half = small("half", batch=4)
    batches = Batches(numbered_images(half, 12), half, random_seed=0)
    assert all(image[0, 0, 0] == 255 for step in range(6) for image in batches(step).images)


def test_shapes(bar):
    batch = Batches(numbered_images(bar, 3), bar, random_seed=0)(0)
    assert [array.shape for array in arrays_of(batch)] == [(4, 320, 512, 1), (4, 64), (4, 320, 512, 1)]
    assert batch.images.dtype == np.uint8


def test_a_network_without_noise_gets_no_speckle():
    prototype = small("prototype-128x256", batch=2)
    assert Batches(numbered_images(prototype, 3), prototype, random_seed=0)(0).speckle is None


def numbered_stems(definition, count):
    """Return images of which stem j of image i has the grey value 10 i + j, but for a white first frame."""
    size = definition.format
    grey = 10 * np.arange(count)[:, None] + np.arange(definition.n_stems)
    images = np.tile(grey.astype(np.uint8)[:, :, None, None], (1, 1, size.n_bins, size.n_frames))
    images[..., 0] = 255
    return images


@pytest.fixture
def with_stems(bar):
    return dataclasses.replace(bar, stems=("kick", "drums", "music"))


def test_stems_are_channels(with_stems):
    batch = Batches(numbered_stems(with_stems, 4), with_stems, random_seed=0)(0)
    assert [array.shape for array in arrays_of(batch)] == [(4, 320, 512, 3), (4, 64), (4, 320, 512, 3)]
    assert {tuple(image[5, 1]) for image in batch.images} == {(10 * i, 10 * i + 1, 10 * i + 2) for i in range(4)}


def test_all_stems_of_a_bar_are_rolled_together(with_stems):
    batches = Batches(numbered_stems(with_stems, 4), with_stems, random_seed=0)
    starts = {tuple(np.argmax(image[0] == 255, axis=0)) for step in range(8) for image in batches(step).images}
    assert starts == {(0, 0, 0), (256, 256, 256)}
