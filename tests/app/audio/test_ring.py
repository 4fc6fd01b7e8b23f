"""Frames that one thread writes and another reads."""

import numpy as np
import pytest

from app.audio.ring import Ring


@pytest.mark.parametrize("block", [1, 3, 7, 10])
def test_the_newest_frames_are_kept(block, rng):
    ring, sound = Ring(10, 2), rng.normal(size=(100, 2)).astype(np.float32)
    for start in range(0, 100, block):
        ring.write(sound[start : start + block])
        n_written = min(start + block, 100)
        assert ring.n_written == n_written
        assert np.array_equal(
            ring.read(max(n_written - 10, 0), min(n_written, 10)), sound[max(n_written - 10, 0) : n_written]
        )


def test_before_the_first_frame_there_is_silence():
    ring = Ring(8)
    ring.write(np.ones((3, 1), np.float32))
    assert ring.read(-2, 5)[:, 0].tolist() == [0, 0, 1, 1, 1]


def test_a_copy_is_not_overwritten():
    ring = Ring(4)
    ring.write(np.ones((4, 1), np.float32))
    seen = ring.read(0, 4)
    ring.write(np.zeros((4, 1), np.float32))
    assert seen.all()
