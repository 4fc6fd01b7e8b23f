"""The training step on PyTorch, on the GPU if there is one."""

from collections.abc import Mapping
from typing import Any

import torch
from keras import ops

from training.learning.batches import Batch
from training.learning.gan import ForwardPass, Gan
from training.learning.losses import gradient_penalty, sum_logits
from training.networks.layers import Tensor


class TorchGan(Gan):
    """A `Gan` on PyTorch."""

    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """Update both networks once; see `Gan.step`."""
        forward = self.forward(*batch.tensors(ops.convert_to_tensor))
        generator_values = _values(self.generator.network.trainable_variables)
        discriminator_values = _values(self.discriminator.trainable_variables)
        generator_gradients = torch.autograd.grad(forward.generator_loss, generator_values, retain_graph=True)
        discriminator_gradients = list(torch.autograd.grad(forward.discriminator_loss, discriminator_values))
        losses = {"generator": forward.generator_loss.detach(), "discriminator": forward.discriminator_loss.detach()}
        if penalise:
            losses["penalty"] = self._add_penalty(forward, discriminator_values, discriminator_gradients)
        with torch.no_grad():
            self._generator_optimiser.apply(list(generator_gradients), self.generator.network.trainable_variables)
            self._discriminator_optimiser.apply(discriminator_gradients, self.discriminator.trainable_variables)
            averaged, current = (_values(pair) for pair in zip(*self._averaged, strict=True))
            torch._foreach_lerp_(averaged, current, 1 - decay)
        return losses

    def _add_penalty(self, forward: ForwardPass, discriminator_values: list[Any], gradients: list[Any]) -> Tensor:
        penalty = torch.stack([self._gradient_penalty(images) for images in self.penalised_images(forward)]).sum()
        added = torch.autograd.grad(penalty * self.penalty_weight, discriminator_values, allow_unused=True)
        for i, more in enumerate(added):
            if more is not None:
                gradients[i] = gradients[i] + more
        return penalty.detach()

    def _gradient_penalty(self, images: Tensor) -> Tensor:
        images = images.detach().requires_grad_(True)
        total = sum_logits(self.discriminator(images, training=True))
        (gradient,) = torch.autograd.grad(total, images, create_graph=True)
        return gradient_penalty(gradient)


def _values(variables: Any) -> list[Any]:
    return [variable.value for variable in variables]
