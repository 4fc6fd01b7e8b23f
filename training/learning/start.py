"""Prepare training: back end, precision, random seeds, devices, networks and their initial weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SettingError, SourceError, SpecMismatch, TechnoganError
from technogan.formats import first_difference
from technogan.image import from_grey
from training.dataset.images import Images, open_images
from training.learning.checkpoints import AVERAGES, CHECKPOINTS, list_checkpoints, load_average, load_checkpoint
from training.learning.run import Run, TrainConfig
from training.learning.transfer import require_compatible, transfer_discriminator, transfer_generator
from training.networks.backend import INSTALL_COMMANDS, require_keras

if TYPE_CHECKING:
    from training.learning.encoder import EncoderLearner
    from training.learning.gan import Gan

# Real images from which the row statistics are computed.
_SAMPLE_IMAGES = 512


def prepare_keras(config: TrainConfig) -> None:
    """Select Keras's back end and precision, and seed its random generators.

    Raises:
        TechnoganError: as in `require_keras`, or if the back end cannot be loaded.
    """
    require_keras(config.backend)
    try:
        import keras
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise TechnoganError(
            f"{config.backend} is installed but cannot be loaded ({reason}); "
            f"reinstall it: {INSTALL_COMMANDS[config.backend]}"
        ) from error

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
    """Build networks with random weights, after `prepare_keras`. Raises SettingError if there are fewer devices."""
    if config.backend == "torch":
        from training.learning.gan_torch import TorchGan

        if config.devices > 1:
            raise SettingError("devices", config.devices, "1 with PyTorch; only TensorFlow supports several")
        return TorchGan(config.network)
    from training.learning.gan_tensorflow import TensorflowGan

    strategy = _strategy(config)
    with strategy.scope():
        return TensorflowGan(config.network, strategy)


def make_encoder_learner(config: TrainConfig, weights: Mapping[str, FloatArray]) -> EncoderLearner:
    """Build an encoder with random weights for a generator with these weights, after `prepare_keras`."""
    if config.backend == "torch":
        from training.learning.encoder_torch import TorchEncoderLearner

        return TorchEncoderLearner(config.network, weights)
    from training.learning.encoder_tensorflow import TensorflowEncoderLearner

    return TensorflowEncoderLearner(config.network, weights)


def transfer_weights(gan: Gan, parent: Run) -> None:
    """Initialise networks with the weights of another run.

    Raises:
        SourceError: the parent run has no checkpoint.
        SpecMismatch: the networks differ in more than the length of the loops.
    """
    from training.networks.discriminator import build_discriminator
    from training.networks.layers import load_weights, weights_of

    child, definition = gan.definition, parent.config.network
    require_compatible(child, definition)
    checkpoints, averages = (list_checkpoints(parent.folder / part) for part in (CHECKPOINTS, AVERAGES))
    if not checkpoints or not averages:
        raise SourceError(parent.folder, "has no checkpoint to take weights from")
    generator = transfer_generator(child, definition, gan.generator.weights(), load_average(averages[-1])[1])
    gan.generator.load(generator)
    gan.ema_generator.load(generator)
    discriminator = build_discriminator(definition)
    _, arrays = load_checkpoint(checkpoints[-1])
    for i, variable in enumerate(discriminator.variables):
        variable.assign(arrays[f"discriminator/{i}"])
    transferred = transfer_discriminator(weights_of(gan.discriminator), weights_of(discriminator))
    load_weights(gan.discriminator, transferred)


def open_dataset(config: TrainConfig) -> Images:
    """Open the images of a run's dataset. Raises SourceError, and SpecMismatch for another format or other stems."""
    images = open_images(Path(config.dataset), damaged=config.damaged)
    if images.manifest.stems != config.network.stems:
        raise SpecMismatch("the dataset's stems", config.network.stems or "none", images.manifest.stems or "none")
    if images.manifest.format != config.network.format:
        raise SpecMismatch("the dataset's format", *first_difference(config.network.format, images.manifest.format))
    return images


def sample_images(array: GreyArray) -> FloatArray:
    """Return at most 512 evenly spaced images: float32 (n, [stems,] n_bins, n_frames), [-1, 1]."""
    indices = np.unique(np.linspace(0, len(array) - 1, _SAMPLE_IMAGES).astype(np.intp))
    return from_grey(array[indices])


def _strategy(config: TrainConfig) -> Any:
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    wanted = config.devices or len(devices)
    if wanted > len(devices):
        raise SettingError("devices", wanted, f"at most {len(devices)}, the devices that TensorFlow finds")
    if config.network.recipe.batch % wanted:
        raise SettingError("batch", config.network.recipe.batch, f"a multiple of {wanted}, the number of devices")
    if wanted == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in devices[:wanted]])
