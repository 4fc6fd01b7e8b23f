"""The position of what is heard."""

import numpy as np
import pytest

from app.audio.playhead import Playhead

BLOCK = 384 / 44100
SPEED = 128 / 60


def _write_blocks(playhead, n_blocks, *, late=lambda i: 0.0, latency=0.0, start=100.0):
    for i in range(1, n_blocks + 1):
        now = start + i * BLOCK + late(i)
        playhead.update(now, written_s=i * BLOCK, beats=i * BLOCK * SPEED, beats_per_second=SPEED, latency=latency)


def test_it_moves_between_blocks():
    playhead = Playhead()
    _write_blocks(playhead, 100)
    now = 100 + 100 * BLOCK
    assert playhead.latest.at(now) == pytest.approx(100 * BLOCK * SPEED)
    assert playhead.latest.at(now + 0.004) == pytest.approx((100 * BLOCK + 0.004) * SPEED)


def test_it_is_behind_by_the_latency():
    playhead = Playhead()
    _write_blocks(playhead, 100, latency=0.05)
    assert playhead.latest.at(100 + 100 * BLOCK) == pytest.approx((100 * BLOCK - 0.05) * SPEED)


def test_irregular_blocks_move_it_evenly(rng):
    playhead, seen = Playhead(), []
    lateness = rng.exponential(0.003, 1000)
    for i in range(1, 1000):
        now = 100 + i * BLOCK
        playhead.update(
            now + lateness[i], written_s=i * BLOCK, beats=i * BLOCK * SPEED, beats_per_second=SPEED, latency=0.0
        )
        seen.append(playhead.latest.at(now + BLOCK / 2))
    steps = np.diff(seen[200:]) / SPEED
    assert np.abs(steps - BLOCK).max() < 0.0012
    assert lateness.max() > 0.015


def test_it_stops_while_the_clock_is_stopped():
    playhead = Playhead()
    assert playhead.latest.at(5.0) == 0
    playhead.update(5.0, written_s=1.0, beats=0.0, beats_per_second=0.0, latency=0.05)
    assert playhead.latest.at(9.0) == 0


def test_after_a_pause_it_is_correct_at_once():
    playhead = Playhead()
    _write_blocks(playhead, 50)
    _write_blocks(playhead, 51, start=160.0)
    assert playhead.latest.at(160 + 51 * BLOCK) == pytest.approx(51 * BLOCK * SPEED)
