"""Patterns, breaks, grooves and harmonies of the synthetic corpus."""

import numpy as np
import pytest

from training.corpus import breaks, harmony, patterns
from training.corpus.grid import N_SAMPLES, STEP

TABLES = "FOUR_TO_THE_FLOOR BROKEN_KICKS CLAPS OFFBEATS HATS RIDES STABS BASSES OFFBEAT_BASSES DUB_CHORDS"


def test_breaks_have_sixteen_steps():
    for texts in breaks.BREAKS:
        assert all(patterns.parse_pattern(text).shape == (16,) for text in texts)


def test_slices_in_their_order_are_the_loop_itself(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    np.testing.assert_array_equal(breaks.rearrange(loop, np.arange(16)), loop)


def test_slices_are_moved_and_their_cuts_are_faded():
    loop = np.repeat(np.arange(1, 17), STEP).astype(np.float32)
    order = np.arange(16)
    order[12:] = (0, 0, 4, 4)
    cut = breaks.rearrange(loop, order).reshape(16, STEP)
    np.testing.assert_array_equal(cut[:, STEP // 2], order + 1)
    assert cut[12, 0] == cut[11, -1] == 0
    assert cut[5, 0] == 6


@pytest.mark.parametrize("table", TABLES.split())
def test_templates_have_sixteen_steps(table):
    for text in getattr(patterns, table):
        pattern = patterns.parse_pattern(text)
        assert pattern.shape == (16,)
        assert 0 < pattern.max() <= 1


@pytest.mark.parametrize(
    ("hits", "length", "steps"),
    [(4, 16, [0, 4, 8, 12]), (3, 8, [0, 3, 6]), (5, 16, [0, 4, 7, 10, 13]), (0, 8, []), (8, 8, list(range(8)))],
)
def test_euclidean_rhythms(hits, length, steps):
    assert np.flatnonzero(patterns.euclid(hits, length)).tolist() == steps


def test_all_pitches_of_a_harmony_belong_to_its_scale():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        key = harmony.Harmony.random(rng, 0.7)
        allowed = {(key.root + note) % 12 for note in key.scale}
        for step in range(16):
            melody = [key.pitch(key.draw_degree(rng), step) for _ in range(4)]
            chords = [key.chord(voicing, step, inversion) for voicing in harmony.VOICINGS for inversion in range(3)]
            assert {note % 12 for note in [*melody, *(note for chord in chords for note in chord)]} <= allowed


def test_chords_move_with_the_progression():
    key = harmony.Harmony(33, (0, 2, 3, 5, 7, 8, 10), (0, 0, -2, 3))
    assert key.chord((0, 1, 2), 0) == (33, 36, 40)
    assert key.chord((0, 1, 2), 8) == (29, 33, 36)
    assert key.chord((0, 2, 5), 15) == (38, 45, 50)
    assert key.chord((0, 1, 2), 0, 1) == (45, 36, 40)
    assert key.pitch(-1) == 31


def test_an_answer_keeps_the_call():
    call, answered = patterns.parse_pattern("X..x..x........."), 0
    for seed in range(30):
        phrase = patterns.answer(np.random.default_rng(seed), call)
        np.testing.assert_array_equal(phrase[:8], call[:8])
        answered += bool(phrase[8:].any())
    assert answered > 25


def test_swing_delays_odd_sixteenths_only():
    groove = patterns.Groove(0.25, 0.0, np.ones(16, np.float32))
    assert [groove.position(step) for step in range(3)] == [0, STEP * 5 // 4, 2 * STEP]


@pytest.mark.parametrize("draw", [patterns.random_percussion, lambda rng: patterns.random_pattern(rng, 0.0)])
def test_drawn_patterns_are_never_empty(draw):
    for seed in range(50):
        pattern = draw(np.random.default_rng(seed))
        assert pattern.shape == (16,)
        assert 0 < pattern.max() <= 1
