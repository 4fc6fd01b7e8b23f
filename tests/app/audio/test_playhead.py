"""The position that eyes follow."""

import numpy as np
import pytest

from app.audio.playhead import Playhead

BLOCK = 384 / 44100
SPEED = 128 / 60


def _played(playhead, n_blocks, *, late=lambda i: 0.0, latency=0.0, start=100.0):
    for i in range(1, n_blocks + 1):
        now = start + i * BLOCK + late(i)
        playhead.mark(now, given=i * BLOCK, beats=i * BLOCK * SPEED, beats_a_second=SPEED, latency=latency)


def test_it_runs_between_blocks():
    playhead = Playhead()
    _played(playhead, 100)
    now = 100 + 100 * BLOCK
    assert playhead.beats(now) == pytest.approx(100 * BLOCK * SPEED)
    assert playhead.beats(now + 0.004) == pytest.approx((100 * BLOCK + 0.004) * SPEED)


def test_it_is_behind_by_what_is_not_yet_heard():
    playhead = Playhead()
    _played(playhead, 100, latency=0.05)
    assert playhead.beats(100 + 100 * BLOCK) == pytest.approx((100 * BLOCK - 0.05) * SPEED)


def test_blocks_in_fits_and_starts_move_it_evenly(rng):
    playhead, seen = Playhead(), []
    lateness = rng.exponential(0.003, 1000)
    for i in range(1, 1000):
        now = 100 + i * BLOCK
        playhead.mark(now + lateness[i], given=i * BLOCK, beats=i * BLOCK * SPEED, beats_a_second=SPEED, latency=0.0)
        seen.append(playhead.beats(now + BLOCK / 2))
    steps = np.diff(seen[200:]) / SPEED
    assert np.abs(steps - BLOCK).max() < 0.0012
    assert lateness.max() > 0.015


def test_it_stands_while_the_clock_stands():
    playhead = Playhead()
    assert playhead.beats(5.0) == 0
    playhead.mark(5.0, given=1.0, beats=0.0, beats_a_second=0.0, latency=0.05)
    assert playhead.beats(9.0) == 0


def test_after_a_pause_it_is_right_at_once():
    playhead = Playhead()
    _played(playhead, 50)
    _played(playhead, 51, start=160.0)
    assert playhead.beats(160 + 51 * BLOCK) == pytest.approx(51 * BLOCK * SPEED)
