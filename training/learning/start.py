"""Making the networks of a run ready to learn: back end, precision, randomness, devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SettingError, SourceError, TechnoganError
from technogan.image import from_grey
from training.learning.checkpoints import AVERAGES, CHECKPOINTS, load_average, load_checkpoint, numbered
from training.learning.inheritance import inherited_discriminator, inherited_generator, require_relation
from training.learning.run import Run, TrainConfig
from training.networks.backend import INSTALL, require_keras

if TYPE_CHECKING:
    from training.learning.encoder import EncoderLearner
    from training.learning.gan import Gan

# Real images whose rows say what the networks work on.
_ROW_IMAGES = 512


def prepare_keras(config: TrainConfig) -> None:
    """Choose back end and precision, and seed what is random in Keras.

    Raises as `require_keras`, and TechnoganError for an installation that is broken.
    """
    require_keras(config.backend)
    try:
        import keras
    except ImportError as error:
        reason = " ".join(str(error).split())
        told = f"{config.backend} is installed, but cannot be loaded ({reason})"
        raise TechnoganError(f"{told}; install it anew: {INSTALL[config.backend]}") from error

    keras.config.set_dtype_policy("mixed_bfloat16" if config.precision == "bfloat16" else "float32")
    keras.utils.set_random_seed(config.random_seed)
    if config.deterministic:
        if config.backend == "tensorflow":
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()
        else:
            import torch

            torch.use_deterministic_algorithms(True)


def make_gan(config: TrainConfig) -> Gan:
    """Networks with random weights, after `prepare_keras`. Raises SettingError for more devices than there are."""
    if config.backend == "torch":
        from training.learning.gan_torch import TorchGan

        if config.devices > 1:
            raise SettingError("devices", config.devices, "1 with PyTorch; several need TensorFlow")
        return TorchGan(config.network)
    from training.learning.gan_tensorflow import TensorflowGan

    strategy = _strategy(config)
    with strategy.scope():
        return TensorflowGan(config.network, strategy)


def make_encoder_learner(config: TrainConfig, weights: Mapping[str, FloatArray]) -> EncoderLearner:
    """An encoder with random weights for the generator of these, after `prepare_keras`."""
    if config.backend == "torch":
        from training.learning.encoder_torch import TorchEncoderLearner

        return TorchEncoderLearner(config.network, weights)
    from training.learning.encoder_tensorflow import TensorflowEncoderLearner

    return TensorflowEncoderLearner(config.network, weights)


def inherit(gan: Gan, parent: Run) -> None:
    """Begin with what the networks of another run have learned. Raises SourceError where it has no checkpoint, and as
    `require_relation`.
    """
    from training.networks.discriminator import build_discriminator
    from training.networks.layers import load_weights, weights_of

    heir, definition = gan.definition, parent.config.network
    require_relation(heir, definition)
    kept, averages = (numbered(parent.folder / part) for part in (CHECKPOINTS, AVERAGES))
    if not kept or not averages:
        raise SourceError(parent.folder, "has no checkpoint to begin with")
    generator = inherited_generator(heir, definition, gan.generator.weights(), load_average(averages[-1])[1])
    gan.generator.load(generator)
    gan.average.load(generator)
    discriminator = build_discriminator(definition)
    _, arrays = load_checkpoint(kept[-1])
    for i, variable in enumerate(discriminator.variables):
        variable.assign(arrays[f"discriminator/{i}"])
    judged = inherited_discriminator(weights_of(gan.discriminator), weights_of(discriminator))
    load_weights(gan.discriminator, judged)


def some_images(array: GreyArray) -> FloatArray:
    """Some of the real images, spread over all: float32 (n, n_bins, n_frames), [-1, 1]."""
    indices = np.unique(np.linspace(0, len(array) - 1, _ROW_IMAGES).astype(np.intp))
    return from_grey(array[indices])


def _strategy(config: TrainConfig) -> Any:
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    wanted = config.devices or len(devices)
    if wanted > len(devices):
        raise SettingError("devices", wanted, f"at most {len(devices)}, which is what TensorFlow finds here")
    if config.network.recipe.batch % wanted:
        raise SettingError("batch", config.network.recipe.batch, f"a multiple of {wanted}, the number of devices")
    if wanted == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in devices[:wanted]])
