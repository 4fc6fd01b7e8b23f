"""Too little memory is said as such, whichever framework found out."""

import pytest

from technogan.run_folder import cause_of
from training.learning.exhaustion import OutOfMemory, explained_memory, is_memory


class ResourceExhaustedError(Exception):
    """As TensorFlow's."""


class OutOfMemoryError(RuntimeError):
    """As PyTorch's."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (ResourceExhaustedError("OOM when allocating tensor"), True),
        (OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_too_little_memory(error, expected):
    assert is_memory(error) is expected


@pytest.mark.parametrize(("batch", "advice"), [(16, "--batch 8"), (3, "--batch 2"), (2, "smaller network")])
def test_a_smaller_batch_is_named(batch, advice):
    with pytest.raises(OutOfMemory, match=advice) as raised, explained_memory(batch):
        raise MemoryError
    assert cause_of(raised.value) == {"cause": "memory"}


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), explained_memory(16):
        raise ZeroDivisionError
    assert cause_of(ZeroDivisionError()) == {}
