"""Shared memory between the thread that plays and one that looks."""

import numpy as np
import pytest

from app.audio.ring import Ring


@pytest.mark.parametrize("block", [1, 3, 7, 10])
def test_the_newest_frames_are_there(block, rng):
    ring, sound = Ring(10, 2), rng.normal(size=(100, 2)).astype(np.float32)
    for start in range(0, 100, block):
        ring.write(sound[start : start + block])
        came = min(start + block, 100)
        assert ring.came == came
        assert np.array_equal(ring.read(max(came - 10, 0), min(came, 10)), sound[max(came - 10, 0) : came])


def test_before_the_first_frame_there_is_silence():
    ring = Ring(8)
    ring.write(np.ones((3, 1), np.float32))
    assert ring.read(-2, 5)[:, 0].tolist() == [0, 0, 1, 1, 1]


def test_what_was_read_stays_when_more_comes():
    ring = Ring(4)
    ring.write(np.ones((4, 1), np.float32))
    seen = ring.read(0, 4)
    ring.write(np.zeros((4, 1), np.float32))
    assert seen.all()
