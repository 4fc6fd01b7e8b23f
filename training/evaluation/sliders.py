"""The effect of a model's sliders: by how much each one changes the log-mel spectrogram of a loop.

Distances are root mean square differences of two log-mel spectrograms (see `training.evaluation.embedding`), in dB.
"""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from technogan.image import mix_images, to_magnitude
from technogan.network.generator import Generator
from technogan.network.spec import ModelSpec
from technogan.phase.reconstruction import METHODS, reconstruct
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import SLIDER_MAX, Seed, latents
from technogan.sound.level import sum_stems
from technogan.transforms import transform_of
from training.evaluation.embedding import DoubleArray, LogMel

SEEDS = 32
MOVE = 32
# Seeds for moves by 1, whose effect differs little from seed to seed.
_STEP_SEEDS = 8
# The effect of a slider is audible if it exceeds this many times the difference between two phase reconstructions.
_AUDIBLE = 2.0
_DB = 10.0


@dataclass(frozen=True, slots=True)
class SliderEffects:
    """Effects of a model's sliders; distances in dB.

    seeds: number of seeds whose sliders were moved by 32. step: mean distance for moving one slider by 1. effects:
    for each slider, the median distance for moving it by 32. restart: median distance between two reconstructions of a
    loop, each by 32 iterations of fast Griffin-Lim from random phases. apart: median distance between the loops of two
    seeds. within: share of all moves by 32 whose distance is between `audible` and `apart`.
    """

    seeds: int
    step: float
    effects: tuple[float, ...]
    restart: float
    apart: float
    within: float

    @property
    def audible(self) -> float:
        """The distance above which the effect of a slider is audible."""
        return _AUDIBLE * self.restart

    @property
    def weakest(self) -> float:
        """The smallest effect."""
        return min(self.effects)

    @property
    def strongest(self) -> float:
        """The largest effect."""
        return max(self.effects)

    @property
    def idle(self) -> tuple[int, ...]:
        """The sliders without an audible effect, counted from 1."""
        return tuple(i + 1 for i, effect in enumerate(self.effects) if effect <= self.audible)

    @property
    def balanced(self) -> bool:
        """True if every slider has an audible effect and none alone changes a loop as much as another seed does."""
        return not self.idle and self.strongest < self.apart


def measure_sliders(generator: Generator, seeds: int = SEEDS, *, progress: Progress = ignore_progress) -> SliderEffects:
    """Measure the sliders of a model from the seeds of the integers 0 to `seeds` - 1, at least 2."""
    spec = generator.spec
    log_mel = LogMel(spec.format)
    starts = [Seed.from_integer(i, spec.latent_size) for i in range(seeds)]
    spectrograms, moves, steps, restarts = [], [], [], []
    for i, start in enumerate(starts):
        image = generator.generate(latents([start], spec.slider_scale))
        spectrogram = log_mel.of_images(_mix(image, spec))
        spectrograms.append(spectrogram[0])
        moves.append(_move_distances(generator, log_mel, start, spectrogram, MOVE))
        if i < _STEP_SEEDS:
            steps.append(_move_distances(generator, log_mel, start, spectrogram, 1))
        restarts.append(_restart_distance(image[0], spec, log_mel))
        progress((i + 1) / seeds)
    return _summarise(np.stack(spectrograms), np.stack(moves), np.stack(steps), float(np.median(restarts)))


def _summarise(spectrograms: FloatArray, moves: DoubleArray, steps: DoubleArray, restart: float) -> SliderEffects:
    pairs = np.concatenate([_distances(spectrograms[i + 1 :], spectrograms[i]) for i in range(len(spectrograms) - 1)])
    apart = float(np.median(pairs))
    return SliderEffects(
        seeds=len(spectrograms),
        step=float(steps.mean()),
        effects=tuple(map(float, np.median(moves, axis=0))),
        restart=restart,
        apart=apart,
        within=float(((moves > _AUDIBLE * restart) & (moves < apart)).mean()),
    )


def _move_distances(
    generator: Generator, log_mel: LogMel, start: Seed, spectrogram: FloatArray, move: int
) -> DoubleArray:
    """Distances for moving each slider from a seed: float64 (latent_size,)."""
    spec = generator.spec
    neighbours = [_move_slider(start, i, move) for i in range(spec.latent_size)]
    images = generator.generate(latents(neighbours, spec.slider_scale))
    return _distances(log_mel.of_images(_mix(images, spec)), spectrogram)


def _move_slider(seed: Seed, index: int, move: int) -> Seed:
    """Move one slider upwards, or downwards if it would exceed its range."""
    values = list(seed.values)
    values[index] += move if values[index] + move <= SLIDER_MAX else -move
    return Seed.of(values)


def _restart_distance(image: FloatArray, spec: ModelSpec, log_mel: LogMel) -> float:
    """Distance between two reconstructions of an image, or of all stems, from different random phases."""
    transform = transform_of(spec.format)
    stems = image if spec.stems else image[np.newaxis]
    magnitudes = [transform.from_rows(to_magnitude(stem, spec.format)) for stem in stems]
    spectrograms = []
    for number in range(2):
        rng = np.random.default_rng(number)
        method = METHODS["griffin-lim"]
        samples = sum_stems(np.stack([reconstruct(m, transform, method=method, rng=rng) for m in magnitudes]))
        rows = transform.to_rows(np.abs(transform.forward(samples)))
        spectrograms.append(log_mel.of_power(np.square(rows.T[np.newaxis])))
    return float(_distances(spectrograms[0], spectrograms[1])[0])


def _mix(images: FloatArray, spec: ModelSpec) -> FloatArray:
    return mix_images(images, spec.format) if spec.stems else images


def _distances(a: FloatArray, b: FloatArray) -> DoubleArray:
    """Distances between log-mel spectrograms, float32 (n, bands, steps), and one or n others: float64 (n,), dB."""
    squares = np.square(a - b, dtype=np.float64)
    return np.asarray(_DB * np.sqrt(squares.mean(axis=(1, 2))))
