"""Layers and operations that Keras lacks, written in Keras's operations so that they run on every back end.

Tensors are (batch, bins, frames, channels); the frames are circular.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
from keras import ops

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from training.networks.definition import BATCH_NORM_EPSILON, same_padding

# A Keras tensor, symbolic or not: Keras publishes no types.
Tensor = Any


def from_grey(grey: Tensor) -> Tensor:
    """Convert 8-bit grey to images in [-1, 1], as `technogan.image.from_grey` does, on the device."""
    return ops.cast(grey, "float32") / 127.5 - 1.0


def he_initialiser(slope: float, gain: float = 1.0) -> Any:
    """Return an initialiser that preserves variance through a leaky ReLU. Source: He et al. 2015."""
    return keras.initializers.VarianceScaling(2 * gain**2 / (1 + slope**2), "fan_in", "untruncated_normal")


def uniform_initialiser() -> Any:
    """Return an initialiser that draws evenly between plus and minus 1 / sqrt(inputs)."""
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def dense(x: Tensor, units: int, initialiser: Any, name: str | None = None) -> Tensor:
    """Apply a dense layer whose kernel is initialised by `initialiser`."""
    return keras.layers.Dense(units, kernel_initializer=initialiser, name=name)(x)


def batch_normalisation(x: Tensor, momentum: float, *, trained: bool = True, name: str) -> Tensor:
    """Normalise channels by the statistics of the batch. trained: learn a scale and a shift."""
    layer = keras.layers.BatchNormalization(
        momentum=momentum, epsilon=BATCH_NORM_EPSILON, center=trained, scale=trained, name=name
    )
    return layer(x)


def pad_circular(x: Tensor, before: int, after: int) -> Tensor:
    """Pad the frames circularly on both sides."""
    frames = x.shape[2]
    parts = [x[:, :, frames - before :]] if before else []
    parts += [x, *([x[:, :, :after]] if after else [])]
    return ops.concatenate(parts, axis=2) if len(parts) > 1 else x


def convolution(
    x: Tensor,
    channels: int,
    kernel: int,
    *,
    circular: bool,
    initialiser: Any,
    stride: int = 1,
    use_bias: bool = True,
    name: str | None = None,
) -> Tensor:
    """Apply a convolution that divides the size by the stride, with zeros beyond the first and the last bin.

    kernel: side of the kernel. circular: pad time circularly instead of with zeros. initialiser: of the kernel, or the
    name of one of Keras's.
    """
    layer = keras.layers.Conv2D(
        channels,
        kernel,
        strides=stride,
        padding="valid" if circular else "same",
        use_bias=use_bias,
        kernel_initializer=initialiser,
        name=name,
    )
    if circular:
        before, after = same_padding(kernel, stride)
        x = pad_circular(ops.pad(x, ((0, 0), (before, after), (0, 0), (0, 0))), before, after)
    return layer(x)


def transposed_convolution(
    x: Tensor, channels: int, kernel: int, stride: int, *, circular: bool, name: str | None = None
) -> Tensor:
    """Apply a transposed convolution that multiplies the size by the stride.

    The result is cropped here because back ends disagree on which side "same" crops.
    """
    bins, frames = x.shape[1] * stride, x.shape[2] * stride
    margin = kernel // 2 if circular else 0
    layer = keras.layers.Conv2DTranspose(channels, kernel, strides=stride, padding="valid", use_bias=False, name=name)
    x = layer(pad_circular(x, margin, margin))
    before, _ = same_padding(kernel, stride)
    left = before + margin * stride
    return x[:, before : before + bins, left : left + frames]


def upsample_nearest(x: Tensor, factor: int) -> Tensor:
    """Repeat every pixel as a square of `factor` by `factor`."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(ops.concatenate([x] * factor, axis=3), (-1, bins, frames * factor * channels))
    return ops.reshape(ops.concatenate([x] * factor, axis=2), (-1, bins * factor, frames * factor, channels))


def pixel_shuffle(x: Tensor, factor: int) -> Tensor:
    """Rearrange channels into squares of `factor` by `factor` pixels. Source: Shi et al. 2016."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(x, (-1, bins, frames, factor, factor, channels // factor**2))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, bins * factor, frames * factor, channels // factor**2))


def pixel_unshuffle(x: Tensor, factor: int) -> Tensor:
    """Rearrange squares of `factor` by `factor` pixels into channels: the inverse of `pixel_shuffle`."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(x, (-1, bins // factor, factor, frames // factor, factor, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, bins // factor, frames // factor, channels * factor**2))


