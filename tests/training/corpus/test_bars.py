"""Bars of the synthetic corpus are finite, loud enough, seamless, distinct and reproducible."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from technogan.errors import SettingError
from training.corpus import STEMS, bar
from training.corpus.grid import N_SAMPLES, RATE
from training.corpus.styles import BY_NAME, STYLES

SEEDS = range(32)


@pytest.fixture(scope="module")
def stems():
    return [bar.render_stems(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def bars(stems):
    return [parts.sum(axis=0) for parts in stems]


def octave_levels(samples):
    """Return the levels of the octaves from 31 Hz to 16 kHz relative to the total, dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    octave = np.floor(np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 1) / 31.25)).astype(int)
    shares = [power[octave == i].sum() / power.sum() for i in range(9)]
    return 10 * np.log10(np.array(shares) + 1e-12)


def test_bars_are_whole_finite_and_without_dc(bars):
    for samples in bars:
        assert samples.dtype == np.float32
        assert samples.shape == (N_SAMPLES,)
        assert np.isfinite(samples).all()
        assert abs(samples.mean()) < 1e-4
        assert 0.88 < np.abs(samples).max() < 0.98


def test_stems_add_up_to_the_bar(stems):
    for seed in (0, 7, 21):
        whole = bar.render(seed)
        assert np.linalg.norm(stems[seed].sum(axis=0) - whole) <= 1e-6 * np.linalg.norm(whole)


def test_stems_are_whole_finite_and_without_dc(stems):
    for parts in stems:
        assert parts.dtype == np.float32
        assert parts.shape == (len(STEMS), N_SAMPLES)
        assert np.isfinite(parts).all()
        assert np.abs(parts.mean(axis=1)).max() < 1e-4


def test_no_step_across_the_loop_point_stands_out(bars, stems):
    for samples in [*bars, *(stem for parts in stems for stem in parts)]:
        steps = np.abs(np.diff(samples))
        assert abs(samples[0] - samples[-1]) <= max(np.quantile(steps, 0.999), 1e-4)


def test_every_stem_is_usually_audible_and_sometimes_silent():
    audible = np.array([bar.render_stems(seed).any(axis=1) for seed in range(100)])
    assert (audible.mean(axis=0) > 0.8).all()
    assert not audible.all()


def test_bars_are_loud_but_not_flattened(bars):
    rms = np.array([20 * np.log10(samples.std()) for samples in bars])
    assert rms.min() > -22
    assert rms.max() < -3
    assert -13 < np.median(rms) < -7


def test_the_spectrum_is_that_of_dance_music(bars):
    mean = np.mean([octave_levels(samples) for samples in bars], axis=0)
    assert np.argmax(mean) <= 1
    assert (mean[2:6] > -25).all()
    assert (mean[6:] > -35).all()


def test_a_seed_gives_the_same_bar_in_another_process(bars):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        np.testing.assert_array_equal(pool.submit(bar.render, 3).result(), bars[3])


def test_different_seeds_give_different_bars(bars):
    pooled = np.array([np.abs(samples).reshape(256, -1).mean(axis=1) for samples in bars])
    distances = np.linalg.norm(pooled[:, None] - pooled[None], axis=-1) + np.eye(len(bars))
    assert distances.min() > 0.05


def test_negative_seeds_are_refused():
    with pytest.raises(SettingError):
        bar.render(-1)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_is_audible(style):
    samples = bar.render(11, style)
    assert np.isfinite(samples).all()
    assert samples.std() > 0.05
    assert 0 < style.weight < 10
    assert all(
        0 <= getattr(style, name) <= 1 for name in ("kickless", "broken", "hat", "clap", "acid", "pad", "texture")
    )


def test_styles_are_found_by_name():
    assert bar.find_style("dub") is BY_NAME["dub"]
    with pytest.raises(SettingError, match="peak-time"):
        bar.find_style("polka")


def test_seeds_reach_every_style():
    assert {bar.style_of(seed).name for seed in range(300)} == set(BY_NAME)


def test_a_straight_kick_plays_on_every_beat():
    low = np.zeros(16)
    for seed in range(16):
        spectrum = np.fft.rfft(bar.render_stems(seed, BY_NAME["peak-time"])[0])
        spectrum[round(120 * N_SAMPLES / RATE) :] = 0
        low += (np.fft.irfft(spectrum).reshape(16, -1) ** 2).mean(axis=1)
    assert low.reshape(4, 4)[:, 0].min() > 1.5 * low.reshape(4, 4)[:, 2:].mean()
