"""What a network costs: its weights, and multiplications an image."""

from __future__ import annotations

import math
from typing import Any

import keras

from training.networks.layers import layers_of


def parameters(model: Any) -> int:
    """Weights, trained or not."""
    return int(model.count_params())


def multiplications(model: Any) -> int:
    """Multiply-and-add steps an image in the dense layers and convolutions of a Keras model."""
    return sum(_layer_multiplications(layer) for layer in layers_of(model))


def _layer_multiplications(layer: Any) -> int:
    if isinstance(layer, keras.layers.Dense):
        places: tuple[int, ...] = ()
    elif isinstance(layer, keras.layers.Conv2DTranspose):
        places = layer.input.shape[1:3]
    elif isinstance(layer, keras.layers.Conv2D):
        places = layer.output.shape[1:3]
    else:
        return 0
    return int(math.prod(places) * math.prod(layer.kernel.shape))
