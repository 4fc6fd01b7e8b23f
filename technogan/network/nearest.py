"""Find the seed whose loop is nearest to a given image: the encoder's estimate, refined with the generator itself.

Images are compared as means over squares of 8 by 8 pixels, each image at the same mean, so that the level of a loop has
no influence. Damped least squares refine the encoder's estimate, or the seed with all sliders at 0 if there is no
encoder.

Source: Levenberg 1944; Marquardt 1963.
"""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.image import mix_images
from technogan.network.encoder import LEAST_LEVEL, Encoder
from technogan.network.generator import Generator
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import Seed, latents

# Default steps with an encoder, and without one.
STEPS, STEPS_ALONE = 2, 4
MAX_STEPS = 32

_SQUARE = 8
_BATCH_SIZE = 16
# How far each slider is moved to measure its effect, in latent units.
_PROBE = 0.1
_DAMPING = np.array([0.01, 0.1, 1.0, 10.0], np.float32)
# Cost of a seed's distance from 0, so that sliders without an effect stay at 0.
_PRIOR = 1e-4
_RANDOM_SEEDS = 16


@dataclass(frozen=True, slots=True)
class NearestSeed:
    """The result of a search.

    Distances are root mean square differences between pooled images, relative to the wanted image. distance: of the
    seed. guessed: of the encoder's estimate, or of all sliders at 0. random: the median of random seeds.
    """

    seed: Seed
    distance: float
    guessed: float
    random: float


def find_nearest_seed(
    image: FloatArray,
    generator: Generator,
    encoder: Encoder | None,
    *,
    steps: int | None = None,
    progress: Progress = ignore_progress,
) -> NearestSeed:
    """Search for the seed nearest to an image, in whole slider steps. Deterministic.

    Args:
        image: float32 (n_bins, n_frames), in [-1, 1].
        generator: the model.
        encoder: the model's encoder, if it has one.
        steps: steps of refinement; STEPS or STEPS_ALONE if not given. Each generates about one image for every slider.
        progress: called with a share from 0 to 1.

    Raises:
        SettingError: `steps` is out of range.
        BundleError: a network fails.
        SpecMismatch: the image has the wrong shape.
    """
    fewest, usual = (1, STEPS_ALONE) if encoder is None else (0, STEPS)
    steps = usual if steps is None else steps
    if not fewest <= steps <= MAX_STEPS:
        raise SettingError("steps", steps, f"from {fewest} to {MAX_STEPS}")
    search = _Search(image, generator)
    middle = np.zeros(generator.spec.latent_size, np.float32)
    guess = middle if encoder is None else encoder.encode(image[np.newaxis])[0]
    found = search.refine(guess, steps, progress)
    spec = generator.spec
    seeds = [Seed.clipped(np.round(values / spec.slider_scale)) for values in (guess, found)]
    seeds += [Seed.from_integer(number, spec.latent_size) for number in range(_RANDOM_SEEDS)]
    distances = search.distances(latents(seeds, spec.slider_scale))
    best = int(np.argmin(distances[:2]))
    return NearestSeed(seeds[best], float(distances[best]), float(distances[0]), float(np.median(distances[2:])))


class _Search:
    """Compares the images of latents with one wanted image. Latents are float32 (n, latent_size)."""

    def __init__(self, image: FloatArray, generator: Generator) -> None:
        self._generator = generator
        wanted = _pool(image[np.newaxis])[0]
        self._scale = np.float32(1 / max(float(np.linalg.norm(wanted)), LEAST_LEVEL))
        self._wanted = wanted * self._scale

    def distances(self, batch: FloatArray) -> FloatArray:
        """Return the distance of each latent's image: float32 (n,)."""
        return np.asarray(np.linalg.norm(self._generate_pooled(batch) - self._wanted, axis=1), np.float32)

    def refine(self, latent: FloatArray, steps: int, progress: Progress) -> FloatArray:
        """Improve a latent, float32 (latent_size,), until `steps` are done or no step improves it."""
        pooled = self._generate_pooled(latent[np.newaxis])[0]
        for step in range(steps):
            progress(step / steps)
            candidates = self._candidates(latent, pooled)
            images = self._generate_pooled(candidates)
            costs = self._costs(candidates, images)
            best = int(np.argmin(costs))
            if costs[best] >= self._costs(latent[np.newaxis], pooled[np.newaxis])[0]:
                break
            latent, pooled = candidates[best], images[best]
        progress(1.0)
        return latent

    def _candidates(self, latent: FloatArray, pooled: FloatArray) -> FloatArray:
        """Return the next latent of damped least squares, one for each damping: float32 (n, latent_size)."""
        size = len(latent)
        moved = latent + _PROBE * np.eye(size, dtype=np.float32)
        slopes = (self._generate_pooled(moved) - pooled) / np.float32(_PROBE)
        curvature = slopes @ slopes.T + _PRIOR / size * np.eye(size, dtype=np.float32)
        downhill = slopes @ (self._wanted - pooled) - _PRIOR / size * latent
        damping = np.trace(curvature) / size * _DAMPING
        moves = [np.linalg.solve(curvature + by * np.eye(size), downhill) for by in damping]
        spec = self._generator.spec
        low, high = spec.slider_min * spec.slider_scale, spec.slider_max * spec.slider_scale
        return np.asarray(np.clip(latent + np.stack(moves), low, high), np.float32)

    def _costs(self, batch: FloatArray, pooled: FloatArray) -> FloatArray:
        distances = np.square(pooled - self._wanted).sum(axis=1)
        return np.asarray(distances + _PRIOR * np.square(batch).mean(axis=1), np.float32)

    def _generate_pooled(self, batch: FloatArray) -> FloatArray:
        """Return the images of latents, pooled and scaled: float32 (n, squares)."""
        groups = [batch[start : start + _BATCH_SIZE] for start in range(0, len(batch), _BATCH_SIZE)]
        pooled = [_pool(self._mix(self._generator.generate(group))) for group in groups]
        return np.asarray(np.concatenate(pooled) * self._scale, np.float32)

    def _mix(self, images: FloatArray) -> FloatArray:
        spec = self._generator.spec
        return mix_images(images, spec.format) if spec.stems else images


def _pool(images: FloatArray) -> FloatArray:
    """Return the means of squares of images, at a mean of 1: (n, n_bins, n_frames) in [-1, 1] -> (n, squares)."""
    n, n_bins, n_frames = images.shape
    high, wide = (max(1, size // _SQUARE) for size in (n_bins, n_frames))
    values = images[:, : n_bins // high * high, : n_frames // wide * wide] * np.float32(0.5) + np.float32(0.5)
    squares = values.reshape(n, high, n_bins // high, wide, n_frames // wide).mean(axis=(2, 4)).reshape(n, -1)
    return np.asarray(squares / np.maximum(squares.mean(axis=1, keepdims=True), LEAST_LEVEL), np.float32)
