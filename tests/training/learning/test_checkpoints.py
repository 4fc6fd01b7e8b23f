import numpy as np
import pytest

from technogan.errors import SourceError
from training.learning.checkpoints import (
    AVERAGES,
    CHECKPOINTS,
    TrainingProgress,
    list_checkpoints,
    load_average,
    load_checkpoint,
    save_average,
    save_checkpoint,
)

ARRAYS: dict[str, np.ndarray] = {
    "generator/0": np.arange(6, dtype=np.float32).reshape(2, 3),
    "optimiser/0": np.array(7, np.int64),
}


def test_a_checkpoint_is_restored_exactly(tmp_path):
    progress = TrainingProgress(3, 48, 1.25)
    found, arrays = load_checkpoint(save_checkpoint(tmp_path, progress, ARRAYS))
    assert found == progress
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype


def test_only_the_newest_two_checkpoints_are_kept(tmp_path):
    for images in (5, 100, 20, 1000):
        save_checkpoint(tmp_path, TrainingProgress(images, images, 0.0), ARRAYS)
    assert [int(path.stem) for path in list_checkpoints(tmp_path / CHECKPOINTS)] == [100, 1000]


def test_all_averages_are_kept(tmp_path):
    for images in (1, 2, 3):
        save_average(tmp_path, TrainingProgress(images, images, 0.0), {"base/kernel": np.zeros(3, np.float32)})
    assert len(list_checkpoints(tmp_path / AVERAGES)) == 3


def test_an_average_stores_only_large_weights_in_16_bits(tmp_path):
    rng = np.random.default_rng(0)
    weights = {name: rng.standard_normal(n).astype(np.float32) for name, n in (("a/large", 4096), ("a/small", 64))}
    _, found = load_average(save_average(tmp_path, TrainingProgress(), weights))
    np.testing.assert_array_equal(found["a/small"], weights["a/small"])
    assert found["a/large"].dtype == np.float32
    np.testing.assert_allclose(found["a/large"], weights["a/large"], rtol=2**-11)


@pytest.mark.parametrize("data", [b"", b"PK", b"nonsense" * 100])
def test_a_damaged_checkpoint_is_reported(tmp_path, data):
    path = tmp_path / "000000001.npz"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"000000001\.npz"):
        load_checkpoint(path)


def test_a_truncated_checkpoint_is_reported(tmp_path):
    path = save_checkpoint(tmp_path, TrainingProgress(), {"a": np.random.default_rng(0).standard_normal(9999)})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SourceError, match="damaged"):
        load_checkpoint(path)
