"""What each step of a training is given: drawn from the step's number alone, so that a run can go on anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray, GreyArray
from training.networks.definition import NetworkDefinition
from training.networks.speckle import draw_speckle, speckle

_FIELDS = 64
# Streams of random numbers beside each other, each seeded by one of these and a number.
_ORDER, _DRAW = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """images: uint8 (n, n_bins, n_frames, 1). latents: float32 (n, latent_size). speckle: float32 (n, n_bins, n_frames,
    1), or None for a network without noise.
    """

    images: GreyArray
    latents: FloatArray
    speckle: FloatArray | None


class Batches:
    """The batches of a training: every image once before any comes again, each time in another order.

    array: uint8 (n, n_bins, n_frames), at least one. random_seed: of everything that is drawn.
    """

    def __init__(self, array: GreyArray, definition: NetworkDefinition, *, random_seed: int) -> None:
        self._array = array
        self._definition = definition
        self._random_seed = random_seed
        self._fields: FloatArray | None = None
        if definition.generator.noise:
            self._fields = speckle(definition.format, _FIELDS, random_seed=random_seed)
        self._round = -1
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)

    def __call__(self, step: int) -> Batch:
        """The batch of this step, counted from 0."""
        definition, n = self._definition, self._definition.recipe.batch
        rng = np.random.default_rng((self._random_seed, _DRAW, step))
        images = np.stack([self._array[self._index(step * n + i)] for i in range(n)])
        if beats := definition.recipe.turned_beats:
            turn = definition.format.n_frames * beats // definition.format.beats
            turns = rng.integers(definition.format.beats // beats, size=n)
            images = np.stack([np.roll(image, turn * k, axis=1) for image, k in zip(images, turns, strict=True)])
        latents = rng.standard_normal((n, definition.latent_size), np.float32)
        field = None if self._fields is None else draw_speckle(self._fields, n, rng)
        return Batch(images[..., np.newaxis], latents, field)

    def _index(self, position: int) -> int:
        """Of the image that is shown as number `position` since the beginning."""
        number, place = divmod(position, len(self._array))
        if number != self._round:
            rng = np.random.default_rng((self._random_seed, _ORDER, number))
            self._round, self._order = number, rng.permutation(len(self._array))
        return int(self._order[place])
