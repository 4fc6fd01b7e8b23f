"""A batch split over several devices of one machine: here, two virtual devices of its CPU."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("tensorflow", reason="needs the training extra, which is too large for every check")

pytestmark = pytest.mark.keras

PROGRAM = """
import json, sys
from training.networks.backend import require_keras
require_keras("tensorflow")
import tensorflow as tf
devices = int(sys.argv[1])
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * devices)
import keras, numpy as np
from tests.training.small import small
from training.learning.batches import Batches
from training.learning.run import TrainConfig
from training.learning.start import make_gan
keras.utils.set_random_seed(0)
definition = small("beat", batch=8)
images = np.random.default_rng(0).integers(0, 255, (64, 320, 128), np.uint8)
gan = make_gan(TrainConfig(definition, "", 64, devices=devices))
batches = Batches(images, definition, random_seed=0)
losses = [gan.step(batches(i), penalise=i % 2 == 0, decay=0.5) for i in range(4)]
average = np.concatenate([w.ravel() for w in gan.ema_generator.weights().values()])
print(json.dumps([{name: float(value) for name, value in step.items()} for step in losses] + [float(average.std())]))
"""


def train_on(devices):
    result = subprocess.run([sys.executable, "-c", PROGRAM, str(devices)], check=True, capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[-1])


def test_two_devices_learn_the_same_as_one():
    """The results differ a little: batch normalisation and minibatch standard deviation see half a batch each."""
    (*one, one_spread), (*two, two_spread) = train_on(1), train_on(2)
    for alone, together in zip(one, two, strict=True):
        assert alone.keys() == together.keys()
        for name in ("generator", "discriminator"):
            assert together[name] == pytest.approx(alone[name], rel=0.02)
    assert two_spread == pytest.approx(one_spread, rel=1e-3)


def test_more_devices_than_there_are():
    from technogan.errors import SettingError
    from tests.training.small import small
    from training.learning.run import TrainConfig
    from training.learning.start import make_gan

    with pytest.raises(SettingError, match="devices is 64"):
        make_gan(TrainConfig(small("beat"), "", 64, devices=64))
