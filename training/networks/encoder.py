"""Build the encoder as a Keras model, from images to the latents from which the generator would produce them.

It has the discriminator's convolutions, so every network definition has an encoder.
"""

from functools import partial
from typing import Any

import keras
from keras import ops

from technogan.network.encoder import LEAST_LEVEL
from training.networks import layers
from training.networks.definition import NetworkDefinition
from training.networks.generator import GeneratorModel
from training.networks.layers import Tensor

HIDDEN_UNITS = 256

_MOMENTUM = 0.95


class LevelNormalisation(keras.layers.Layer):
    """Normalisation of each image to the same mean value, then of each row; nothing is trained.

    Pixel values are powers of magnitudes, so a gain only scales them: the loudness of a loop makes no difference.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the buffers: mean and standard deviation 1, those of an image without structure."""
        shape = (input_shape[1], 1, 1)
        self.mean = self.add_weight(shape=shape, initializer="ones", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=shape, initializer="ones", trainable=False, name="deviation")

    def call(self, images: Tensor) -> Tensor:
        """Normalise images in [-1, 1]: (n, n_bins, n_frames, 1), same shape."""
        values = (images + 1) / 2
        level = ops.maximum(ops.mean(values, axis=(1, 2, 3), keepdims=True), LEAST_LEVEL)
        return (values / level - self.mean) / self.deviation

    def copy_rows(self, generator: GeneratorModel) -> None:
        """Copy the row statistics of the generator, if it standardises rows."""
        if generator.rows is not None:
            values = (ops.convert_to_numpy(generator.rows.mean) + 1) / 2
            self.mean.assign(values / values.mean())
            self.deviation.assign(ops.convert_to_numpy(generator.rows.deviation) / 2 / values.mean())


def build_encoder(definition: NetworkDefinition) -> Any:
    """Build a Keras model with random weights, from images in [-1, 1], (n, n_bins, n_frames, 1), to latents.

    The latents are float32 (n, latent_size).
    """
    discriminator = definition.discriminator
    images = keras.Input((definition.format.n_bins, definition.format.n_frames, 1), name="images")
    x = layers.pixel_unshuffle(LevelNormalisation(dtype="float32", name="level")(images), discriminator.sub_pixel)
    convolve = partial(layers.convolution, circular=discriminator.circular, use_bias=False)
    for i, (channels, kernel) in enumerate(zip(discriminator.channels, discriminator.kernels, strict=True)):
        stride, initialiser = discriminator.strides[i], layers.he_initialiser(discriminator.slope)
        x = convolve(x, channels, kernel, stride=stride, initialiser=initialiser, name=f"block_{i}")
        x = layers.batch_normalisation(x, _MOMENTUM, name=f"block_{i}_normalisation")
        x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    x = keras.layers.Flatten()(x)
    x = layers.dense(x, HIDDEN_UNITS, layers.he_initialiser(discriminator.slope), name="hidden")
    x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    latents = layers.dense(x, definition.latent_size, layers.uniform_initialiser(), name="latents")
    return keras.Model(images, ops.cast(latents, "float32"), name="encoder")
