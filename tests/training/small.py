"""Networks and datasets that are small enough to train in a test."""

import dataclasses

import numpy as np

from training.dataset.images import ARRAY
from training.dataset.manifest import Manifest
from training.networks import read_network


def small(name, *, batch=4, **changes):
    """Return the named network with few channels, and changes to its generator."""
    definition = read_network(name)
    generator, discriminator = definition.generator, definition.discriminator
    few = tuple(min(n, 8 + i) for i, n in enumerate(generator.channels))
    generator = dataclasses.replace(generator, base_channels=6, channels=few, width=min(generator.width, 8))
    few = tuple(6 + i for i in range(len(discriminator.channels)))
    discriminator = dataclasses.replace(
        discriminator, channels=few, deviation=min(discriminator.deviation, 4), compared=3
    )
    recipe = dataclasses.replace(definition.recipe, batch=batch)
    generator = dataclasses.replace(generator, **changes)
    return dataclasses.replace(definition, generator=generator, discriminator=discriminator, recipe=recipe)


def small_dataset(folder, definition, count=64, *, random_seed=0):
    """Write a dataset of images with some structure, stored as an array."""
    size = definition.format
    rng = np.random.default_rng(random_seed)
    rows = np.linspace(200, 40, size.n_bins)[:, np.newaxis]
    manifest = Manifest(size, "array", count, {"licence": "CC0-1.0"}, {}, stems=definition.stems)
    images = rows + 30 * rng.standard_normal((count, *manifest.image_shape))
    images[..., :: size.n_frames // (4 * size.beats)] += 40
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / ARRAY, np.clip(images, 0, 255).astype(np.uint8))
    manifest.save(folder)
    return folder
