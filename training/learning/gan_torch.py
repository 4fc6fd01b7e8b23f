"""The step on PyTorch, on the graphics card where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from keras import ops

from training.learning.batches import Batch
from training.learning.gan import Gan, Look
from training.learning.losses import score, steepness
from training.networks.layers import Tensor


class TorchGan(Gan):
    """See `Gan`."""

    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """See `Gan.step`."""
        values = (batch.images, batch.latents, batch.speckle)
        look = self.look(*(None if value is None else ops.convert_to_tensor(value) for value in values))
        generated = _values(self.generator.network.trainable_variables)
        judged = _values(self.discriminator.trainable_variables)
        generator_gradients = torch.autograd.grad(look.generator_loss, generated, retain_graph=True)
        discriminator_gradients = list(torch.autograd.grad(look.discriminator_loss, judged))
        losses = {"generator": look.generator_loss.detach(), "discriminator": look.discriminator_loss.detach()}
        if penalise:
            losses["penalty"] = self._add_penalty(look, judged, discriminator_gradients)
        with torch.no_grad():
            self._generator_optimiser.apply(list(generator_gradients), self.generator.network.trainable_variables)
            self._discriminator_optimiser.apply(discriminator_gradients, self.discriminator.trainable_variables)
            mine, theirs = (_values(pair) for pair in zip(*self._averaged, strict=True))
            torch._foreach_lerp_(mine, theirs, 1 - decay)
        return losses

    def _add_penalty(self, look: Look, judged: list[Any], gradients: list[Any]) -> Tensor:
        steep = torch.stack([self._steepness(images) for images in self.penalised(look)]).sum()
        added = torch.autograd.grad(steep * self.penalty_weight, judged, allow_unused=True)
        for i, more in enumerate(added):
            if more is not None:
                gradients[i] = gradients[i] + more
        return steep.detach()

    def _steepness(self, images: Tensor) -> Tensor:
        images = images.detach().requires_grad_(True)
        total = score(self.discriminator(images, training=True))
        (gradient,) = torch.autograd.grad(total, images, create_graph=True)
        return steepness(gradient)


def _values(variables: Any) -> list[Any]:
    return [variable.value for variable in variables]
