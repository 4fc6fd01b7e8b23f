"""The generator as a Keras model: from latents to images, while it learns and when it plays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from technogan.arrays import FloatArray
from training.networks.definition import EPSILON, NOISE_OFFSET, STYLE_LAYERS, GeneratorDefinition, NetworkDefinition
from training.networks.layers import (
    Constant,
    Position,
    Rows,
    Tensor,
    convolution,
    dense,
    he,
    load_weights,
    modulated,
    nearest,
    pixel_shuffle,
    shallow,
    transposed_convolution,
    weights_of,
)
from training.networks.speckle import speckle

# So that the network starts with little noise and small images.
_HEAD_GAIN = 0.3
# Added to a row's deviation, which may be none at all.
_LEAST_DEVIATION = 0.02


@dataclass(frozen=True, slots=True)
class GeneratorModel:
    """Two Keras models that share their weights.

    network: [latents, speckle], or latents alone where the definition has no noise -> images as the discriminator sees
    them. player: latents -> images in [-1, 1], always the same; what is exported, and whose weights are everything
    there is to keep. Both give float32 (n, n_bins, n_frames, 1).
    """

    definition: NetworkDefinition
    network: Any
    player: Any

    def __call__(self, latents: Tensor, speckle: Tensor | None = None, *, training: bool = False) -> Tensor:
        """Images as the discriminator sees them. speckle: (n or 1, n_bins, n_frames, 1); the player's if not given."""
        latents = ops.convert_to_tensor(latents)
        if not self.definition.generator.noise:
            return self.network(latents, training=training)
        field = self.player.get_layer("speckle")(latents) if speckle is None else ops.convert_to_tensor(speckle)
        return self.network([latents, field], training=training)

    def standardised(self, images: Tensor) -> Tensor:
        """Real images in [-1, 1], (n, n_bins, n_frames, 1), as the discriminator sees them."""
        return images if self._rows is None else self._rows.standardised(images)

    def learn_rows(self, images: FloatArray) -> None:
        """Take over the mean and the deviation of each row of bins from some real images.

        images: float32 (n, n_bins, n_frames), [-1, 1]. Once, before training.
        """
        if self._rows is not None:
            self._rows.mean.assign(_column(images.mean(axis=(0, 2))))
            self._rows.deviation.assign(_column(images.std(axis=(0, 2)) + _LEAST_DEVIATION))

    def weights(self) -> dict[str, FloatArray]:
        """What an image depends on; see `weights_of`."""
        return weights_of(self.player)

    def load(self, weights: Mapping[str, FloatArray]) -> None:
        """Take over what `weights` gave. Raises SpecMismatch for those of another network."""
        load_weights(self.player, weights)

    def images(self, latents: FloatArray) -> FloatArray:
        """What is played for latents (n, latent_size): float32 (n, n_bins, n_frames), [-1, 1]."""
        images: FloatArray = ops.convert_to_numpy(self.player(latents, training=False))[..., 0]
        return images

    @property
    def _rows(self) -> Any:
        return self.player.get_layer("rows") if self.definition.generator.output == "rows" else None


def build_generator(definition: NetworkDefinition) -> GeneratorModel:
    """A generator with random weights; `keras.utils.set_random_seed` says which."""
    made = definition.generator
    latents = keras.Input((definition.latent_size,), name="latents")
    style = _style(latents, made)
    x = _base(latents if style is None else ops.concatenate([latents, style], axis=1), definition)
    for i, (channels, stride) in enumerate(zip(made.channels, made.strides, strict=True)):
        x = _block(x, style, channels, stride, made, name=f"block_{i}")
    n_bins, n_frames = made.image_size
    field = keras.Input((n_bins, n_frames, 1), name="speckle") if made.noise else None
    images = _float32(_head(x, field, made))
    network = keras.Model(latents if field is None else [latents, field], images, name="generator")
    return GeneratorModel(definition, network, _player(network, definition))


