"""Train a generator and a discriminator against each other: forward pass and state, the same on every back end.

In a step, the generator produces images, the discriminator judges them and real ones, and both networks are updated
once from the same forward pass. Subclasses compute the gradients.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from training.learning.batches import Batch
from training.learning.losses import discriminator_loss, generator_loss
from training.networks import NetworkDefinition
from training.networks.discriminator import build_discriminator
from training.networks.generator import GeneratorModel, build_generator
from training.networks.layers import Tensor, from_grey

Arrays = dict[str, npt.NDArray[Any]]

# Layers of a generator that are not trained, and so not averaged.
_FIXED_LAYERS = ("speckle", "rows")
_ADAM_EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """The forward pass of a step: real and generated images, standardised, and both losses."""

    real: Tensor
    fake: Tensor
    generator_loss: Tensor
    discriminator_loss: Tensor


class Gan(ABC):
    """The networks, their optimisers and the exponential moving average (EMA) of the generator.

    Set Keras's dtype policy and random seed first.
    """

    def __init__(self, definition: NetworkDefinition) -> None:
        recipe = definition.recipe
        self.definition = definition
        self.generator = build_generator(definition)
        self.ema_generator = build_generator(definition)
        self.discriminator = build_discriminator(definition)
        self._generator_optimiser, self._discriminator_optimiser = (
            keras.optimizers.Adam(recipe.learning_rate, recipe.beta_1, recipe.beta_2, _ADAM_EPSILON) for _ in range(2)
        )
        self._generator_optimiser.build(self.generator.network.trainable_variables)
        self._discriminator_optimiser.build(self.discriminator.trainable_variables)
        self._averaged = _averaged_pairs(self.ema_generator, self.generator)
        self.ema_generator.load(self.generator.weights())

    @abstractmethod
    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """Update both networks and the moving average once.

        decay: weight of the moving average's old value. Returns the losses "generator" and "discriminator" and, if
        `penalise`, "penalty", scalars on the device.
        """

    def fit_rows(self, images: FloatArray) -> None:
        """Set the row statistics of both generators; see `GeneratorModel.fit_rows`."""
        self.generator.fit_rows(images)
        self.ema_generator.fit_rows(images)

    def arrays(self) -> Arrays:
        """Return all state, under names that are the same on every back end."""
        return {name: np.asarray(ops.convert_to_numpy(variable)) for name, variable in self._variables().items()}

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Load state in the form of `arrays`, from any back end. Raises SpecMismatch for another network's state."""
        variables = self._variables()
        if missing := variables.keys() - arrays.keys():
            raise SpecMismatch("the checkpoint", f"{len(variables)} arrays", f"{len(missing)} of them missing")
        for name, variable in variables.items():
            if tuple(variable.shape) != arrays[name].shape:
                raise SpecMismatch(f"the checkpoint's {name}", tuple(variable.shape), arrays[name].shape)
            variable.assign(arrays[name])
        # The recipe's learning rate may have changed since the checkpoint.
        for optimiser in (self._generator_optimiser, self._discriminator_optimiser):
            optimiser.learning_rate = self.definition.recipe.learning_rate

    def forward(self, images: Tensor, latents: Tensor, speckle: Tensor | None) -> ForwardPass:
        """Run the forward pass of a training step. images: uint8 (n, n_bins, n_frames, n_stems)."""
        real = self.generator.standardise(from_grey(images))
        fake = self.generator(latents, speckle, training=True)
        real_logits, fake_logits = self.discriminator(real, training=True), self.discriminator(fake, training=True)
        kind = self.definition.recipe.loss
        losses = (loss(kind, real_logits, fake_logits) for loss in (generator_loss, discriminator_loss))
        return ForwardPass(real, fake, *losses)

    def penalised_images(self, forward: ForwardPass) -> list[Tensor]:
        """Return the images at which the gradient is penalised: half a batch of each kind."""
        half = max(1, forward.real.shape[0] // 2)
        kinds = (forward.real, forward.fake) if self.definition.recipe.loss == "relativistic" else (forward.real,)
        return [ops.stop_gradient(images[:half]) for images in kinds]

    @property
    def penalty_weight(self) -> float:
        """Weight of the gradient penalty in a step that applies it."""
        return self.definition.recipe.penalty / 2 * self.definition.recipe.penalty_every

    def _variables(self) -> dict[str, Any]:
        parts = {
            "generator": self.generator.inference_model.variables,
            "average": self.ema_generator.inference_model.variables,
            "discriminator": self.discriminator.variables,
            "generator-optimiser": self._generator_optimiser.variables,
            "discriminator-optimiser": self._discriminator_optimiser.variables,
        }
        return {f"{part}/{i}": variable for part, variables in parts.items() for i, variable in enumerate(variables)}


def _averaged_pairs(average: GeneratorModel, generator: GeneratorModel) -> list[tuple[Any, Any]]:
    """Each weight of the moving average with the weight that it averages."""
    layers = average.inference_model.layers
    fixed = {id(weight) for layer in layers if layer.name in _FIXED_LAYERS for weight in layer.weights}
    pairs = zip(average.inference_model.weights, generator.inference_model.weights, strict=True)
    return [(own, other) for own, other in pairs if id(own) not in fixed]
