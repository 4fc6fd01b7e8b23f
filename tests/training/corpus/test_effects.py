"""Placing, filters and effects of the synthetic corpus work around the circle."""

import numpy as np
import pytest

from training.corpus import effects, filters, patterns
from training.corpus.grid import N_SAMPLES, STEP, place


def test_a_sound_placed_past_the_end_wraps_around():
    loop = np.zeros(10, np.float32)
    place(loop, np.array([1, 2, 3], np.float32), 8, 0.5)
    assert loop.tolist() == [1.5, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.0]


def test_a_loop_filter_equals_the_steady_state_of_many_repetitions(rng):
    loop = rng.standard_normal(4096).astype(np.float32)
    biquads = (
        filters.low_pass(3000, 2.0),
        filters.peak(800, 6.0),
        filters.high_shelf(4000, -5),
        filters.high_pass(100),
    )
    settled = filters.filter_sound(np.tile(loop, 12), *biquads)[-len(loop) :]
    np.testing.assert_allclose(filters.filter_loop(loop, *biquads), settled, atol=2e-4)


def test_an_open_filter_does_not_change_the_sound(rng):
    loop = filters.filter_loop(
        rng.standard_normal(8192).astype(np.float32), filters.low_pass(300), filters.low_pass(300)
    )
    open_wide = filters.sweep_loop(loop, np.full(8192, 16000, np.float32))
    assert np.abs(open_wide - loop).max() < 0.05 * np.abs(loop).max()


def test_a_moving_filter_follows_its_cutoff(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    path = np.where(np.arange(N_SAMPLES) < N_SAMPLES // 2, 200, 12000).astype(np.float32)
    dark, bright = filters.sweep_loop(loop, path).reshape(2, -1).std(axis=1)
    assert bright > 4 * dark


@pytest.mark.parametrize(
    "effect",
    [
        lambda loop: effects.echo(loop, 3, 0.5, 4000),
        lambda loop: effects.reverb(np.random.default_rng(0), loop, 2.0, top=5000, before=0.01),
        lambda loop: effects.rumble(np.random.default_rng(0), loop, 1.0, 120, 3.0),
    ],
)
def test_effects_wrap_around(effect):
    impulse = np.zeros(N_SAMPLES, np.float32)
    impulse[STEP] = 1
    early = effect(impulse)
    late = effect(np.roll(impulse, N_SAMPLES - 2 * STEP))
    np.testing.assert_allclose(np.roll(early, -2 * STEP), late, atol=1e-4 * np.abs(early).max())


def test_saturation_keeps_the_level_and_lowers_the_peak(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    dense = effects.saturate(loop, 3.0)
    assert dense.std() == pytest.approx(loop.std(), rel=1e-4)
    assert np.abs(dense).max() < 0.7 * np.abs(loop).max()
    assert not effects.saturate(np.zeros(16, np.float32), 3.0).any()


def test_ducking_is_deepest_at_the_kick_and_recovers():
    gain = effects.ducking_gain(patterns.parse_pattern("X...X...X...X..."), 0.8, 0.06)
    assert gain[:: 4 * STEP] == pytest.approx(0.2, abs=1e-3)
    assert gain[3 * STEP] > 0.9
    assert gain.max() <= 1
    assert np.abs(np.diff(gain)).max() < 0.02
