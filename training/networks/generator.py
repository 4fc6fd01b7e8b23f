"""Build the generator as two Keras models, for training and for inference."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from technogan.arrays import FloatArray
from training.networks import layers
from training.networks.definition import NOISE_OFFSET, STYLE_LAYERS, GeneratorDefinition, NetworkDefinition
from training.networks.layers import Tensor
from training.networks.speckle import make_speckle

# Small, so that the network starts with little noise and faint images.
_HEAD_GAIN = 0.3
# Added to the standard deviation of a row, which may be 0.
_ADDED_DEVIATION = 0.02


@dataclass(frozen=True, slots=True)
class GeneratorModel:
    """Two Keras models that share their weights; both return float32 (n, n_bins, n_frames, n_stems).

    Attributes:
        definition: what the models were built from.
        network: from [latents, speckle], or latents alone without noise injection, to standardised images, as the
            discriminator expects them.
        inference_model: from latents to images in [-1, 1], deterministically. It has all the weights and is exported.
    """

    definition: NetworkDefinition
    network: Any
    inference_model: Any

    def __call__(self, latents: Tensor, speckle: Tensor | None = None, *, training: bool = False) -> Tensor:
        """Return standardised images. speckle: (n or 1, n_bins, n_frames, n_stems); the inference model's if None."""
        latents = ops.convert_to_tensor(latents)
        if not self.definition.generator.noise:
            return self.network(latents, training=training)
        if speckle is None:
            speckle = self.inference_model.get_layer("speckle")(latents)
        return self.network([latents, ops.convert_to_tensor(speckle)], training=training)

    def standardise(self, images: Tensor) -> Tensor:
        """Standardise real images in [-1, 1], (n, n_bins, n_frames, n_stems), for the discriminator."""
        return images if self.rows is None else self.rows.standardise(images)

    def fit_rows(self, images: FloatArray) -> None:
        """Set the mean and the standard deviation of each row of bins from real images, once, before training.

        images: float32 (n, [stems,] n_bins, n_frames), [-1, 1].
        """
        if self.rows is not None:
            self.rows.mean.assign(_columns(images.mean(axis=(0, -1))))
            self.rows.deviation.assign(_columns(images.std(axis=(0, -1)) + _ADDED_DEVIATION))

    def weights(self) -> dict[str, FloatArray]:
        """Return all weights, in the form of `weights_of`."""
        return layers.weights_of(self.inference_model)

    def load(self, weights: Mapping[str, FloatArray]) -> None:
        """Load weights in the form of `weights`. Raises SpecMismatch for the weights of another network."""
        layers.load_weights(self.inference_model, weights)

    def generate(self, latents: FloatArray) -> FloatArray:
        """Return the images of latents (n, latent_size): float32 (n, [stems,] n_bins, n_frames), [-1, 1]."""
        images: FloatArray = np.moveaxis(ops.convert_to_numpy(self.inference_model(latents, training=False)), 3, 1)
        return images if self.definition.stems else images[:, 0]

    @property
    def rows(self) -> Any:
        """The layer that undoes the standardisation of rows, or None."""
        return self.inference_model.get_layer("rows") if self.definition.generator.output == "rows" else None


def build_generator(definition: NetworkDefinition) -> GeneratorModel:
    """Build a generator with random weights, which depend on `keras.utils.set_random_seed`."""
    generator = definition.generator
    latents = keras.Input((definition.latent_size,), name="latents")
    style = _style(latents, generator)
    x = _base(latents if style is None else ops.concatenate([latents, style], axis=1), definition)
    for i, (channels, stride) in enumerate(zip(generator.channels, generator.strides, strict=True)):
        x = _block(x, style, channels, stride, generator, name=f"block_{i}")
    n_bins, n_frames = generator.image_size
    field = keras.Input((n_bins, n_frames, definition.n_stems), name="speckle") if generator.noise else None
    images = ops.cast(_head(x, field, definition), "float32")
    network = keras.Model(latents if field is None else [latents, field], images, name="generator")
    return GeneratorModel(definition, network, _build_inference_model(network, definition))


def _build_inference_model(network: Any, definition: NetworkDefinition) -> Any:
    latents = keras.Input((definition.latent_size,), name="latents")
    if definition.generator.noise:
        field = layers.Constant(np.moveaxis(make_speckle(definition.format, definition.n_stems), 0, 2), name="speckle")
        images = network([latents, field(latents)])
    else:
        images = network(latents)
    if definition.generator.output == "rows":
        images = layers.RowScaling(dtype="float32", name="rows")(images)
    return keras.Model(latents, images, name="inference")


