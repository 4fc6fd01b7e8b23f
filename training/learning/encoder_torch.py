"""The encoder's training step on PyTorch, on the GPU if there is one."""

from collections.abc import Mapping

import torch
from keras import ops

from training.learning.batches import Batch
from training.learning.encoder import EncoderLearner
from training.networks.layers import Tensor


class TorchEncoderLearner(EncoderLearner):
    """An `EncoderLearner` on PyTorch."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Update the encoder once; see `EncoderLearner.step`."""
        variables = self.encoder.trainable_variables
        loss, latent, picture = self.compute_losses(*batch.tensors(ops.convert_to_tensor))
        gradients = torch.autograd.grad(loss, [variable.value for variable in variables])
        with torch.no_grad():
            self._optimiser.apply(list(gradients), variables)
        return {"latent": latent.detach(), "picture": picture.detach()}
