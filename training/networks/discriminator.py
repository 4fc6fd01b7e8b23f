"""Build the discriminator as a Keras model, with one logit per image and, optionally, a PatchGAN head."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import ops

from training.networks.definition import DiscriminatorDefinition, NetworkDefinition
from training.networks.layers import (
    MinibatchStdDev,
    PositionalBias,
    Tensor,
    convolution,
    dense,
    he_initialiser,
    pixel_unshuffle,
    uniform_initialiser,
)


def build_discriminator(definition: NetworkDefinition) -> Any:
    """Build a Keras model with random weights, from standardised images to a dict of float32 logits.

    "whole", (n, 1), judges the whole image; "place", (n, bins, frames, 1), is the PatchGAN head, if the definition has
    one.
    """
    discriminator = definition.discriminator
    images = keras.Input((definition.format.n_bins, definition.format.n_frames, 1), name="images")
    x = pixel_unshuffle(images, discriminator.sub_pixel)
    place = None
    convolve = partial(convolution, circular=discriminator.circular, initialiser=_initialiser(discriminator))
    for i, (channels, kernel) in enumerate(zip(discriminator.channels, discriminator.kernels, strict=True)):
        x = convolve(x, channels, kernel, stride=discriminator.strides[i], name=f"block_{i}")
        if i == discriminator.position:
            x = PositionalBias(name="position")(x)
        x = _activate(x, discriminator)
        if i == discriminator.patch:
            place = convolve(x, 1, 3, name="place")
    x = _add_comparisons(x, definition)
    if discriminator.mixed:
        x = _activate(convolve(x, discriminator.channels[-1], 3, name="mixed"), discriminator)
    x = keras.layers.Flatten()(x)
    if discriminator.hidden:
        x = ops.leaky_relu(
            dense(x, discriminator.hidden, uniform_initialiser(), name="hidden"), negative_slope=discriminator.slope
        )
    initialiser = uniform_initialiser() if discriminator.weights == "he" else discriminator.weights
    logits = {"whole": dense(x, 1, initialiser, name="whole")}
    if place is not None:
        logits["place"] = place
    logits = {name: ops.cast(logit, "float32") for name, logit in logits.items()}
    return keras.Model(images, logits, name="discriminator")


def _activate(x: Tensor, discriminator: DiscriminatorDefinition) -> Tensor:
    x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    return keras.layers.Dropout(discriminator.dropout)(x) if discriminator.dropout else x


def _add_comparisons(x: Tensor, definition: NetworkDefinition) -> Tensor:
    """Append the minibatch standard deviation and the differences from the features some beats earlier."""
    discriminator = definition.discriminator
    parts = [MinibatchStdDev(discriminator.deviation, discriminator.group)(x) if discriminator.deviation else x]
    if discriminator.compared_beats:
        y = keras.layers.Conv2D(discriminator.compared, 1, name="compared")(x)
        for n in discriminator.compared_beats:
            parts.append(ops.abs(y - ops.roll(y, y.shape[2] * n // definition.format.beats, axis=2)))
    return ops.concatenate(parts, axis=3) if len(parts) > 1 else parts[0]


def _initialiser(discriminator: DiscriminatorDefinition) -> Any:
    return he_initialiser(discriminator.slope) if discriminator.weights == "he" else discriminator.weights
