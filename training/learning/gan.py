"""A generator and a discriminator that learn from each other: what a step needs and what there is to keep.

One step: the generator draws images, the discriminator looks at them and at real ones, and both are corrected once,
from the same look. How gradients are found differs between Keras's back ends; everything else is here.
"""

from __future__ import annotations

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

# Layers of a generator that nobody trains: nothing to average.
_FIXED = ("speckle", "rows")
_EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a batch: the images, standardised, and what both networks lose by it."""

    real: Tensor
    fake: Tensor
    generator_loss: Tensor
    discriminator_loss: Tensor


class Gan(ABC):
    """The networks, their optimisers and the generator's moving average.

    Set Keras's dtype policy and random seed before making one.
    """

    def __init__(self, definition: NetworkDefinition) -> None:
        recipe = definition.recipe
        self.definition = definition
        self.generator = build_generator(definition)
        self.average = build_generator(definition)
        self.discriminator = build_discriminator(definition)
        self._generator_optimiser = _adam(recipe.learning_rate, recipe.beta_1, recipe.beta_2)
        self._discriminator_optimiser = _adam(recipe.learning_rate, recipe.beta_1, recipe.beta_2)
        self._generator_optimiser.build(self.generator.network.trainable_variables)
        self._discriminator_optimiser.build(self.discriminator.trainable_variables)
        self._averaged = _averaged_pairs(self.average, self.generator)
        for own, other in zip(self.average.player.weights, self.generator.player.weights, strict=True):
            own.assign(other)

    @abstractmethod
    def step(self, batch: Batch, *, penalise: bool, decay: float) -> Mapping[str, Tensor]:
        """Correct both networks once and move the average on; `decay` is what it keeps of itself.

        Returns "generator" and "discriminator" losses and, where `penalise`, "penalty": numbers on the device, to be
        read when wanted.
        """

    def learn_rows(self, images: FloatArray) -> None:
        """See `GeneratorModel.learn_rows`; once, before the first step."""
        self.generator.learn_rows(images)
        self.average.learn_rows(images)

    def arrays(self) -> Arrays:
        """Everything that a later step depends on, by a name that is the same on every back end."""
        return {name: np.asarray(ops.convert_to_numpy(variable)) for name, variable in self._variables().items()}

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take over what `arrays` gave, of this or the other back end. Raises SpecMismatch for another network's."""
        variables = self._variables()
        if missing := variables.keys() - arrays.keys():
            raise SpecMismatch("the checkpoint", f"{len(variables)} arrays", f"{len(missing)} of them missing")
        for name, variable in variables.items():
            if tuple(variable.shape) != arrays[name].shape:
                raise SpecMismatch(f"the checkpoint's {name}", tuple(variable.shape), arrays[name].shape)
            variable.assign(arrays[name])
        # That of the recipe may have been changed since.
        for optimiser in (self._generator_optimiser, self._discriminator_optimiser):
            optimiser.learning_rate = self.definition.recipe.learning_rate

    def look(self, images: Tensor, latents: Tensor, speckle: Tensor | None) -> Look:
        """Both networks at work, as in training. images: uint8 (n, n_bins, n_frames, 1)."""
        real = self.generator.standardised(from_grey(images))
        fake = self.generator(latents, speckle, training=True)
        of_real, of_fake = self.discriminator(real, training=True), self.discriminator(fake, training=True)
        kind = self.definition.recipe.loss
        return Look(real, fake, generator_loss(kind, of_real, of_fake), discriminator_loss(kind, of_real, of_fake))

    def penalised(self, look: Look) -> list[Tensor]:
        """Images at which the discriminator's steepness is penalised: half a batch of each kind."""
        half = max(1, look.real.shape[0] // 2)
        kinds = (look.real, look.fake) if self.definition.recipe.loss == "relativistic" else (look.real,)
        return [ops.stop_gradient(images[:half]) for images in kinds]

    @property
    def penalty_weight(self) -> float:
        """By what the sum of the steepnesses is multiplied, in a step that penalises."""
        return self.definition.recipe.penalty / 2 * self.definition.recipe.penalty_every

    def _variables(self) -> dict[str, Any]:
        parts = {
            "generator": self.generator.player.variables,
            "average": self.average.player.variables,
            "discriminator": self.discriminator.variables,
            "generator-optimiser": self._generator_optimiser.variables,
            "discriminator-optimiser": self._discriminator_optimiser.variables,
        }
        return {f"{part}/{i}": variable for part, variables in parts.items() for i, variable in enumerate(variables)}


def _adam(learning_rate: float, beta_1: float, beta_2: float) -> Any:
    return keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=_EPSILON)


def _averaged_pairs(average: GeneratorModel, generator: GeneratorModel) -> list[tuple[Any, Any]]:
    """Each weight of the average and the one it follows."""
    fixed = {id(w) for name in _FIXED for layer in average.player.layers if layer.name == name for w in layer.weights}
    pairs = zip(average.player.weights, generator.player.weights, strict=True)
    return [(own, other) for own, other in pairs if id(own) not in fixed]
