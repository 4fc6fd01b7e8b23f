"""What a model's sliders do: how far each moves the log-mel picture, between what nobody hears and another loop.

Distances are root mean square differences of two log-mel pictures (see `training.evaluation.embedding`), in dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.image import to_magnitude
from technogan.network.generator import Generator
from technogan.network.spec import ModelSpec
from technogan.phase.reconstruction import METHODS, reconstruct
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import SLIDER_MAX, Seed, latents
from technogan.transforms import transform_of
from training.evaluation.embedding import DoubleArray, LogMel

SEEDS = 32
MOVE = 32
# Seeds for single steps, which differ little from seed to seed.
_FEW_SEEDS = 8
# A slider does something if it does more than this times what another start of phase reconstruction does.
_AUDIBLE = 2.0
_DB = 10.0


@dataclass(frozen=True, slots=True)
class SliderFigures:
    """Distances in dB.

    step: by moving one slider by 1, mean. effects: by moving one slider by 32, for each slider the median over the
    seeds. restart: of one loop reconstructed twice from random phases by 32 iterations of fast Griffin-Lim, median.
    apart: of two random seeds, median. within: share of all single moves by 32 that lie between `audible` and `apart`.
    seeds: how many the moves by 32 were made from.
    """

    seeds: int
    step: float
    effects: tuple[float, ...]
    restart: float
    apart: float
    within: float

    @property
    def audible(self) -> float:
        """What a slider has to do more than, to do something."""
        return _AUDIBLE * self.restart

    @property
    def weakest(self) -> float:
        """The least effect."""
        return min(self.effects)

    @property
    def strongest(self) -> float:
        """The largest effect."""
        return max(self.effects)

    @property
    def idle(self) -> tuple[int, ...]:
        """The sliders that do nothing, counted from 1."""
        return tuple(i + 1 for i, effect in enumerate(self.effects) if effect <= self.audible)

    @property
    def balanced(self) -> bool:
        """Whether every slider does something, and none makes another loop by itself."""
        return not self.idle and self.strongest < self.apart


def slider_figures(generator: Generator, seeds: int = SEEDS, *, progress: Progress = ignore_progress) -> SliderFigures:
    """Measure the sliders of a model from the seeds of the integers 0 to `seeds` - 1, at least 2."""
    spec = generator.spec
    log_mel = LogMel(spec.format)
    starts = [Seed.from_integer(i, spec.latent_size) for i in range(seeds)]
    few = starts[:_FEW_SEEDS]
    pictures, moved, steps, restarts = [], [], [], []
    for i, start in enumerate(starts):
        image = generator.generate(latents([start], spec.slider_scale))
        picture = log_mel.of_images(image)
        pictures.append(picture[0])
        moved.append(_moved(generator, log_mel, start, picture, MOVE))
        if start in few:
            steps.append(_moved(generator, log_mel, start, picture, 1))
        restarts.append(_restart(image[0], spec, log_mel))
        progress((i + 1) / seeds)
    return _figures(np.stack(pictures), np.stack(moved), np.stack(steps), float(np.median(restarts)))


def _figures(pictures: FloatArray, moved: DoubleArray, steps: DoubleArray, restart: float) -> SliderFigures:
    pairs = np.concatenate([_apart(pictures[i + 1 :], pictures[i]) for i in range(len(pictures) - 1)])
    apart = float(np.median(pairs))
    return SliderFigures(
        seeds=len(pictures),
        step=float(steps.mean()),
        effects=tuple(map(float, np.median(moved, axis=0))),
        restart=restart,
        apart=apart,
        within=float(((moved > _AUDIBLE * restart) & (moved < apart)).mean()),
    )


def _moved(generator: Generator, log_mel: LogMel, start: Seed, picture: FloatArray, move: int) -> DoubleArray:
    """How far each slider moves the picture: float64 (latent_size,)."""
    spec = generator.spec
    neighbours = [_with_one_moved(start, i, move) for i in range(spec.latent_size)]
    images = generator.generate(latents(neighbours, spec.slider_scale))
    return _apart(log_mel.of_images(images), picture)


def _with_one_moved(seed: Seed, index: int, move: int) -> Seed:
    """Upwards, or downwards where the slider would meet its end."""
    values = list(seed.values)
    values[index] += move if values[index] + move <= SLIDER_MAX else -move
    return Seed.of(values)


def _restart(image: FloatArray, spec: ModelSpec, log_mel: LogMel) -> float:
    """How far apart two reconstructions of an image are that begin with other random phases."""
    transform = transform_of(spec.format)
    magnitude = transform.from_rows(to_magnitude(image, spec.format))
    heard = []
    for number in range(2):
        rng = np.random.default_rng(number)
        samples = reconstruct(magnitude, transform, method=METHODS["griffin-lim"], rng=rng)
        rows = transform.to_rows(np.abs(transform.forward(samples)))
        heard.append(log_mel.of_power(np.square(rows.T[np.newaxis])))
    return float(_apart(heard[0], heard[1])[0])


def _apart(pictures: FloatArray, picture: FloatArray) -> DoubleArray:
    """float32 (n, bands, steps) against one or as many: float64 (n,), dB."""
    squares = np.square(pictures - picture, dtype=np.float64)
    return np.asarray(_DB * np.sqrt(squares.mean(axis=(1, 2))))
