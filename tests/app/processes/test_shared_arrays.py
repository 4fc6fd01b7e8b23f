"""Arrays sent through shared memory."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.processes.shared_arrays import SharedArrays, remove_abandoned


@pytest.fixture
def ends():
    made = SharedArrays.create()
    assert made.name is not None
    yield made, SharedArrays.open(made.name)
    made.free()


@pytest.mark.parametrize(("n_values", "n_shared"), [(0, 2), (1000, 2), (1 << 21, 0)])
def test_arrays_are_copied_out_of_the_memory(ends, n_values, n_shared, rng):
    writer, reader = ends
    sent = {"one": rng.random(n_values, np.float32), "other": rng.random((n_values, 1), np.float32), "name": "a"}
    message = writer.pack(sent)
    assert len(message.sizes) == n_shared
    arrived = reader.unpack(message)
    writer.pack(np.zeros(4000, np.float32))
    assert arrived["name"] == "a"
    for key in ("one", "other"):
        np.testing.assert_array_equal(arrived[key], sent[key])


def test_the_memory_is_not_written_again_before_it_was_read(ends):
    writer, reader = ends
    first, second = writer.pack(np.arange(5)), writer.pack(np.arange(6))
    assert (len(first.sizes), len(second.sizes)) == (1, 0)
    assert reader.unpack(first).tolist() == [0, 1, 2, 3, 4]
    assert reader.unpack(second).tolist() == [0, 1, 2, 3, 4, 5]
    third = writer.pack(np.arange(7))
    assert len(third.sizes) == 1
    assert reader.unpack(third).tolist() == list(range(7))


def test_values_without_arrays_do_not_use_the_memory(ends):
    writer, reader = ends
    arrays, text = writer.pack(np.arange(5)), writer.pack("text")
    assert reader.unpack(text) == "text"
    assert reader.unpack(arrays).tolist() == [0, 1, 2, 3, 4]


def test_without_shared_memory_arrays_are_pickled():
    without = SharedArrays.open(None)
    assert SharedArrays.open(None).unpack(without.pack(np.arange(5))).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory has no folder here")
def test_memory_of_killed_processes_is_removed_and_that_of_living_ones_kept(ends):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    abandoned = Path(f"/dev/shm/technogan-{ended.pid}-0123abcd")
    other = Path(f"/dev/shm/technogan-test-{os.getpid()}")
    try:
        abandoned.touch()
        other.touch()
        remove_abandoned()
        assert not abandoned.exists()
        assert other.exists()
        assert Path("/dev/shm", ends[0].name.lstrip("/")).exists()
    finally:
        abandoned.unlink(missing_ok=True)
        other.unlink(missing_ok=True)
