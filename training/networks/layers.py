"""The layers and steps that Keras lacks, in its own operations, so that they run on every back end and export.

Everything is (batch, bins, frames, channels); frames are time, a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
from keras import ops

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from training.networks.definition import margins

# A Keras tensor, symbolic or not: Keras publishes no types.
Tensor = Any


def from_grey(grey: Tensor) -> Tensor:
    """8-bit grey -> images in [-1, 1]: what `technogan.image.from_grey` does, on the device."""
    return ops.cast(grey, "float32") / 127.5 - 1.0


def he(slope: float, gain: float = 1.0) -> Any:
    """Weights that keep the energy of what passes through them and a leaky rectifier. Source: He et al. 2015."""
    return keras.initializers.VarianceScaling(2 * gain**2 / (1 + slope**2), "fan_in", "untruncated_normal")


def shallow() -> Any:
    """Weights within one by the root of the inputs' number: small at first."""
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def dense(x: Tensor, units: int, weights: Any, name: str | None = None) -> Tensor:
    """A dense layer with these weights at first."""
    return keras.layers.Dense(units, kernel_initializer=weights, name=name)(x)


def wrapped(x: Tensor, before: int, after: int) -> Tensor:
    """More frames on both sides, those of the circle."""
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
    weights: Any,
    stride: int = 1,
    use_bias: bool = True,
    name: str | None = None,
) -> Tensor:
    """A convolution that keeps the size, or divides it by the stride: zeros beyond the bins, a circle in time.

    weights: an initializer, or the name of one of Keras's.
    """
    layer = keras.layers.Conv2D(
        channels,
        kernel,
        strides=stride,
        padding="valid" if circular else "same",
        use_bias=use_bias,
        kernel_initializer=weights,
        name=name,
    )
    if circular:
        before, after = margins(kernel, stride)
        x = wrapped(ops.pad(x, ((0, 0), (before, after), (0, 0), (0, 0))), before, after)
    return layer(x)


def transposed_convolution(
    x: Tensor, channels: int, kernel: int, stride: int, *, circular: bool, name: str | None = None
) -> Tensor:
    """A transposed convolution that multiplies the size by the stride.

    It is cut by hand: back ends disagree on which side "same" cuts.
    """
    bins, frames = x.shape[1] * stride, x.shape[2] * stride
    margin = kernel // 2 if circular else 0
    layer = keras.layers.Conv2DTranspose(channels, kernel, strides=stride, padding="valid", use_bias=False, name=name)
    x = layer(wrapped(x, margin, margin))
    before, _ = margins(kernel, stride)
    left = before + margin * stride
    return x[:, before : before + bins, left : left + frames]


def nearest(x: Tensor, factor: int) -> Tensor:
    """Every pixel becomes a square of `factor` by `factor`."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(ops.concatenate([x] * factor, axis=3), (-1, bins, frames * factor * channels))
    return ops.reshape(ops.concatenate([x] * factor, axis=2), (-1, bins * factor, frames * factor, channels))


def pixel_shuffle(x: Tensor, factor: int) -> Tensor:
    """Channels become squares of `factor` by `factor` pixels. Source: Shi et al. 2016."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(x, (-1, bins, frames, factor, factor, channels // factor**2))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, bins * factor, frames * factor, channels // factor**2))


def pixel_unshuffle(x: Tensor, factor: int) -> Tensor:
    """Squares of `factor` by `factor` pixels become channels: the inverse of `pixel_shuffle`."""
    if factor == 1:
        return x
    _, bins, frames, channels = x.shape
    x = ops.reshape(x, (-1, bins // factor, factor, frames // factor, factor, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, bins // factor, frames // factor, channels * factor**2))


def modulated(x: Tensor, style: Tensor, name: str | None = None) -> Tensor:
    """Every channel scaled and shifted as the style says. Source: Perez et al. 2018."""
    channels = x.shape[3]
    change = dense(style, 2 * channels, keras.initializers.RandomNormal(stddev=0.05), name)
    change = ops.reshape(change, (-1, 1, 1, 2 * channels))
    return x * (1 + change[..., :channels]) + change[..., channels:]


class Position(keras.layers.Layer):
    """Adds what belongs to a row and what belongs to a moment, both learned, both nothing at first."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        _, bins, frames, channels = input_shape
        self.rows = self.add_weight(shape=(bins, 1, channels), initializer="zeros", name="rows")
        self.moments = self.add_weight(shape=(1, frames, channels), initializer="zeros", name="moments")

    def call(self, x: Tensor) -> Tensor:
        """Same shape."""
        return x + (self.rows + self.moments)


class Spread(keras.layers.Layer):
    """Appends a channel that tells how far the images of a batch lie apart, so that sameness is seen.

    channels: how many are looked at. group: images compared with each other; where a batch is no multiple of it, all
    of them are. Source: Karras et al. 2018.
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
        """One channel more."""
        return (*input_shape[:-1], (input_shape[-1] or 0) + 1)


class Constant(keras.layers.Layer):
    """An array that is kept with the weights and not trained, whatever comes in."""

    def __init__(self, values: FloatArray, **options: Any) -> None:
        super().__init__(dtype="float32", **options)
        self.values = self.add_weight(shape=values.shape, initializer="zeros", trainable=False, name="values")
        self.values.assign(values)

    def call(self, x: Tensor) -> Tensor:
        """(1, *shape)."""
        return ops.expand_dims(self.values, 0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int, ...]:
        """One, whatever comes in."""
        return (1, *self.values.shape)


class Rows(keras.layers.Layer):
    """Undoes the standardisation of each row of bins and clips to [-1, 1]. Nothing is trained here."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the buffers: a mean of 0 and a deviation of 1."""
        shape = (input_shape[1], 1, 1)
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=shape, initializer="ones", trainable=False, name="deviation")

    def call(self, x: Tensor) -> Tensor:
        """Standardised images -> images."""
        return ops.clip(x * self.deviation + self.mean, -1.0, 1.0)

    def standardised(self, images: Tensor) -> Tensor:
        """Images -> standardised images."""
        return ops.divide(ops.subtract(images, self.mean), self.deviation)


def weights_of(model: Any) -> dict[str, FloatArray]:
    """A model's weights, the names of layer and weight joined by a slash."""
    return {
        f"{layer.name}/{weight.name}": ops.convert_to_numpy(weight)
        for layer in layers_of(model)
        for weight in layer.weights
    }


def load_weights(model: Any, weights: Mapping[str, FloatArray]) -> None:
    """Take over what `weights_of` gave. Raises SpecMismatch for those of another network."""
    for layer in layers_of(model):
        for weight in layer.weights:
            name = f"{layer.name}/{weight.name}"
            if name not in weights or weights[name].shape != tuple(weight.shape):
                found = weights[name].shape if name in weights else "nothing"
                raise SpecMismatch(f"the weights {name}", tuple(weight.shape), found)
            weight.assign(weights[name])


def layers_of(model: Any) -> Iterator[Any]:
    """The layers of a model and of the models in it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)
        else:
            yield layer
