"""The step on TensorFlow: a compiled graph, on as many devices as a distribution strategy has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from training.learning.batches import Batch
from training.learning.gan import Gan, Look
from training.learning.losses import score, steepness
from training.networks import NetworkDefinition
from training.networks.layers import Tensor


class TensorflowGan(Gan):
    """Make it inside `strategy.scope()`. A batch is shared out among the strategy's devices, evenly."""

    def __init__(self, definition: NetworkDefinition, strategy: Any) -> None:
        super().__init__(definition)
        self._strategy = strategy
        self._run = tf.function(self._on_all, reduce_retracing=True)

    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """See `Gan.step`."""
        values = (batch.images, batch.latents, batch.speckle)
        if self._strategy.num_replicas_in_sync == 1:
            shared = tuple(None if value is None else tf.constant(value) for value in values)
        else:
            shared = tuple(None if value is None else self._shared(value) for value in values)
        return dict(self._run(*shared, tf.constant(decay, tf.float32), penalise))

    def _shared(self, value: Any) -> Any:
        parts = tf.split(tf.constant(value), self._strategy.num_replicas_in_sync)
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )

    def _on_all(self, images: Tensor, latents: Tensor, speckle: Tensor, decay: Tensor, penalise: bool) -> Any:
        losses = self._strategy.run(self._on_one, args=(images, latents, speckle, penalise))
        self._move_average(decay)
        return {name: self._strategy.reduce("SUM", loss, axis=None) for name, loss in losses.items()}

    def _on_one(self, images: Tensor, latents: Tensor, speckle: Tensor, penalise: bool) -> dict[str, Tensor]:
        generated, judged = self.generator.network.trainable_variables, self.discriminator.trainable_variables
        # Gradients are added up over the devices.
        share = 1 / self._strategy.num_replicas_in_sync
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in (*generated, *judged)])
            look = self.look(images, latents, speckle)
            generator_loss, discriminator_loss = look.generator_loss * share, look.discriminator_loss * share
        generator_gradients = tape.gradient(generator_loss, [v.value for v in generated])
        discriminator_gradients = tape.gradient(discriminator_loss, [v.value for v in judged])
        losses = {"generator": generator_loss, "discriminator": discriminator_loss}
        if penalise:
            penalty, added = self._penalty(look, share)
            losses["penalty"] = penalty
            discriminator_gradients = [
                g if more is None else g + more for g, more in zip(discriminator_gradients, added, strict=True)
            ]
        self._generator_optimiser.apply(generator_gradients, generated)
        self._discriminator_optimiser.apply(discriminator_gradients, judged)
        return losses

    def _penalty(self, look: Look, share: float) -> tuple[Tensor, list[Tensor | None]]:
        judged = [v.value for v in self.discriminator.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(judged)
            steep = tf.add_n([self._steepness(images) for images in self.penalised(look)])
            loss = steep * self.penalty_weight * share
        return steep * share, tape.gradient(loss, judged)

    def _steepness(self, images: Tensor) -> Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            total = score(self.discriminator(images, training=True))
        return steepness(tape.gradient(total, images))

    def _move_average(self, decay: Tensor) -> None:
        for own, other in self._averaged:
            value = other.value
            self._strategy.extended.update(
                own.value, lambda mine, theirs: mine.assign_add((theirs - mine) * (1 - decay)), args=(value,)
            )