def modulate(x: Tensor, style: Tensor, name: str | None = None) -> Tensor:
    """Scale and shift every channel by a dense layer of the style. Source: Perez et al. 2018."""
    channels = x.shape[3]
    modulation = dense(style, 2 * channels, keras.initializers.RandomNormal(stddev=0.05), name)
    modulation = ops.reshape(modulation, (-1, 1, 1, 2 * channels))
    return x * (1 + modulation[..., :channels]) + modulation[..., channels:]


class PositionalBias(keras.layers.Layer):
    """A learned bias per row plus one per frame, both initially 0."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        _, bins, frames, channels = input_shape
        self.rows = self.add_weight(shape=(bins, 1, channels), initializer="zeros", name="rows")
        self.moments = self.add_weight(shape=(1, frames, channels), initializer="zeros", name="moments")

    def call(self, x: Tensor) -> Tensor:
        """Add the bias: same shape."""
        return x + (self.rows + self.moments)


class MinibatchStdDev(keras.layers.Layer):
    """The minibatch standard deviation as an additional channel, by which the discriminator recognises mode collapse.

    channels: how many are measured. group: images that are compared; if the batch is not a multiple of it, the whole
    batch is compared. Source: Karras et al. 2018.
    """

    def __init__(self, channels: int, group: int, **options: Any) -> None:
        super().__init__(**options)
        self._channels = channels
        self._group = group

    def call(self, x: Tensor) -> Tensor:
        """(n, bins, frames, channels) -> (n, bins, frames, channels + 1)."""
        n, (bins, frames) = x.shape[0], x.shape[1:3]
        group = self._group if n is None or n % self._group == 0 else n
        y = ops.cast(x[..., : self._channels], "float32")
        y = ops.reshape(y, (group, -1, bins, frames, self._channels))
        y = ops.mean(ops.sqrt(ops.var(y, axis=0) + 1e-6), axis=(1, 2, 3))
        # Image i belongs to group i modulo their number.
        y = ops.cast(ops.reshape(ops.concatenate([y] * group, axis=0), (-1, 1, 1, 1)), self.compute_dtype)
        return ops.concatenate([x, y + ops.zeros_like(x[..., :1])], axis=3)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Add one to the channels."""
        return (*input_shape[:-1], (input_shape[-1] or 0) + 1)


class Constant(keras.layers.Layer):
    """A constant array that is stored with the weights and does not depend on the input."""

    def __init__(self, values: FloatArray, **options: Any) -> None:
        super().__init__(dtype="float32", **options)
        self.values = self.add_weight(shape=values.shape, initializer="zeros", trainable=False, name="values")
        self.values.assign(values)

    def call(self, x: Tensor) -> Tensor:
        """Return the array: (1, *shape)."""
        return ops.expand_dims(self.values, 0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int, ...]:
        """Return the shape of the array with a batch of 1."""
        return (1, *self.values.shape)


class RowScaling(keras.layers.Layer):
    """The inverse of the standardisation of each row of bins, clipped to [-1, 1]; nothing is trained."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the buffers: a mean of 0 and a standard deviation of 1."""
        shape = (input_shape[1], 1, input_shape[3])
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=shape, initializer="ones", trainable=False, name="deviation")

    def call(self, x: Tensor) -> Tensor:
        """Convert standardised images to images."""
        return ops.clip(x * self.deviation + self.mean, -1.0, 1.0)

    def standardise(self, images: Tensor) -> Tensor:
        """Convert images to standardised images."""
        return ops.divide(ops.subtract(images, self.mean), self.deviation)


def weights_of(model: Any) -> dict[str, FloatArray]:
    """Return a model's weights by the names of layer and weight, joined by a slash."""
    return {
        f"{layer.name}/{weight.name}": ops.convert_to_numpy(weight)
        for layer in layers_of(model)
        for weight in layer.weights
    }


def load_weights(model: Any, weights: Mapping[str, FloatArray]) -> None:
    """Load weights in the form of `weights_of`. Raises SpecMismatch for the weights of another network."""
    for layer in layers_of(model):
        for weight in layer.weights:
            name = f"{layer.name}/{weight.name}"
            if name not in weights or weights[name].shape != tuple(weight.shape):
                found = weights[name].shape if name in weights else "nothing"
                raise SpecMismatch(f"the weights {name}", tuple(weight.shape), found)
            weight.assign(weights[name])


def layers_of(model: Any) -> Iterator[Any]:
    """Iterate over the layers of a model and of the models nested in it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)
        else:
            yield layer
