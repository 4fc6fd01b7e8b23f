"""What the generator and the discriminator want, in Keras's operations: the same on every back end.

Verdicts are what `build_discriminator` gives: a dict of logits, for the whole image and place by place. Every kind of
verdict counts as much as every other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

from training.networks.layers import Tensor
from training.networks.recipe import Loss

Verdicts = Mapping[str, Any]


def generator_loss(kind: Loss, real: Verdicts, fake: Verdicts) -> Tensor:
    """A number: low where generated images look real, or, "relativistic", more real than the real ones beside them.

    Source: Goodfellow et al. 2014 (non-saturating); Jolicoeur-Martineau 2018; Huang et al. 2024.
    """
    if kind == "standard":
        return sum(ops.mean(ops.softplus(-verdict)) for verdict in fake.values())
    return sum(ops.mean(ops.softplus(ops.stop_gradient(real[name]) - fake[name])) for name in fake)


def discriminator_loss(kind: Loss, real: Verdicts, fake: Verdicts) -> Tensor:
    """A number: low where real images look real and generated ones do not, or, "relativistic", less so."""
    if kind == "standard":
        return sum(ops.mean(ops.softplus(-real[name])) + ops.mean(ops.softplus(fake[name])) for name in real)
    return sum(ops.mean(ops.softplus(fake[name] - real[name])) for name in real)


def score(verdicts: Verdicts) -> Tensor:
    """What a gradient penalty differentiates: the sum over the images of each one's mean logits."""
    return sum(ops.sum(ops.mean(ops.reshape(v, (v.shape[0], -1)), axis=1)) for v in verdicts.values())


def steepness(gradient: Tensor) -> Tensor:
    """The mean over the images of the squared length of a gradient, (n, bins, frames, 1).

    Source: Mescheder et al. 2018 (R1, at real images; R2, at generated ones).
    """
    return ops.mean(ops.sum(ops.square(gradient), axis=(1, 2, 3)))
