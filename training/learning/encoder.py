"""An encoder that learns to undo a generator, which stays as it is: what a step needs and what there is to keep.

Of images that the generator draws, the latents are known and have to come back. Of real images they are not: there the
generator has to draw something that looks the same, seen from a little further away. How gradients are found differs
between Keras's back ends; everything else is here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from technogan.seeds.seed import SLIDER_MAX, SLIDER_SCALE
from training.learning.batches import Batch
from training.learning.checkpoints import ENCODER, encoder_weights
from training.learning.gan import Arrays
from training.networks import NetworkDefinition
from training.networks.encoder import build_encoder
from training.networks.generator import build_generator
from training.networks.layers import Tensor, from_grey, load_weights, weights_of

_OPTIMISER = "encoder-optimiser"

_LEARNING_RATE = 5e-4
# As far as the sliders reach, in standard deviations, and what going beyond costs.
_REACH = SLIDER_MAX * SLIDER_SCALE
_BEYOND_WEIGHT = 0.1
# Sides of the squares that pictures are compared in: grain is no likeness.
_SQUARES = (4, 8)


class EncoderLearner(ABC):
    """The encoder, its optimiser, and the generator that it is to undo. All on one device.

    Set Keras's dtype policy and random seed before making one. weights: the generator's, as `GeneratorModel.weights`.
    """

    def __init__(self, definition: NetworkDefinition, weights: Mapping[str, FloatArray]) -> None:
        self.generator = build_generator(definition)
        self.generator.load(weights)
        self.encoder = build_encoder(definition)
        self._level = self.encoder.get_layer("level")
        self._level.learn(self.generator)
        self._optimiser = keras.optimizers.Adam(_LEARNING_RATE)
        self._optimiser.build(self.encoder.trainable_variables)

    @abstractmethod
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Correct the encoder once. Returns the losses "latent" and "picture", numbers on the device."""

    def weights(self) -> dict[str, FloatArray]:
        """Those of the encoder; see `weights_of`."""
        return weights_of(self.encoder)

    def arrays(self) -> Arrays:
        """Everything that a later step depends on but the generator, by a name that is the same on every back end."""
        arrays: Arrays = {f"{ENCODER}/{name}": values for name, values in self.weights().items()}
        for i, variable in enumerate(self._optimiser.variables):
            arrays[f"{_OPTIMISER}/{i}"] = np.asarray(ops.convert_to_numpy(variable))
        return arrays

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take over what `arrays` gave, of this or the other back end. Raises SpecMismatch for another network's."""
        load_weights(self.encoder, encoder_weights(arrays))
        for i, variable in enumerate(self._optimiser.variables):
            found = arrays.get(f"{_OPTIMISER}/{i}", np.zeros(0))
            if found.shape != tuple(variable.shape):
                raise SpecMismatch(f"the checkpoint's {_OPTIMISER}/{i}", tuple(variable.shape), found.shape)
            variable.assign(found)
        # The generator may have learned more since.
        self._level.learn(self.generator)

    def look(self, images: Tensor, latents: Tensor, speckle: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """What the encoder makes of a batch, as in training: all that it loses, how far its latents are off (mean
        square), and how far what is drawn of real images is off. images: uint8 (n, n_bins, n_frames, 1).
        """
        real = from_grey(images)
        latents = ops.clip(latents, -_REACH, _REACH)
        drawn = ops.stop_gradient(self._drawn(latents, speckle))
        found = self.encoder(ops.concatenate([drawn, real], axis=0), training=True)
        count = latents.shape[0]
        latent = ops.mean(ops.square(found[:count] - latents))
        picture = self._unlikeness(self._drawn(found[count:], None), real)
        beyond = ops.mean(ops.square(ops.relu(ops.abs(found) - _REACH)))
        return latent + picture + _BEYOND_WEIGHT * beyond, latent, picture

    def _drawn(self, latents: Tensor, speckle: Tensor | None) -> Tensor:
        """Images in [-1, 1]."""
        images = self.generator(latents, speckle)
        return self.generator.player.get_layer("rows")(images) if self._standardised else images

    @property
    def _standardised(self) -> bool:
        return self.generator.definition.generator.output == "rows"

    def _unlikeness(self, images: Tensor, others: Tensor) -> Tensor:
        difference = self._level(images) - self._level(others)
        parts = [ops.mean(ops.abs(ops.average_pool(difference, side, strides=side))) for side in _SQUARES]
        return sum(parts) / len(parts)
