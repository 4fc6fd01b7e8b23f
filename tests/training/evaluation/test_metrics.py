"""The metrics of images, and the parts into which a dataset is split for them."""

import numpy as np
import pytest

from technogan.errors import SettingError
from technogan.formats import FORMATS
from tests.networks import TINY
from training.corpus import bar
from training.dataset.conversion import images_of
from training.dataset.manifest import Manifest
from training.evaluation.batches import iterate_batches
from training.evaluation.metrics import Evaluator, choose_stem, split

BEAT = FORMATS["beat-256"]


@pytest.fixture(scope="module")
def beats():
    """uint8 (160, 256, 128), four beats each of 40 bars."""
    return np.concatenate([images_of(bar.render(seed), BEAT)[0] for seed in range(40)])


@pytest.fixture(scope="module")
def evaluator(beats):
    return Evaluator(BEAT, [beats[:48]], [beats[48:104]])


def _blurred(images):
    soft = images.astype(np.float32)
    for axis in (1, 2):
        soft = sum(np.roll(soft, step, axis=axis) for step in (-2, -1, 0, 1, 2)) / 5
    return soft.astype(np.uint8)


def test_real_images_are_closer_than_degraded_ones(beats, evaluator):
    others = beats[104:]
    floor = evaluator.measure([others])
    blurred, shifted = evaluator.measure([_blurred(others)]), evaluator.measure([np.roll(others, 8, axis=2)])
    assert floor.texture < blurred.texture / 1.5
    assert floor.mel < blurred.mel
    assert floor.onsets < shifted.onsets / 2
    assert floor.on_grid > shifted.on_grid
    few = evaluator.measure([np.repeat(others[:4], 14, axis=0)])
    assert floor.mel < few.mel / 2
    assert few.recall < floor.recall / 2
    assert few.coverage < floor.coverage / 2
    assert few.diversity < 0.9


def test_the_reference_has_perfect_metrics(beats, evaluator):
    same = evaluator.measure(iterate_batches(beats[48:104]))
    assert (same.mel, same.texture, same.onsets) == pytest.approx((0, 0, 0), abs=1e-3)
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    assert same.diversity == pytest.approx(1)


def test_metrics_of_silence():
    silence = np.zeros((8, BEAT.n_bins, BEAT.n_frames), np.uint8)
    metrics = Evaluator(BEAT, [silence], [silence]).measure([silence])
    assert (metrics.mel, metrics.diversity, metrics.on_grid) == (0, 0, 0)


@pytest.mark.parametrize("name", FORMATS)
def test_metrics_of_every_format(name):
    spectrogram_format = FORMATS[name]
    images = np.concatenate([images_of(bar.render(seed), spectrogram_format)[0] for seed in range(18)])[:18]
    metrics = Evaluator(spectrogram_format, [images[:6]], [images[6:12]]).measure([images[12:]])
    assert min(metrics.mel, metrics.texture, metrics.onsets) > 0
    assert 0.125 < metrics.on_grid < 0.6
    assert (metrics.beat_autocorrelation is None) == (spectrogram_format.beats == 1)


def _manifest(images, sounds=(), **origin):
    sources = ({"path": f"{i}.wav", "images": [f"{i}-{j}.png" for j in range(n)]} for i, n in enumerate(sounds))
    return Manifest(BEAT, "png" if sounds else "array", images, origin, {}, tuple(sources))


def test_parts_are_disjoint_and_keep_sounds_together():
    parts = split(_manifest(240, bars=60))
    bars = [set(part // 4) for part in parts]
    assert [len(part) for part in parts] == [80, 80, 80]
    assert len(set.union(*bars)) == 60 == sum(map(len, bars))
    for part, again in zip(parts, split(_manifest(240, sounds=[4] * 60)), strict=True):
        np.testing.assert_array_equal(part, again)
    for part in split(_manifest(240, bars=60), 20):
        assert len(set(part // 4)) == 20


@pytest.mark.parametrize("sounds", [(96,), (2, 90, 4), ()])
def test_images_of_few_or_uneven_sounds_are_split(sounds):
    parts = split(_manifest(96, sounds))
    assert [len(part) for part in parts] == [32, 32, 32]
    assert len(set(np.concatenate(parts))) == 96


def test_too_few_images_are_refused():
    with pytest.raises(SettingError, match="48 or more"):
        split(_manifest(47))


def test_a_stem_is_chosen_from_images(rng):
    images = rng.integers(0, 200, (2, 3, 32, 48), dtype=np.uint8)
    np.testing.assert_array_equal(choose_stem(images, TINY, 1), images[:, 1])
    mixed = choose_stem(images, TINY)
    assert mixed.shape == (2, 32, 48)
    assert (mixed >= images.max(axis=1)).all()
    np.testing.assert_array_equal(choose_stem(mixed, TINY), mixed)
