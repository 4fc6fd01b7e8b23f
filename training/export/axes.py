"""Rotate the latent space of a generator so that every slider has an effect.

Latents are independent and normally distributed, and a rotation keeps them so: the same sounds occur with the same
probability, from other seeds. Training does not prefer the sliders' directions, so some of them may have hardly any
effect.
"""

import math

import numpy as np

from technogan.arrays import FloatArray
from technogan.network.generator import Generator
from training.evaluation.sliders import SliderEffects, measure_sliders
from training.networks.definition import Weights

# Effects measured from some seeds may be smaller from others by this factor.
_MARGIN = 1.25
# Dense layers of a generator whose first inputs are the latents.
_LATENT_LAYERS = ("style_0/kernel", "base/kernel", "base_every_")


def find_rotation(generator: Generator) -> FloatArray | None:
    """Measure the sliders and return a rotation that gives every slider an effect; None if all have one already.

    Returns:
        float32 (latent_size, latent_size), orthogonal: `latents @ rotation` are the latents of the original generator.
    """
    return pair_sliders(measure_sliders(generator))


def pair_sliders(sliders: SliderEffects) -> FloatArray | None:
    """Rotate each weak slider and one of the strongest by 45 degrees in their plane; return None if none is idle."""
    if not sliders.idle:
        return None
    effects = np.array(sliders.effects)
    weak = min(int((effects <= _MARGIN * sliders.audible).sum()), len(effects) // 2)
    rotation = np.eye(len(effects), dtype=np.float32)
    order, part = np.argsort(effects), math.sqrt(0.5)
    for low, high in zip(order[:weak], order[::-1], strict=False):
        rotation[np.ix_((low, high), (low, high))] = [[part, part], [-part, part]]
    return rotation


def rotate_generator(weights: Weights, rotation: FloatArray) -> Weights:
    """Return weights that make the same image of `latents` as the given weights make of `latents @ rotation`."""
    size = len(rotation)
    return {
        name: np.concatenate([rotation @ values[:size], values[size:]]) if _takes_latents(name) else values
        for name, values in weights.items()
    }


def rotate_encoder(weights: Weights, rotation: FloatArray) -> Weights:
    """Return the weights of the encoder for a rotated generator."""
    rotated = {f"latents/{kind}": weights[f"latents/{kind}"] @ rotation.T for kind in ("kernel", "bias")}
    return {**weights, **rotated}


def _takes_latents(name: str) -> bool:
    return name.startswith(_LATENT_LAYERS) and name.endswith("/kernel")
