"""The cost of a network: its multiplications per image."""

import math
from typing import Any

import keras

from training.networks.layers import layers_of


def count_multiplications(model: Any) -> int:
    """Return the multiply-accumulate operations per image in the dense layers and convolutions of a Keras model."""
    return sum(_layer_multiplications(layer) for layer in layers_of(model))


def _layer_multiplications(layer: Any) -> int:
    if isinstance(layer, keras.layers.Dense):
        positions: tuple[int, ...] = ()
    elif isinstance(layer, keras.layers.Conv2DTranspose):
        positions = layer.input.shape[1:3]
    elif isinstance(layer, keras.layers.Conv2D):
        positions = layer.output.shape[1:3]
    else:
        return 0
    return int(math.prod(positions) * math.prod(layer.kernel.shape))
