"""The encoder as a Keras model: from images to the latents that a generator would draw them from.

It has the discriminator's convolutions, so every definition has an encoder too.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from technogan.network.encoder import LEAST_LEVEL
from training.networks.definition import EPSILON, DiscriminatorDefinition, NetworkDefinition
from training.networks.generator import GeneratorModel
from training.networks.layers import Tensor, convolution, dense, he, pixel_unshuffle, shallow

HIDDEN = 256

_MOMENTUM = 0.95


class Levelled(keras.layers.Layer):
    """Pictures brought to one mean value, then each row standardised. Nothing is trained here.

    A picture's value is a power of a magnitude, so a gain multiplies it: how loud a loop is makes no difference.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the buffers: a mean and a deviation of 1, the values of a picture without structure."""
        shape = (input_shape[1], 1, 1)
        self.mean = self.add_weight(shape=shape, initializer="ones", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=shape, initializer="ones", trainable=False, name="deviation")

    def call(self, images: Tensor) -> Tensor:
        """Images in [-1, 1], (n, n_bins, n_frames, 1) -> the same shape."""
        values = (images + 1) / 2
        level = ops.maximum(ops.mean(values, axis=(1, 2, 3), keepdims=True), LEAST_LEVEL)
        return (values / level - self.mean) / self.deviation

    def learn(self, generator: GeneratorModel) -> None:
        """Take over the rows of a generator that standardises its own."""
        if generator.definition.generator.output == "rows":
            rows = generator.player.get_layer("rows")
            values = (ops.convert_to_numpy(rows.mean) + 1) / 2
            self.mean.assign(values / values.mean())
            self.deviation.assign(ops.convert_to_numpy(rows.deviation) / 2 / values.mean())


def build_encoder(definition: NetworkDefinition) -> Any:
    """A Keras model with random weights: images in [-1, 1], (n, n_bins, n_frames, 1) -> latents, float32 (n,
    latent_size).
    """
    made = definition.discriminator
    images = keras.Input((definition.format.n_bins, definition.format.n_frames, 1), name="images")
    x = pixel_unshuffle(Levelled(dtype="float32", name="level")(images), made.sub_pixel)
    for i, (channels, kernel) in enumerate(zip(made.channels, made.kernels, strict=True)):
        x = _block(x, channels, kernel, made.strides[i], made, name=f"block_{i}")
    x = dense(keras.layers.Flatten()(x), HIDDEN, he(made.slope), name="hidden")
    x = ops.leaky_relu(x, negative_slope=made.slope)
    latents = ops.cast(dense(x, definition.latent_size, shallow(), name="latents"), "float32")
    return keras.Model(images, latents, name="encoder")


def _block(x: Tensor, channels: int, kernel: int, stride: int, made: DiscriminatorDefinition, *, name: str) -> Tensor:
    x = convolution(
        x,
        channels,
        kernel,
        circular=made.circular,
        weights=he(made.slope),
        stride=stride,
        use_bias=False,
        name=name,
    )
    x = keras.layers.BatchNormalization(momentum=_MOMENTUM, epsilon=EPSILON, name=f"{name}_normalisation")(x)
    return ops.leaky_relu(x, negative_slope=made.slope)
