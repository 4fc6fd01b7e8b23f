"""Measure how close `technogan encode` comes to held-out loops.

    python scripts/measure/encoder_distance.py MODEL DATASET

Distances are RMS differences of log-mel pictures in dB, at the same mean level, as in `training.evaluation.sliders`.
The table compares the encoder's guess and its refinements with a random seed and the nearest of many. Without an
encoder the search starts with all sliders in the middle.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.image import from_grey
from technogan.network.encoder import Encoder, encoder_path
from technogan.network.generator import Generator, usable_cores
from technogan.network.library import find_model
from technogan.network.nearest import find_nearest_seed
from technogan.seeds.seed import Seed, latents
from training.dataset.images import open_images
from training.evaluation.embedding import LogMel

_DB = 10.0
_AT_ONCE = 16


class LogMelPictures:
    """Log-mel pictures of images and seeds of one model."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._log_mel = LogMel(generator.spec.format)

    def pictures(self, images: FloatArray) -> FloatArray:
        """Return pictures, float32 (n, values), with a mean of 0, of images (n, n_bins, n_frames)."""
        pictures = _DB * self._log_mel.of_images(images).reshape(len(images), -1)
        return np.asarray(pictures - pictures.mean(axis=1, keepdims=True), np.float32)

    def of_seeds(self, seeds: list[Seed]) -> FloatArray:
        """Return the pictures of the images that the model generates."""
        groups = [seeds[start : start + _AT_ONCE] for start in range(0, len(seeds), _AT_ONCE)]
        scale = self._generator.spec.slider_scale
        return np.concatenate([self.pictures(self._generator.generate(latents(group, scale))) for group in groups])


def distances(pictures: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return the distances, float32 (n,), in dB, between pictures (n, values) and one picture (values,)."""
    return np.asarray(np.sqrt(np.square(pictures - wanted).mean(axis=1)), np.float32)


def measure(
    wanted: list[FloatArray], generator: Generator, encoder: Encoder | None, *, seeds: int, steps: Sequence[int]
) -> dict[str, list[float]]:
    """Return distances in dB and search times in seconds, one per image (n_bins, n_frames)."""
    log_mel, size = LogMelPictures(generator), generator.spec.latent_size
    pool = log_mel.of_seeds([Seed.from_integer(number, size) for number in range(seeds)])
    found: dict[str, list[float]] = defaultdict(list)
    for image in wanted:
        picture = log_mel.pictures(image[np.newaxis])[0]
        apart = distances(pool, picture)
        found["random seeds, dB"].append(float(np.median(apart)))
        found[f"nearest of {seeds}, dB"].append(float(apart.min()))
        for count in steps:
            began = time.perf_counter()
            seed = find_nearest_seed(image, generator, encoder, steps=count).seed
            seconds = time.perf_counter() - began
            found[f"{count} steps, dB"].append(float(distances(log_mel.of_seeds([seed]), picture)[0]))
            found[f"{count} steps, seconds"].append(seconds)
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="a name, a path or a run's folder")
    parser.add_argument("dataset", type=Path, help="held-out images")
    parser.add_argument("--count", type=int, default=32, help="number of images")
    parser.add_argument("--seeds", type=int, default=1000, help="random seeds to compare with")
    parser.add_argument("--steps", type=int, nargs="*", default=[0, 1, 2], help="numbers of refinement steps")
    options = parser.parse_args()
    bundle = find_model(options.model)
    generator = Generator(bundle, threads=usable_cores())
    encoder = Encoder(bundle, threads=usable_cores()) if encoder_path(bundle.path).exists() else None
    wanted = [from_grey(image) for image in open_images(options.dataset).array[: options.count]]
    for name, values in measure(wanted, generator, encoder, seeds=options.seeds, steps=options.steps).items():
        low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
        print(f"{name:26} mean {np.mean(values):6.2f}   quartiles {low:6.2f} {middle:6.2f} {high:6.2f}")


if __name__ == "__main__":
    main()
