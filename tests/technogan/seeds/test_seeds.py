import math

import numpy as np
import pytest

from technogan.errors import SeedError, SettingError
from technogan.seeds import paths
from technogan.seeds.seed import SLIDER_SCALE, Seed, _splitmix_uniforms, latents

A = Seed.from_integer(1)
B = Seed.from_integer(2)


def test_integers_expand_the_same_for_ever():
    # Worked out by hand from SplitMix64's published outputs for state 0: e220a8397b1dcdaf, 6e789e6aa1b965f4,
    # 06c45d188009454f.
    uniforms = [((x >> 11) + 0.5) / 2**53 for x in (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)]
    assert uniforms == list(_splitmix_uniforms(0, 3))
    assert Seed.from_integer(0).values[:3] == (51.0, -7.0, -83.0)


@pytest.mark.parametrize("number", [0, 1, -1, 2**63, 2**64 - 1, 10**18])
def test_every_integer_gives_a_seed(number):
    seed = Seed.from_integer(number)
    assert len(seed) == 64
    assert all(value == int(value) for value in seed.values)


def test_random_seeds_are_normal_not_uniform(rng):
    lengths = [Seed.random(rng).length for _ in range(300)]
    assert 7.7 < np.mean(lengths) < 8.1  # uniform sliders would have 13.9
    lengths = [Seed.from_integer(n).length for n in range(300)]
    assert 7.7 < np.mean(lengths) < 8.1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "at least one"),
        ([math.nan], "value 1 is nan"),
        ([0, math.inf], "value 2 is inf"),
        ([0, 0, 128], "value 3 is 128"),
        ([-129], "-128 to 127"),
    ],
)
def test_values_that_are_no_seed(values, said):
    with pytest.raises(SeedError, match=said):
        Seed.of(values)


@pytest.mark.parametrize("count", [0, 63, 65])
def test_a_wrong_count_is_named(count):
    with pytest.raises(SeedError):
        Seed.of([0.0] * count, 64)


def test_clipping_moves_values_to_the_ends():
    assert Seed.clipped([-500, 3.5, 500]).values == (-128, 3.5, 127)
    with pytest.raises(SeedError):
        Seed.clipped([math.nan])


@pytest.mark.parametrize(
    ("steps", "positions"),
    [(1, [0]), (2, [0, 1]), (3, [0, 0.5, 1]), (5, [0, 0.25, 0.5, 0.75, 1])],
)
def test_fade_positions(steps, positions):
    got = paths.fade(Seed((0.0,)), Seed((100.0,)), steps)
    assert [seed.values[0] for seed in got] == [100 * p for p in positions]


@pytest.mark.parametrize(
    ("steps", "positions"),
    [(1, [0]), (2, [0, 1]), (3, [0, 1, 1]), (4, [0, 0.5, 1, 0.5]), (6, [0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])],
)
def test_pingpong_positions(steps, positions):
    got = paths.pingpong(Seed((0.0,)), Seed((100.0,)), steps)
    assert [seed.values[0] for seed in got] == pytest.approx([100 * p for p in positions])


@pytest.mark.parametrize("make", [paths.fade, paths.pingpong])
@pytest.mark.parametrize("spherical", [False, True])
def test_ends_are_met_exactly(make, spherical):
    seeds = make(A, B, 8, spherical=spherical)
    assert seeds[0].values == pytest.approx(A.values)
    assert (seeds[-1] if make is paths.fade else seeds[4]).values == pytest.approx(B.values)


def test_spherical_keeps_its_length():
    middle = paths.slerp(A, B, 0.5)
    assert middle.length == pytest.approx((A.length + B.length) / 2, rel=1e-6)
    assert paths.lerp(A, B, 0.5).length < 0.85 * middle.length


def test_spherical_without_a_direction_goes_straight():
    zero = Seed((0.0, 0.0))
    assert paths.slerp(zero, Seed((50.0, 0.0)), 0.5).values == (25, 0)
    assert paths.slerp(Seed((50.0, 0.0)), Seed((-50.0, 0.0)), 0.5).values == (0, 0)


def test_walk_begins_at_its_start_and_moves_within_morph(rng):
    seeds = paths.walk(A, 20, 10, rng)
    assert seeds[0] == A
    steps = np.diff([seed.values for seed in seeds], axis=0)
    assert (np.abs(steps) <= 10.5).all()
    assert np.abs(steps).mean() > 3


def test_a_long_walk_stays_where_networks_know_their_way(rng):
    lengths = [seed.length for seed in paths.walk(A, 400, 40, rng)]
    assert max(lengths) < 8 + 2.1 + 1e-6


@pytest.mark.parametrize("length", [0.0, 14.0])
def test_a_seed_outside_the_band_is_not_pulled_further_than_it_was(rng, length):
    seed = Seed((length / SLIDER_SCALE / 8,) * 64)
    assert abs(paths.mutate(seed, 1, rng).length - length) < 0.3


@pytest.mark.parametrize("steps", [0, -1, 1025, 2.5])
def test_steps_that_make_no_sense(steps):
    with pytest.raises(SettingError, match="steps"):
        paths.fade(A, B, steps)


@pytest.mark.parametrize("morph", [-1, math.nan, math.inf])
def test_morph_that_makes_no_sense(morph, rng):
    with pytest.raises(SettingError, match="morph"):
        paths.mutate(A, morph, rng)


def test_sizes_do_not_mix():
    with pytest.raises(SeedError, match="64 values, the other 1"):
        paths.lerp(A, Seed((0.0,)), 0.5)
    with pytest.raises(SeedError, match="64 values, the other 1"):
        latents([A, Seed((0.0,))])
    with pytest.raises(SeedError, match="no seed"):
        latents([])


def test_sliders_span_three_deviations():
    assert latents([Seed((-128.0, 0.0, 127.0))]) == pytest.approx(np.array([[-3, 0, 2.9765625]]))
