"""A small run, on the back end that KERAS_BACKEND names."""

import os
from typing import Any

import pytest

from tests.training.small import small, small_dataset
from training.learning.run import TrainConfig

_BACKEND: Any = os.environ.get("KERAS_BACKEND", "tensorflow")


@pytest.fixture
def step_by_step():
    """TensorFlow takes longer to compile a step than some tests to make theirs; their commands do compile it."""
    if _BACKEND == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)


@pytest.fixture
def config(tmp_path):
    definition = small("beat")
    dataset = small_dataset(tmp_path / "dataset", definition)
    return TrainConfig(definition, str(dataset), 64, backend=_BACKEND, glance=0, devices=1)
