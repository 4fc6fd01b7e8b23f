"""Training batches, each drawn from the number of its step alone, so that a run can resume at any step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray, GreyArray
from training.networks.definition import NetworkDefinition
from training.networks.speckle import draw_speckle, make_speckle

_SPECKLE_FIELDS = 64
# Independent random streams, each seeded by the run's seed, one of these and a number.
_ORDER_STREAM, _BATCH_STREAM = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The inputs of a training step.

    images: uint8 (n, n_bins, n_frames, n_stems). latents: float32 (n, latent_size). speckle: float32 of the same shape
    as the images; None without noise injection.
    """

    images: GreyArray
    latents: FloatArray
    speckle: FloatArray | None

    def tensors(self, convert: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
        """Convert the images, the latents and, if there is one, the speckle to tensors of a framework."""
        speckle = None if self.speckle is None else convert(self.speckle)
        return convert(self.images), convert(self.latents), speckle


class Batches:
    """The batches of a run: every image is shown once per epoch, in a new order each time.

    array: uint8 (n, [stems,] n_bins, n_frames), at least one image. random_seed: of all that is drawn.
    """

    def __init__(self, array: GreyArray, definition: NetworkDefinition, *, random_seed: int) -> None:
        self._array = array
        self._definition = definition
        self._random_seed = random_seed
        self._fields: FloatArray | None = None
        if definition.generator.noise:
            self._fields = make_speckle(definition.format, _SPECKLE_FIELDS, random_seed=random_seed)
        self._epoch = -1
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)

    def __call__(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0."""
        definition, n = self._definition, self._definition.recipe.batch
        rng = np.random.default_rng((self._random_seed, _BATCH_STREAM, step))
        images = np.stack([self._array[self._index(step * n + i)] for i in range(n)])
        if beats := definition.recipe.turned_beats:
            unit = definition.format.n_frames * beats // definition.format.beats
            shifts = rng.integers(definition.format.beats // beats, size=n)
            images = np.stack([np.roll(image, unit * k, axis=-1) for image, k in zip(images, shifts, strict=True)])
        latents = rng.standard_normal((n, definition.latent_size), np.float32)
        speckle = None if self._fields is None else draw_speckle(self._fields, n, rng, n_stems=definition.n_stems)
        images = np.moveaxis(images, 1, 3) if definition.stems else images[..., np.newaxis]
        return Batch(images, latents, speckle)

    def _index(self, position: int) -> int:
        """Index of the image at a position in the sequence of all images shown."""
        epoch, place = divmod(position, len(self._array))
        if epoch != self._epoch:
            rng = np.random.default_rng((self._random_seed, _ORDER_STREAM, epoch))
            self._epoch, self._order = epoch, rng.permutation(len(self._array))
        return int(self._order[place])
