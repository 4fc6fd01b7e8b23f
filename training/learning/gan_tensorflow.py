"""The training step on TensorFlow, as a compiled graph on the devices of a distribution strategy."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from training.learning.batches import Batch
from training.learning.gan import ForwardPass, Gan
from training.learning.losses import gradient_penalty, sum_logits
from training.networks import NetworkDefinition
from training.networks.layers import Tensor


class TensorflowGan(Gan):
    """A `Gan` on TensorFlow, created inside `strategy.scope()`; batches are split evenly over its devices."""

    def __init__(self, definition: NetworkDefinition, strategy: Any) -> None:
        super().__init__(definition)
        self._strategy = strategy
        self._run = tf.function(self._distributed_step, reduce_retracing=True)

    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """Update both networks once; see `Gan.step`."""
        convert = tf.constant if self._strategy.num_replicas_in_sync == 1 else self._distribute
        return dict(self._run(*batch.tensors(convert), tf.constant(decay, tf.float32), penalise))

    def _distribute(self, value: Any) -> Any:
        parts = tf.split(tf.constant(value), self._strategy.num_replicas_in_sync)
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )

    def _distributed_step(self, images: Tensor, latents: Tensor, speckle: Tensor, decay: Tensor, penalise: bool) -> Any:
        losses = self._strategy.run(self._replica_step, args=(images, latents, speckle, penalise))
        self._update_average(decay)
        return {name: self._strategy.reduce("SUM", loss, axis=None) for name, loss in losses.items()}

    def _replica_step(self, images: Tensor, latents: Tensor, speckle: Tensor, penalise: bool) -> dict[str, Tensor]:
        generator_variables = self.generator.network.trainable_variables
        discriminator_variables = self.discriminator.trainable_variables
        # Gradients are summed over the devices.
        share = 1 / self._strategy.num_replicas_in_sync
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in (*generator_variables, *discriminator_variables)])
            forward = self.forward(images, latents, speckle)
            generator_loss, discriminator_loss = forward.generator_loss * share, forward.discriminator_loss * share
        generator_gradients = tape.gradient(generator_loss, [v.value for v in generator_variables])
        discriminator_gradients = tape.gradient(discriminator_loss, [v.value for v in discriminator_variables])
        losses = {"generator": generator_loss, "discriminator": discriminator_loss}
        if penalise:
            penalty, added = self._penalty(forward, share)
            losses["penalty"] = penalty
            discriminator_gradients = [
                g if more is None else g + more for g, more in zip(discriminator_gradients, added, strict=True)
            ]
        self._generator_optimiser.apply(generator_gradients, generator_variables)
        self._discriminator_optimiser.apply(discriminator_gradients, discriminator_variables)
        return losses

    def _penalty(self, forward: ForwardPass, share: float) -> tuple[Tensor, list[Tensor | None]]:
        variables = [v.value for v in self.discriminator.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            penalty = tf.add_n([self._gradient_penalty(images) for images in self.penalised_images(forward)])
            loss = penalty * self.penalty_weight * share
        return penalty * share, tape.gradient(loss, variables)

    def _gradient_penalty(self, images: Tensor) -> Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            total = sum_logits(self.discriminator(images, training=True))
        return gradient_penalty(tape.gradient(total, images))

    def _update_average(self, decay: Tensor) -> None:
        for own, other in self._averaged:
            self._strategy.extended.update(
                own.value, lambda mine, theirs: mine.assign_add((theirs - mine) * (1 - decay)), args=(other.value,)
            )
