"""Losses and the gradient penalty, in Keras's operations: the same on every back end.

Logits are the dict that the model of `build_discriminator` returns, of the whole image and of the PatchGAN head. Both
have the same weight.
"""

from collections.abc import Mapping
from typing import Any

from keras import ops

from training.networks.layers import Tensor
from training.networks.recipe import Loss

Logits = Mapping[str, Any]


def generator_loss(kind: Loss, real: Logits, fake: Logits) -> Tensor:
    """Return a scalar that is low if generated images look real or, if "relativistic", more real than real ones.

    Source: Goodfellow et al. 2014 (non-saturating); Jolicoeur-Martineau 2018; Huang et al. 2024.
    """
    if kind == "standard":
        return sum(ops.mean(ops.softplus(-logits)) for logits in fake.values())
    return sum(ops.mean(ops.softplus(ops.stop_gradient(real[name]) - fake[name])) for name in fake)


def discriminator_loss(kind: Loss, real: Logits, fake: Logits) -> Tensor:
    """Return a scalar that is low if the discriminator separates real from generated images."""
    if kind == "standard":
        return sum(ops.mean(ops.softplus(-real[name])) + ops.mean(ops.softplus(fake[name])) for name in real)
    return sum(ops.mean(ops.softplus(fake[name] - real[name])) for name in real)


def sum_logits(logits: Logits) -> Tensor:
    """Return the sum over the images of each one's mean logits, which the gradient penalty differentiates."""
    return sum(ops.sum(ops.mean(ops.reshape(v, (v.shape[0], -1)), axis=1)) for v in logits.values())


def gradient_penalty(gradient: Tensor) -> Tensor:
    """Return the mean over the images of the squared norm of a gradient, (n, bins, frames, stems).

    Source: Mescheder et al. 2018 (R1, at real images; R2, at generated ones).
    """
    return ops.mean(ops.sum(ops.square(gradient), axis=(1, 2, 3)))
