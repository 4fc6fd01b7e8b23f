import copy
import math
import pickle

import numpy as np
import pytest

from technogan.errors import SeedError, SettingError
from technogan.seeds import paths
from technogan.seeds.seed import SLIDER_SCALE, Seed, _splitmix_uniforms, latents

A = Seed.from_integer(1)
B = Seed.from_integer(2)


def test_integers_always_expand_to_the_same_seed():
    # Computed by hand from SplitMix64's published outputs for state 0: e220a8397b1dcdaf, 6e789e6aa1b965f4,
    # 06c45d188009454f.
    uniforms = [((x >> 11) + 0.5) / 2**53 for x in (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)]
    assert uniforms == list(_splitmix_uniforms(0, 3))
    assert Seed.from_integer(0).values[:3] == (51.0, -7.0, -83.0)


@pytest.mark.parametrize("number", [0, 1, -1, 2**63, 2**64 - 1, 10**18])
def test_every_integer_expands_to_a_seed(number):
    seed = Seed.from_integer(number)
    assert len(seed) == 64
    assert all(value == int(value) for value in seed.values)


def test_random_seeds_are_normal_not_uniform(rng):
    lengths = [Seed.random(rng).length for _ in range(300)]
    assert 7.7 < np.mean(lengths) < 8.1  # uniform sliders would have 13.9
    lengths = [Seed.from_integer(n).length for n in range(300)]
    assert 7.7 < np.mean(lengths) < 8.1


@pytest.mark.parametrize(
    "values", [(1, 2.5, -3), [1, 2.5, -3], np.array([1, 2.5, -3]), (value for value in (1, 2.5, -3))]
)
def test_any_iterable_of_numbers_makes_a_seed(values):
    seed = Seed(values)
    assert seed.values == (1.0, 2.5, -3.0)
    assert {type(value) for value in seed.values} == {float}


def test_seeds_are_equal_hashable_and_immutable():
    numbers = [1, 2]
    seed = Seed(numbers)
    numbers[0] = 3
    assert seed == Seed.of((1.0, 2.0), 2) == pickle.loads(pickle.dumps(seed)) == copy.deepcopy(seed)
    assert seed != Seed(numbers)
    assert len({seed, Seed([1, 2])}) == 1
    with pytest.raises(AttributeError):
        seed.values = (0.0,)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "at least one"),
        ([math.nan], "value 1 is nan"),
        ([0, math.inf], "value 2 is inf"),
        ([0, 10**400], "value 2 is 1000.* must be a number"),
        ([0, 0, 128], "value 3 is 128"),
        ([-129], "-128 to 127"),
        ("text", "value 1 is 't'; it must be a number"),
        ([None], "value 1 is None"),
        (np.zeros((2, 2)), "value 1 is array"),
    ],
)
def test_values_that_are_not_a_seed(values, message):
    with pytest.raises(SeedError, match=message):
        Seed(values)


@pytest.mark.parametrize("count", [0, 63, 65])
def test_a_wrong_count_is_refused(count):
    with pytest.raises(SeedError, match=f"expected a seed of 64 values, got {count}"):
        Seed([0.0] * count, 64)


def test_clipping_moves_values_to_the_limits():
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


@pytest.mark.parametrize("spherical", [False, True])
def test_fades_and_pingpongs_reach_both_seeds(spherical):
    fade = paths.fade(A, B, 8, spherical=spherical)
    pingpong = paths.pingpong(A, B, 8, spherical=spherical)
    for start, end in ((fade[0], fade[-1]), (pingpong[0], pingpong[4])):
        assert start.values == pytest.approx(A.values)
        assert end.values == pytest.approx(B.values)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # From 40 at 0 degrees to 80 at 90 degrees: angle and length both change linearly.
        (0, (40, 0)),
        (1 / 3, (160 / 3 * math.cos(math.pi / 6), 160 / 3 * math.sin(math.pi / 6))),
        (0.5, (60 / math.sqrt(2), 60 / math.sqrt(2))),
        (1, (0, 80)),
    ],
)
def test_spherical_interpolation_turns_evenly(position, expected):
    assert paths.slerp(Seed([40, 0]), Seed([0, 80]), position).values == pytest.approx(expected)


def test_spherical_interpolation_keeps_the_length():
    middle = paths.slerp(A, B, 0.5)
    assert middle.length == pytest.approx((A.length + B.length) / 2, rel=1e-6)
    assert paths.lerp(A, B, 0.5).length < 0.85 * middle.length


@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [
        ([0, 0], [50, 20], (25, 10)),
        ([50, 20], [100, 40], (75, 30)),
        ([50, 20], [-50, -20], (0, 0)),
    ],
    ids=["zero", "same direction", "opposite directions"],
)
def test_spherical_interpolation_of_collinear_seeds_is_linear(start, end, middle):
    assert paths.slerp(Seed(start), Seed(end), 0.5).values == pytest.approx(middle)


@pytest.mark.parametrize(("make", "steps"), [(paths.fade, 3), (paths.pingpong, 4)])
@pytest.mark.parametrize(("spherical", "middle"), [(False, (50, 50)), (True, (100 / math.sqrt(2),) * 2)])
def test_spherical_selects_the_interpolation(make, steps, spherical, middle):
    seeds = make(Seed([100, 0]), Seed([0, 100]), steps, spherical=spherical)
    assert seeds[1].values == pytest.approx(middle)


def test_a_walk_begins_at_its_start_and_moves_within_morph(rng):
    seeds = paths.walk(A, 20, 10, rng)
    assert seeds[0] == A
    steps = np.diff([seed.values for seed in seeds], axis=0)
    assert (np.abs(steps) <= 10.5).all()
    assert np.abs(steps).mean() > 3


def test_a_long_walk_stays_within_the_band_that_networks_know(rng):
    lengths = [seed.length for seed in paths.walk(A, 400, 40, rng)]
    assert max(lengths) < 8 + 2.1 + 1e-6


@pytest.mark.parametrize("length", [0.0, 14.0])
def test_a_seed_outside_the_band_is_not_pulled_further_than_it_was(rng, length):
    seed = Seed((length / SLIDER_SCALE / 8,) * 64)
    assert abs(paths.mutate(seed, 1, rng).length - length) < 0.3


@pytest.mark.parametrize("steps", [0, -1, 1025, 2.5])
def test_invalid_steps_are_refused(steps):
    with pytest.raises(SettingError, match="steps"):
        paths.fade(A, B, steps)


@pytest.mark.parametrize("morph", [-1, math.nan, math.inf])
def test_invalid_morphs_are_refused(morph, rng):
    with pytest.raises(SettingError, match="morph"):
        paths.mutate(A, morph, rng)


def test_seeds_of_different_sizes_do_not_mix():
    with pytest.raises(SeedError, match="64 values, the other 1"):
        paths.lerp(A, Seed((0.0,)), 0.5)
    with pytest.raises(SeedError, match="64 values, the other 1"):
        latents([A, Seed((0.0,))])
    with pytest.raises(SeedError, match="no seed"):
        latents([])


def test_sliders_span_three_standard_deviations():
    assert latents([Seed((-128.0, 0.0, 127.0))]) == pytest.approx(np.array([[-3, 0, 2.9765625]]))
