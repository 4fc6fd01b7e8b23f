"""The features of images and their embedding."""

import numpy as np
import pytest

from technogan.errors import SpecMismatch
from technogan.formats import FORMATS
from training.evaluation.batches import iterate_batches
from training.evaluation.embedding import Embedding, FeatureExtractor, LogMel, mel_filters, row_frequencies

BEAT, BAR = FORMATS["beat-256"], FORMATS["bar-256"]


def noise(spectrogram_format, n=2):
    shape = (n, spectrogram_format.n_bins, spectrogram_format.n_frames)
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("name", FORMATS)
def test_mel_filters_are_centred_on_their_bands(name):
    frequencies = row_frequencies(FORMATS[name])
    bank = mel_filters(frequencies)
    assert (np.diff(frequencies) > 0).all()
    np.testing.assert_allclose(bank.sum(axis=1), 1, rtol=1e-5)
    centres = bank @ frequencies
    assert (np.diff(centres) >= 0).all()
    assert centres[0] < 120
    assert 15000 < centres[-1] < 17000


def test_row_frequencies():
    assert row_frequencies(BEAT)[[1, 255]] == pytest.approx([68.266, 17407.8], rel=1e-4)


def test_log_mel_of_a_level():
    image = np.ones((1, BEAT.n_bins, BEAT.n_frames), np.float32)
    log_mel = LogMel(BEAT)
    np.testing.assert_allclose(log_mel.of_images(image), 2 * np.log10(160), rtol=1e-5)
    quieter = 2 * 10 ** (-1 / 3) - 1
    np.testing.assert_allclose(log_mel.of_images(image * np.float32(quieter)), 2 * np.log10(16), rtol=1e-4)
    np.testing.assert_allclose(log_mel.of_images(-image), -4, rtol=1e-5)


def test_features_never_change():
    picture = (np.add.outer(np.arange(256) * 7, np.arange(128) * 5) % 256).astype(np.uint8)[np.newaxis]
    features = FeatureExtractor(BEAT).extract([picture])
    assert (features.mel.shape, features.texture.shape, features.onsets.shape) == ((1, 1024), (1, 896), (1, 128))
    found = [float(values.sum(dtype=np.float64)) for values in (features.mel, features.texture, features.onsets)]
    assert found == pytest.approx([2955.6606, 496.37776, 5.0516099], rel=1e-4)


def test_texture_does_not_depend_on_where_a_loop_begins():
    images = noise(BEAT)
    here, there = (FeatureExtractor(BEAT).extract([np.roll(images, shift, axis=2)]) for shift in (0, 40))
    np.testing.assert_allclose(there.texture, here.texture, rtol=1e-3, atol=1e-4)
    assert not np.allclose(there.mel, here.mel, atol=0.1)


def test_points_do_not_depend_on_batches():
    images = noise(BEAT, 10)
    embedding = Embedding(BEAT, [images])
    whole, pieces = embedding.project([images]), embedding.project(iterate_batches(images, size=3))
    for name in ("mel", "texture", "onsets"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), atol=1e-3)


def test_images_of_another_size_are_refused():
    with pytest.raises(SpecMismatch, match="128"):
        FeatureExtractor(BEAT).extract([noise(BAR)])
