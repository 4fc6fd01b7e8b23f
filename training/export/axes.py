"""Along which directions of a generator's latent space its sliders move.

Latents are normal and independent, and so they stay when their space is turned: the same sounds come, each as often as
before, from other seeds. Training prefers no directions, and some that sliders happen to have do next to nothing.
"""

from __future__ import annotations

import math

import numpy as np

from technogan.arrays import FloatArray
from technogan.network.generator import Generator
from training.evaluation.sliders import SliderFigures, slider_figures
from training.onnx.generator import Weights

# What is measured on some seeds may be this much less on others.
_MARGIN = 1.25
# Those layers of a generator that take latents, before anything else that they take.
_FIRST = ("style_0/kernel", "base/kernel", "base_every_")


def even_axes(generator: Generator) -> FloatArray | None:
    """The rotation that gives every slider something to do; None where none is idle.

    float32 (latent_size, latent_size), orthogonal: latents @ rotation are the latents of the generator as it is.
    """
    return shared_out(slider_figures(generator))


def shared_out(figures: SliderFigures) -> FloatArray | None:
    """The weakest slider and the strongest become two that go half the way of each, and so on for all that are weak."""
    if not figures.idle:
        return None
    effects = np.array(figures.effects)
    weak = min(int((effects <= _MARGIN * figures.audible).sum()), len(effects) // 2)
    rotation = np.eye(len(effects), dtype=np.float32)
    order, part = np.argsort(effects), math.sqrt(0.5)
    for low, high in zip(order[:weak], order[::-1], strict=False):
        rotation[np.ix_((low, high), (low, high))] = [[part, part], [-part, part]]
    return rotation


def turned_generator(weights: Weights, rotation: FloatArray) -> Weights:
    """Those that make of latents what `weights` make of latents @ rotation; both as `GeneratorModel.weights`."""
    size = len(rotation)
    return {
        name: np.concatenate([rotation @ values[:size], values[size:]]) if _takes_latents(name) else values
        for name, values in weights.items()
    }


def turned_encoder(weights: Weights, rotation: FloatArray) -> Weights:
    """Those of the encoder that belongs to a turned generator; both as `weights_of` gives an encoder's."""
    turned = {f"latents/{kind}": weights[f"latents/{kind}"] @ rotation.T for kind in ("kernel", "bias")}
    return {**weights, **turned}


def _takes_latents(name: str) -> bool:
    return name.startswith(_FIRST) and name.endswith("/kernel")
