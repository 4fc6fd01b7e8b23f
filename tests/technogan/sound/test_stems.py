"""Loops that hold stems."""

import numpy as np
import pytest

from technogan.errors import SettingError
from technogan.sound.level import TRUE_PEAK_CEILING, level, level_stems, limit_stem_peaks, true_peak
from technogan.sound.loop import Loop

RATE = 16384 * 128 / 60


@pytest.fixture
def parts(rng):
    return rng.uniform(-0.6, 0.6, (3, 16384)).astype(np.float32) + np.float32(0.01)


@pytest.fixture
def loop(parts):
    stems, levels = level_stems(parts, RATE)
    named = dict(zip(("kick", "drums", "music"), stems, strict=True))
    return Loop(stems.sum(axis=0), RATE, 128.0, 1, np.zeros((1, 1), np.float32), levels, stems=named)


def test_stems_are_levelled_as_their_sum(parts):
    stems, levels = level_stems(parts, RATE)
    samples, wanted = level(parts.sum(axis=0), RATE)
    assert np.allclose(stems.sum(axis=0), samples, atol=1e-5)
    assert levels.loudness == pytest.approx(wanted.loudness, abs=1e-3)
    assert levels.dc == pytest.approx(wanted.dc, abs=1e-6)


def test_one_gain_limits_all_stems(parts):
    limited, n_samples = limit_stem_peaks(parts, RATE, -20.0)
    gains = limited / parts
    assert n_samples
    assert true_peak(limited.sum(axis=0)) <= -20 + 1e-3
    assert np.allclose(gains, gains[0], rtol=1e-4)


def test_stems_keep_their_balance(parts):
    parts[1] *= np.float32(0.5)
    stems, _ = level_stems(parts, RATE)
    np.testing.assert_allclose(stems.std(axis=1) / stems[0].std(), parts.std(axis=1) / parts[0].std(), rtol=1e-2)


def test_stems_are_not_limited_if_their_sum_stays_below_the_ceiling(parts):
    opposed = np.stack([3 * parts[0], -2.5 * parts[0]])
    limited, n_samples = limit_stem_peaks(opposed, RATE, -1.0)
    assert n_samples == 0
    assert np.array_equal(limited, opposed)


def test_the_dc_of_each_stem_is_removed(parts):
    stems, _ = level_stems(parts + np.array([[0.1], [-0.3], [0.0]], np.float32), RATE)
    assert np.abs(stems.mean(axis=1)).max() < 1e-4


def test_a_silent_stem_stays_silent(parts):
    parts[1] = 0
    assert not level_stems(parts, RATE)[0][1].any()


def test_silent_stems_have_no_loudness():
    stems, levels = level_stems(np.zeros((3, 16384), np.float32), RATE)
    assert not stems.any()
    assert levels.loudness == -np.inf


def test_another_rate_keeps_the_stems(loop):
    resampled = loop.resampled(48000)
    assert list(resampled.stems) == ["kick", "drums", "music"]
    assert np.array_equal(sum(resampled.stems.values()), resampled.samples)
    assert true_peak(resampled.samples) <= TRUE_PEAK_CEILING + 1e-3


def test_a_stem_is_a_loop(loop):
    drums = loop.stem("drums")
    assert np.array_equal(drums.samples, loop.stems["drums"])
    assert (drums.beats, drums.bpm, drums.sample_rate, dict(drums.stems)) == (1, 128.0, RATE, {})
    assert drums.levels.true_peak == pytest.approx(true_peak(drums.samples))


def test_an_unknown_stem_is_refused(loop):
    with pytest.raises(SettingError, match="stem is 'voice'; it must be one of kick, drums, music"):
        loop.stem("voice")
    with pytest.raises(SettingError, match="stem is 'kick'; it must be a stem of a loop that has stems"):
        loop.stem("kick").stem("kick")
