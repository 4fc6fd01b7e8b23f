"""The discriminator as a Keras model: from images to how real they look, as a whole and place by place."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import ops

from training.networks.definition import DiscriminatorDefinition, NetworkDefinition
from training.networks.layers import Position, Spread, Tensor, convolution, dense, he, pixel_unshuffle, shallow


def build_discriminator(definition: NetworkDefinition) -> Any:
    """A Keras model with random weights: images as `GeneratorModel` gives them -> a dict of float32 logits.

    "whole" is (n, 1), for the whole image; "place", where the definition has a patch, (n, bins, frames, 1).
    """
    made = definition.discriminator
    images = keras.Input((definition.format.n_bins, definition.format.n_frames, 1), name="images")
    x = pixel_unshuffle(images, made.sub_pixel)
    place = None
    convolve = partial(convolution, circular=made.circular, weights=_weights(made))
    for i, (channels, kernel) in enumerate(zip(made.channels, made.kernels, strict=True)):
        x = convolve(x, channels, kernel, stride=made.strides[i], name=f"block_{i}")
        if i == made.position:
            x = Position(name="position")(x)
        x = _activated(x, made)
        if i == made.patch:
            place = convolve(x, 1, 3, name="place")
    x = _compared(x, definition)
    if made.mixed:
        x = _activated(convolve(x, made.channels[-1], 3, name="mixed"), made)
    x = keras.layers.Flatten()(x)
    if made.hidden:
        x = ops.leaky_relu(dense(x, made.hidden, shallow(), name="hidden"), negative_slope=made.slope)
    verdicts = {"whole": dense(x, 1, shallow() if made.weights == "he" else made.weights, name="whole")}
    if place is not None:
        verdicts["place"] = place
    verdicts = {name: ops.cast(verdict, "float32") for name, verdict in verdicts.items()}
    return keras.Model(images, verdicts, name="discriminator")


def _activated(x: Tensor, made: DiscriminatorDefinition) -> Tensor:
    x = ops.leaky_relu(x, negative_slope=made.slope)
    return keras.layers.Dropout(made.dropout)(x) if made.dropout else x


def _compared(x: Tensor, definition: NetworkDefinition) -> Tensor:
    """The picture, how far the batch's images lie apart, and how it differs from itself some beats later."""
    made = definition.discriminator
    parts = [Spread(made.deviation, made.group)(x) if made.deviation else x]
    if made.compared_beats:
        y = keras.layers.Conv2D(made.compared, 1, name="compared")(x)
        for n in made.compared_beats:
            parts.append(ops.abs(y - ops.roll(y, y.shape[2] * n // definition.format.beats, axis=2)))
    return ops.concatenate(parts, axis=3) if len(parts) > 1 else parts[0]


def _weights(made: DiscriminatorDefinition) -> Any:
    return he(made.slope) if made.weights == "he" else made.weights
