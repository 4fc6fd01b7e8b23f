"""The encoder's training step on TensorFlow, as a compiled graph."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from technogan.arrays import FloatArray
from training.learning.batches import Batch
from training.learning.encoder import EncoderLearner
from training.networks import NetworkDefinition
from training.networks.layers import Tensor


class TensorflowEncoderLearner(EncoderLearner):
    """An `EncoderLearner` on TensorFlow."""

    def __init__(self, definition: NetworkDefinition, weights: Mapping[str, FloatArray]) -> None:
        super().__init__(definition, weights)
        self._run = tf.function(self._update, reduce_retracing=True)

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Update the encoder once; see `EncoderLearner.step`."""
        return dict(self._run(*batch.tensors(tf.constant)))

    def _update(self, images: Tensor, latents: Tensor, speckle: Tensor | None) -> dict[str, Any]:
        variables = self.encoder.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in variables])
            loss, latent, picture = self.compute_losses(images, latents, speckle)
        self._optimiser.apply(tape.gradient(loss, [v.value for v in variables]), variables)
        return {"latent": latent, "picture": picture}
