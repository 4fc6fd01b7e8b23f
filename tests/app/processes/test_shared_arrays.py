import numpy as np
import pytest

from app.processes.shared_arrays import packed, shared, unpacked


@pytest.fixture
def memory():
    made = shared()
    assert made is not None
    yield made
    made.close()
    made.unlink()


@pytest.mark.parametrize(("n_values", "n_shared"), [(0, 2), (1000, 2), (1 << 21, 0)])
def test_arrays_arrive_and_stay_when_the_memory_is_written_again(memory, n_values, n_shared, rng):
    sent = {"one": rng.random(n_values, np.float32), "other": rng.random((n_values, 1), np.float32), "name": "a"}
    parcel = packed(sent, memory)
    assert len(parcel.sizes) == n_shared
    arrived = unpacked(parcel, memory)
    packed(np.zeros(4000, np.float32), memory)
    assert arrived["name"] == "a"
    for key in ("one", "other"):
        np.testing.assert_array_equal(arrived[key], sent[key])


def test_without_shared_memory_all_is_in_the_parcel():
    parcel = packed(np.arange(5), None)
    assert unpacked(parcel, None).tolist() == [0, 1, 2, 3, 4]