def _player(network: Any, definition: NetworkDefinition) -> Any:
    latents = keras.Input((definition.latent_size,), name="latents")
    if definition.generator.noise:
        field = Constant(speckle(definition.format, 1)[0][..., np.newaxis], name="speckle")
        images = network([latents, field(latents)])
    else:
        images = network(latents)
    if definition.generator.output == "rows":
        images = Rows(dtype="float32", name="rows")(images)
    return keras.Model(latents, images, name="player")


def _style(latents: Tensor, made: GeneratorDefinition) -> Tensor | None:
    if not made.width:
        return None
    style = latents
    for i in range(STYLE_LAYERS):
        style = ops.leaky_relu(dense(style, made.width, shallow(), name=f"style_{i}"), negative_slope=made.slope)
    return style


def _base(source: Tensor, definition: NetworkDefinition) -> Tensor:
    """The first picture; parts of it that repeat every so many beats have as much energy as the part that does not."""
    made, beats = definition.generator, definition.format.beats
    deviation = 1 / math.sqrt(source.shape[1] * (1 + len(made.tiled_beats)))
    bins, frames = made.base
    size = (bins, frames, made.base_channels)
    if made.normalised_base:
        x = keras.layers.Dense(math.prod(size), use_bias=False, name="base")(source)
    else:
        x = dense(source, math.prod(size), _normal(deviation), name="base")
    x = ops.reshape(x, (-1, *size))
    for n in made.tiled_beats:
        part = (bins, frames * n // beats, made.base_channels)
        tile = dense(source, math.prod(part), _normal(deviation), name=f"base_every_{n}")
        x = x + ops.concatenate([ops.reshape(tile, (-1, *part))] * (beats // n), axis=2)
    if made.normalised_base:
        x = _normalised(ops.reshape(x, (-1, math.prod(size))), made, trained=True, name="base_normalisation")
        x = ops.reshape(ops.leaky_relu(x, negative_slope=made.slope), (-1, *size))
    return x


def _block(
    x: Tensor, style: Tensor | None, channels: int, stride: int, made: GeneratorDefinition, *, name: str
) -> Tensor:
    if made.upsampling == "transposed":
        x = transposed_convolution(x, channels, made.kernel, stride, circular=made.circular, name=name)
    else:
        weights = he(made.slope)
        x = nearest(x, stride)
        x = convolution(x, channels, made.kernel, circular=made.circular, weights=weights, use_bias=False, name=name)
    x = _normalised(x, made, trained=style is None, name=f"{name}_normalisation")
    if style is not None:
        x = modulated(x, style, name=f"{name}_change")
    if made.position:
        x = Position(name=f"{name}_position")(x)
    return ops.leaky_relu(x, negative_slope=made.slope)


def _head(x: Tensor, field: Tensor | None, made: GeneratorDefinition) -> Tensor:
    mean_channels = made.sub_pixel**2
    channels = mean_channels + (0 if field is None else (made.sub_pixel // 2) ** 2)
    if made.upsampling == "transposed":
        x = transposed_convolution(x, channels, made.kernel, 1, circular=made.circular, name="head")
    else:
        weights = he(made.slope, _HEAD_GAIN)
        x = convolution(x, channels, made.kernel, circular=made.circular, weights=weights, name="head")
    images = pixel_shuffle(x[..., :mean_channels], made.sub_pixel)
    if field is not None:
        gain = pixel_shuffle(x[..., mean_channels:], made.sub_pixel // 2)
        images = images + nearest(ops.softplus(gain + NOISE_OFFSET), 2) * field
    return ops.tanh(images) if made.output == "tanh" else images


def _normalised(x: Tensor, made: GeneratorDefinition, *, trained: bool, name: str) -> Tensor:
    layer = keras.layers.BatchNormalization(
        momentum=made.momentum, epsilon=EPSILON, center=trained, scale=trained, name=name
    )
    return layer(x)


def _normal(deviation: float) -> Any:
    return keras.initializers.RandomNormal(stddev=deviation)


def _float32(x: Tensor) -> Tensor:
    return x if x.dtype == "float32" else ops.cast(x, "float32")


def _column(values: FloatArray) -> FloatArray:
    return values.astype(np.float32)[:, np.newaxis, np.newaxis]