def _style(latents: Tensor, generator: GeneratorDefinition) -> Tensor | None:
    if not generator.width:
        return None
    style = latents
    for i in range(STYLE_LAYERS):
        style = layers.dense(style, generator.width, layers.uniform_initialiser(), name=f"style_{i}")
        style = ops.leaky_relu(style, negative_slope=generator.slope)
    return style


def _base(source: Tensor, definition: NetworkDefinition) -> Tensor:
    """The base feature map; parts that repeat after some beats have the same variance as the part that does not."""
    generator, beats = definition.generator, definition.format.beats
    deviation = 1 / math.sqrt(source.shape[1] * (1 + len(generator.tiled_beats)))
    bins, frames = generator.base
    size = (bins, frames, generator.base_channels)
    if generator.normalised_base:
        x = keras.layers.Dense(math.prod(size), use_bias=False, name="base")(source)
    else:
        x = layers.dense(source, math.prod(size), keras.initializers.RandomNormal(stddev=deviation), name="base")
    x = ops.reshape(x, (-1, *size))
    for n in generator.tiled_beats:
        part = (bins, frames * n // beats, generator.base_channels)
        initialiser = keras.initializers.RandomNormal(stddev=deviation)
        tile = layers.dense(source, math.prod(part), initialiser, name=f"base_every_{n}")
        x = x + ops.concatenate([ops.reshape(tile, (-1, *part))] * (beats // n), axis=2)
    if generator.normalised_base:
        x = ops.reshape(x, (-1, math.prod(size)))
        x = layers.batch_normalisation(x, generator.momentum, name="base_normalisation")
        x = ops.reshape(ops.leaky_relu(x, negative_slope=generator.slope), (-1, *size))
    return x


def _block(
    x: Tensor, style: Tensor | None, channels: int, stride: int, generator: GeneratorDefinition, *, name: str
) -> Tensor:
    x = _convolve(x, channels, generator, stride=stride, use_bias=False, name=name)
    x = layers.batch_normalisation(x, generator.momentum, trained=style is None, name=f"{name}_normalisation")
    if style is not None:
        x = layers.modulate(x, style, name=f"{name}_change")
    if generator.position:
        x = layers.PositionalBias(name=f"{name}_position")(x)
    return ops.leaky_relu(x, negative_slope=generator.slope)


def _head(x: Tensor, field: Tensor | None, definition: NetworkDefinition) -> Tensor:
    generator = definition.generator
    mean_channels = definition.n_stems * generator.sub_pixel**2
    channels = mean_channels + (0 if field is None else definition.n_stems * (generator.sub_pixel // 2) ** 2)
    x = _convolve(x, channels, generator, gain=_HEAD_GAIN, name="head")
    images = layers.pixel_shuffle(x[..., :mean_channels], generator.sub_pixel)
    if field is not None:
        gain = layers.pixel_shuffle(x[..., mean_channels:], generator.sub_pixel // 2)
        images = images + layers.upsample_nearest(ops.softplus(gain + NOISE_OFFSET), 2) * field
    return ops.tanh(images) if generator.output == "tanh" else images


def _convolve(
    x: Tensor,
    channels: int,
    generator: GeneratorDefinition,
    *,
    name: str,
    stride: int = 1,
    gain: float = 1.0,
    use_bias: bool = True,
) -> Tensor:
    """Enlarge by the stride and convolve; a transposed convolution has neither gain nor bias."""
    kernel, circular = generator.kernel, generator.circular
    if generator.upsampling == "transposed":
        return layers.transposed_convolution(x, channels, kernel, stride, circular=circular, name=name)
    initialiser = layers.he_initialiser(generator.slope, gain)
    x = layers.upsample_nearest(x, stride)
    return layers.convolution(
        x, channels, kernel, circular=circular, initialiser=initialiser, use_bias=use_bias, name=name
    )


def _columns(values: FloatArray) -> FloatArray:
    """Return values of rows, ([stems,] n_bins), as (n_bins, 1, n_stems)."""
    rows = values.astype(np.float32).reshape(-1, values.shape[-1]).T
    return rows[:, np.newaxis, :]
