"""The seed whose loop is nearest to a given one: what an encoder guesses, then what the generator itself says.

Pictures are compared as their grain allows: means of squares of 8 by 8, both pictures at one mean value, so that
how loud a loop is makes no difference. From the encoder's guess on, or from the middle of all sliders where a model has
none, sliders are moved as damped least squares say.

Source: Levenberg 1944; Marquardt 1963.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.network.encoder import LEAST_LEVEL, Encoder
from technogan.network.generator import Generator
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import Seed, latents

# After an encoder's guess, and from the middle of all sliders.
STEPS, STEPS_ALONE = 2, 4
MAX_STEPS = 32

_SQUARE = 8
_AT_ONCE = 16
# How far each slider is moved to see what it does, in latent units.
_PROBE = 0.1
_DAMPING = np.array([0.01, 0.1, 1.0, 10.0], np.float32)
# What a seed costs beside the picture's distance, so that sliders that do nothing here stay in the middle.
_PRIOR = 1e-4
_RANDOM_SEEDS = 16


@dataclass(frozen=True, slots=True)
class NearestSeed:
    """A seed and how near its picture is to the wanted one.

    distance: root mean square difference of the compared pictures, as a share of the wanted one's. guessed: that of
    the encoder's guess, or of all sliders in the middle. random: the median of some random seeds'.
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
    """The nearest seed that is found, in whole slider steps; deterministic.

    image: float32 (n_bins, n_frames), [-1, 1]. steps: STEPS with an encoder, STEPS_ALONE without, if not given; each
    takes about as many images of the generator as a seed has values. Raises SettingError for a senseless number of
    steps, BundleError and SpecMismatch as `Encoder.encode` and `Generator.generate`.
    """
    fewest, usual = (1, STEPS_ALONE) if encoder is None else (0, STEPS)
    steps = usual if steps is None else steps
    if not fewest <= steps <= MAX_STEPS:
        raise SettingError("steps", steps, f"from {fewest} to {MAX_STEPS}")
    search = _Search(image, generator)
    middle = np.zeros(generator.spec.latent_size, np.float32)
    guess = middle if encoder is None else encoder.encode(image[np.newaxis])[0]
    found = search.refined(guess, steps, progress)
    spec = generator.spec
    seeds = [Seed.clipped(np.round(values / spec.slider_scale)) for values in (guess, found)]
    seeds += [Seed.from_integer(number, spec.latent_size) for number in range(_RANDOM_SEEDS)]
    distances = search.distances(latents(seeds, spec.slider_scale))
    best = int(np.argmin(distances[:2]))
    return NearestSeed(seeds[best], float(distances[best]), float(distances[0]), float(np.median(distances[2:])))


class _Search:
    """What a generator makes of latents, compared with one wanted picture."""

    def __init__(self, image: FloatArray, generator: Generator) -> None:
        self._generator = generator
        wanted = _compared(image[np.newaxis])[0]
        self._scale = np.float32(1 / max(float(np.linalg.norm(wanted)), LEAST_LEVEL))
        self._wanted = wanted * self._scale

    def distances(self, of: FloatArray) -> FloatArray:
        """float32 (n, latent_size) -> (n,)."""
        return np.asarray(np.linalg.norm(self._seen(of) - self._wanted, axis=1), np.float32)

    def refined(self, latent: FloatArray, steps: int, progress: Progress) -> FloatArray:
        """Better latents than float32 (latent_size,), if so many steps find some."""
        seen = self._seen(latent[np.newaxis])[0]
        for step in range(steps):
            progress(step / steps)
            candidates = self._candidates(latent, seen)
            found = self._seen(candidates)
            costs = self._costs(candidates, found)
            best = int(np.argmin(costs))
            if costs[best] >= self._costs(latent[np.newaxis], seen[np.newaxis])[0]:
                break
            latent, seen = candidates[best], found[best]
        progress(1.0)
        return latent

    def _candidates(self, latent: FloatArray, seen: FloatArray) -> FloatArray:
        """Where damped least squares go from here, one for each damping: float32 (n, latent_size)."""
        size = len(latent)
        moved = latent + _PROBE * np.eye(size, dtype=np.float32)
        slopes = (self._seen(moved) - seen) / np.float32(_PROBE)
        curvature = slopes @ slopes.T + _PRIOR / size * np.eye(size, dtype=np.float32)
        downhill = slopes @ (self._wanted - seen) - _PRIOR / size * latent
        damping = np.trace(curvature) / size * _DAMPING
        moves = [np.linalg.solve(curvature + by * np.eye(size), downhill) for by in damping]
        spec = self._generator.spec
        low, high = spec.slider_min * spec.slider_scale, spec.slider_max * spec.slider_scale
        return np.asarray(np.clip(latent + np.stack(moves), low, high), np.float32)

    def _costs(self, of: FloatArray, seen: FloatArray) -> FloatArray:
        distances = np.square(seen - self._wanted).sum(axis=1)
        return np.asarray(distances + _PRIOR * np.square(of).mean(axis=1), np.float32)

    def _seen(self, of: FloatArray) -> FloatArray:
        """The pictures of latents as they are compared: float32 (n, squares)."""
        groups = [of[start : start + _AT_ONCE] for start in range(0, len(of), _AT_ONCE)]
        seen = [_compared(self._generator.generate(group)) for group in groups]
        return np.asarray(np.concatenate(seen) * self._scale, np.float32)


def _compared(images: FloatArray) -> FloatArray:
    """float32 (n, n_bins, n_frames), [-1, 1] -> means of squares, at a mean of 1: (n, squares)."""
    n, n_bins, n_frames = images.shape
    high, wide = (max(1, size // _SQUARE) for size in (n_bins, n_frames))
    values = images[:, : n_bins // high * high, : n_frames // wide * wide] * np.float32(0.5) + np.float32(0.5)
    squares = values.reshape(n, high, n_bins // high, wide, n_frames // wide).mean(axis=(2, 4)).reshape(n, -1)
    return np.asarray(squares / np.maximum(squares.mean(axis=1, keepdims=True), LEAST_LEVEL), np.float32)
