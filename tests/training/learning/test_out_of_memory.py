"""Out-of-memory errors of all frameworks are translated."""

import pytest

from technogan.run_folder import cause_of
from training.learning.out_of_memory import OutOfMemory, is_memory_error, translate_memory_errors


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's exception."""


class OutOfMemoryError(RuntimeError):
    """Named as PyTorch's exception."""


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
def test_memory_errors_are_recognised(error, expected):
    assert is_memory_error(error) is expected


@pytest.mark.parametrize(("batch", "advice"), [(16, "--batch 8"), (3, "--batch 2"), (2, "smaller network")])
def test_a_smaller_batch_is_suggested(batch, advice):
    with pytest.raises(OutOfMemory, match=advice) as raised, translate_memory_errors(batch):
        raise MemoryError
    assert cause_of(raised.value) == {"cause": "memory"}


def test_other_errors_pass_through():
    with pytest.raises(ZeroDivisionError), translate_memory_errors(16):
        raise ZeroDivisionError
    assert cause_of(ZeroDivisionError()) == {}
