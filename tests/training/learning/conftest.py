"""Settings of a small run, on the back end in KERAS_BACKEND."""

import os
from typing import Any

import pytest

from tests.training.small import small, small_dataset
from training.learning.run import TrainConfig

_BACKEND: Any = os.environ.get("KERAS_BACKEND", "tensorflow")


@pytest.fixture
def step_by_step():
    """Run TensorFlow eagerly, since compiling takes longer than the few steps of a test; the commands do compile."""
    if _BACKEND == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)


@pytest.fixture
def config(tmp_path):
    definition = small("beat")
    dataset = small_dataset(tmp_path / "dataset", definition)
    return TrainConfig(definition, str(dataset), 64, backend=_BACKEND, glance=0, devices=1)
