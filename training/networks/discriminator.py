"""Build the discriminator as a Keras model, with one logit per image and, optionally, a PatchGAN head."""

from functools import partial
from typing import Any

import keras
from keras import ops

from training.networks import layers
from training.networks.definition import DiscriminatorDefinition, NetworkDefinition, same_padding
from training.networks.layers import Tensor

# The rhythm is judged from rises over this many frames, by convolutions of this size.
_RISE_FRAMES = 2
_ONSET_CHANNELS, _ONSET_KERNEL, _ONSET_STRIDE = (64, 96, 128), 8, 4


def build_discriminator(definition: NetworkDefinition) -> Any:
    """Build a Keras model with random weights, from standardised images to a dict of float32 logits.

    "whole", (n, 1), judges the whole image; "place", (n, bins, frames, 1), is the PatchGAN head, and "onsets", (n, 1),
    judges the rhythm, if the definition has them.
    """
    discriminator = definition.discriminator
    images = keras.Input((definition.format.n_bins, definition.format.n_frames, definition.n_stems), name="images")
    x = layers.pixel_unshuffle(images, discriminator.sub_pixel)
    place = None
    convolve = partial(layers.convolution, circular=discriminator.circular, initialiser=_initialiser(discriminator))
    for i, (channels, kernel) in enumerate(zip(discriminator.channels, discriminator.kernels, strict=True)):
        x = convolve(x, channels, kernel, stride=discriminator.strides[i], name=f"block_{i}")
        if i == discriminator.position:
            x = layers.PositionalBias(name="position")(x)
        x = _activate(x, discriminator)
        if i == discriminator.patch:
            place = convolve(x, 1, 3, name="place")
    x = _add_comparisons(x, definition)
    if discriminator.mixed:
        x = _activate(convolve(x, discriminator.channels[-1], 3, name="mixed"), discriminator)
    x = keras.layers.Flatten()(x)
    if discriminator.hidden:
        x = layers.dense(x, discriminator.hidden, layers.uniform_initialiser(), name="hidden")
        x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    initialiser = layers.uniform_initialiser() if discriminator.weights == "he" else discriminator.weights
    logits = {"whole": layers.dense(x, 1, initialiser, name="whole")}
    if place is not None:
        logits["place"] = place
    if discriminator.onset_bands:
        logits["onsets"] = _judge_onsets(images, definition)
    logits = {name: ops.cast(logit, "float32") for name, logit in logits.items()}
    return keras.Model(images, logits, name="discriminator")


def _judge_onsets(images: Tensor, definition: NetworkDefinition) -> Tensor:
    """Judge the levels of bands of rows, and their rises, over time: (n, 1)."""
    discriminator, bands = definition.discriminator, definition.discriminator.onset_bands
    _, bins, frames, stems = images.shape
    levels = ops.mean(ops.reshape(images, (-1, bands, bins // bands, frames, stems)), axis=2)
    levels = ops.reshape(ops.transpose(levels, (0, 2, 1, 3)), (-1, 1, frames, bands * stems))
    rises = ops.relu(levels - ops.roll(levels, _RISE_FRAMES, axis=2))
    x = ops.concatenate([levels, rises], axis=3)
    for i, channels in enumerate(_ONSET_CHANNELS):
        before, after = same_padding(_ONSET_KERNEL, _ONSET_STRIDE)
        layer = keras.layers.Conv2D(
            channels,
            (1, _ONSET_KERNEL),
            strides=(1, _ONSET_STRIDE),
            kernel_initializer=layers.he_initialiser(discriminator.slope),
            name=f"onsets_{i}",
        )
        x = ops.leaky_relu(layer(layers.pad_circular(x, before, after)), negative_slope=discriminator.slope)
    if discriminator.deviation:
        x = layers.MinibatchStdDev(discriminator.deviation, discriminator.group)(x)
    x = layers.dense(keras.layers.Flatten()(x), 64, layers.uniform_initialiser(), name="onsets_hidden")
    x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    return layers.dense(x, 1, layers.uniform_initialiser(), name="onsets")


def _activate(x: Tensor, discriminator: DiscriminatorDefinition) -> Tensor:
    x = ops.leaky_relu(x, negative_slope=discriminator.slope)
    return keras.layers.Dropout(discriminator.dropout)(x) if discriminator.dropout else x


def _add_comparisons(x: Tensor, definition: NetworkDefinition) -> Tensor:
    """Append the minibatch standard deviation and the differences from the features some beats earlier."""
    discriminator = definition.discriminator
    parts = [layers.MinibatchStdDev(discriminator.deviation, discriminator.group)(x) if discriminator.deviation else x]
    if discriminator.compared_beats:
        y = keras.layers.Conv2D(discriminator.compared, 1, name="compared")(x)
        for n in discriminator.compared_beats:
            parts.append(ops.abs(y - ops.roll(y, y.shape[2] * n // definition.format.beats, axis=2)))
    return ops.concatenate(parts, axis=3) if len(parts) > 1 else parts[0]


def _initialiser(discriminator: DiscriminatorDefinition) -> Any:
    return layers.he_initialiser(discriminator.slope) if discriminator.weights == "he" else discriminator.weights
