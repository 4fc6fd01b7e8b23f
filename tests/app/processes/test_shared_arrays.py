"""Arrays sent through shared memory."""

import numpy as np
import pytest

from app.processes.shared_arrays import create_memory, pack, unpack


@pytest.fixture
def memory():
    made = create_memory()
    assert made is not None
    yield made
    made.close()
    made.unlink()


@pytest.mark.parametrize(("n_values", "n_shared"), [(0, 2), (1000, 2), (1 << 21, 0)])
def test_arrays_are_copied_out_of_the_memory(memory, n_values, n_shared, rng):
    sent = {"one": rng.random(n_values, np.float32), "other": rng.random((n_values, 1), np.float32), "name": "a"}
    message = pack(sent, memory)
    assert len(message.sizes) == n_shared
    arrived = unpack(message, memory)
    pack(np.zeros(4000, np.float32), memory)
    assert arrived["name"] == "a"
    for key in ("one", "other"):
        np.testing.assert_array_equal(arrived[key], sent[key])


def test_without_shared_memory_arrays_are_pickled():
    message = pack(np.arange(5), None)
    assert unpack(message, None).tolist() == [0, 1, 2, 3, 4]
