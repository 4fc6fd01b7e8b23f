"""Train an encoder to invert a fixed generator: its losses and its state, the same on every back end.

The latents of generated images are known and have to be recovered. The latents of real images are not; from the
encoder's guess, the generator has to produce a similar image, compared at reduced resolution. Subclasses compute the
gradients.
"""

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
# Range of the sliders in standard deviations, and the weight of the loss for latents beyond it.
_MAX_LATENT = SLIDER_MAX * SLIDER_SCALE
_RANGE_WEIGHT = 0.1
# Images are compared after average pooling with these sizes, because grain does not matter.
_POOL_SIZES = (4, 8)


class EncoderLearner(ABC):
    """The encoder, its optimiser and the generator that it inverts, all on one device.

    Set Keras's dtype policy and random seed first. weights: the generator's, as `GeneratorModel.weights` returns them.
    """

    def __init__(self, definition: NetworkDefinition, weights: Mapping[str, FloatArray]) -> None:
        self.generator = build_generator(definition)
        self.generator.load(weights)
        self.encoder = build_encoder(definition)
        self._level = self.encoder.get_layer("level")
        self._level.copy_rows(self.generator)
        self._optimiser = keras.optimizers.Adam(_LEARNING_RATE)
        self._optimiser.build(self.encoder.trainable_variables)

    @abstractmethod
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Update the encoder once. Returns the losses "latent" and "picture", scalars on the device."""

    def weights(self) -> dict[str, FloatArray]:
        """Return the encoder's weights, in the form of `weights_of`."""
        return weights_of(self.encoder)

    def arrays(self) -> Arrays:
        """Return all state but the generator, under names that are the same on every back end."""
        arrays: Arrays = {f"{ENCODER}/{name}": values for name, values in self.weights().items()}
        for i, variable in enumerate(self._optimiser.variables):
            arrays[f"{_OPTIMISER}/{i}"] = np.asarray(ops.convert_to_numpy(variable))
        return arrays

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Load state in the form of `arrays`, from any back end. Raises SpecMismatch for another network's state."""
        load_weights(self.encoder, encoder_weights(arrays))
        for i, variable in enumerate(self._optimiser.variables):
            found = arrays.get(f"{_OPTIMISER}/{i}", np.zeros(0))
            if found.shape != tuple(variable.shape):
                raise SpecMismatch(f"the checkpoint's {_OPTIMISER}/{i}", tuple(variable.shape), found.shape)
            variable.assign(found)
        # The generator may be another one than when the checkpoint was written.
        self._level.copy_rows(self.generator)

    def compute_losses(self, images: Tensor, latents: Tensor, speckle: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Run the forward pass of a training step.

        images: real ones, uint8 (n, n_bins, n_frames, 1). latents, speckle: of the images to generate.
        Returns the total loss, the mean square error of the latents, and the difference of the real images from those
        generated from their estimated latents.
        """
        real = from_grey(images)
        latents = ops.clip(latents, -_MAX_LATENT, _MAX_LATENT)
        generated = ops.stop_gradient(self._generate(latents, speckle))
        estimates = self.encoder(ops.concatenate([generated, real], axis=0), training=True)
        count = latents.shape[0]
        latent = ops.mean(ops.square(estimates[:count] - latents))
        picture = self._image_difference(self._generate(estimates[count:], None), real)
        excess = ops.mean(ops.square(ops.relu(ops.abs(estimates) - _MAX_LATENT)))
        return latent + picture + _RANGE_WEIGHT * excess, latent, picture

    def _generate(self, latents: Tensor, speckle: Tensor | None) -> Tensor:
        """Images in [-1, 1]."""
        images, rows = self.generator(latents, speckle), self.generator.rows
        return images if rows is None else rows(images)

    def _image_difference(self, images: Tensor, others: Tensor) -> Tensor:
        difference = self._level(images) - self._level(others)
        parts = [ops.mean(ops.abs(ops.average_pool(difference, size, strides=size))) for size in _POOL_SIZES]
        return sum(parts) / len(parts)
