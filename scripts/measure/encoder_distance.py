"""How near an encoder comes to loops that its model never saw: `python scripts/measure/encoder_distance.py MODEL DATASET`.

Distances are root mean square differences of log-mel pictures in dB, as `training.evaluation.sliders` measures them, both pictures
at one mean level, as the instrument brings every loop to one loudness. Beside the encoder's guess and what refinement
makes of it stand a random seed and the nearest of many. Without an encoder the search begins in the middle.
"""

from __future__ import annotations

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


class Ruler:
    """Log-mel distances of a model's pictures."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._log_mel = LogMel(generator.spec.format)

    def pictures(self, images: FloatArray) -> FloatArray:
        """float32 (n, n_bins, n_frames) -> (n, values), at a mean of 0."""
        pictures = _DB * self._log_mel.of_images(images).reshape(len(images), -1)
        return np.asarray(pictures - pictures.mean(axis=1, keepdims=True), np.float32)

    def of_seeds(self, seeds: list[Seed]) -> FloatArray:
        """Those of what the model draws."""
        groups = [seeds[start : start + _AT_ONCE] for start in range(0, len(seeds), _AT_ONCE)]
        scale = self._generator.spec.slider_scale
        return np.concatenate([self.pictures(self._generator.generate(latents(group, scale))) for group in groups])


def distances(pictures: FloatArray, wanted: FloatArray) -> FloatArray:
    """float32 (n, values) to (values,): (n,), dB."""
    return np.asarray(np.sqrt(np.square(pictures - wanted).mean(axis=1)), np.float32)


def measured(
    wanted: list[FloatArray], generator: Generator, encoder: Encoder | None, *, seeds: int, steps: Sequence[int]
) -> dict[str, list[float]]:
    """Distances, dB, and seconds of searching, one for each image (n_bins, n_frames)."""
    ruler, size = Ruler(generator), generator.spec.latent_size
    pool = ruler.of_seeds([Seed.from_integer(number, size) for number in range(seeds)])
    found: dict[str, list[float]] = defaultdict(list)
    for image in wanted:
        picture = ruler.pictures(image[np.newaxis])[0]
        apart = distances(pool, picture)
        found["random seeds, dB"].append(float(np.median(apart)))
        found[f"nearest of {seeds}, dB"].append(float(apart.min()))
        for count in steps:
            began = time.perf_counter()
            seed = find_nearest_seed(image, generator, encoder, steps=count).seed
            seconds = time.perf_counter() - began
            found[f"{count} steps, dB"].append(float(distances(ruler.of_seeds([seed]), picture)[0]))
            found[f"{count} steps, seconds"].append(seconds)
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("model", help="a name, a path or a run's folder")
    parser.add_argument("dataset", type=Path, help="images that the model never saw")
    parser.add_argument("--count", type=int, default=32, help="how many of them")
    parser.add_argument("--seeds", type=int, default=1000, help="of which the nearest is taken")
    parser.add_argument("--steps", type=int, nargs="*", default=[0, 1, 2], help="of refinement")
    options = parser.parse_args()
    bundle = find_model(options.model)
    generator = Generator(bundle, threads=usable_cores())
    encoder = Encoder(bundle, threads=usable_cores()) if encoder_path(bundle.path).exists() else None
    wanted = [from_grey(image) for image in open_images(options.dataset).array[: options.count]]
    for name, values in measured(wanted, generator, encoder, seeds=options.seeds, steps=options.steps).items():
        low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
        print(f"{name:26} mean {np.mean(values):6.2f}   quartiles {low:6.2f} {middle:6.2f} {high:6.2f}")


if __name__ == "__main__":
    main()
