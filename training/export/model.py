"""Export a generator that a run has saved as a model file."""

import timeit
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from technogan.engine import Engine
from technogan.errors import BundleError
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator, usable_cores
from technogan.network.writing import embed_spec, write_bundle
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents
from technogan.sound.loop import Loop
from training.evaluation.directions import find_directions
from training.export.axes import find_rotation, rotate_generator
from training.export.encoder import ExportedEncoder, export_encoder
from training.learning.checkpoints import find_average, load_average
from training.learning.newest import make_onnx, make_spec
from training.learning.run import Run, TrainConfig
from training.learning.start import prepare_keras
from training.networks.definition import Weights

# Largest difference of the file's images from the Keras model's, in a range of 2, with weights in 32 and in 16 bits.
TOLERANCE, TOLERANCE_HALVED = 1e-4, 5e-3
_SEEDS = 256
_IMAGES_AT_ONCE = 16
_TIMED_RUNS = 20


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """An exported model and its measured properties.

    images: seen in training. difference: largest one from the Keras model's images. milliseconds: shortest time for one
    image, by number of cores. loop: of seed 0. encoder: None if the run has none for this generator. rotated: whether
    the latent space was rotated after training.
    """

    bundle: ModelBundle
    images: int
    difference: float
    megabytes: float
    milliseconds: dict[int, float]
    loop: Loop
    encoder: ExportedEncoder | None
    rotated: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "model": self.bundle.spec.name,
            "path": str(self.bundle.path),
            "images": self.images,
            "difference": self.difference,
            "megabytes": self.megabytes,
            "milliseconds": {str(threads): value for threads, value in self.milliseconds.items()},
            "loudness_lufs": self.loop.levels.loudness,
            "encoder": None if self.encoder is None else str(self.encoder.path),
            "turned": self.rotated,
        }

    def table(self) -> str:
        """Return a table with one property per line."""
        spec = self.bundle.spec
        speed = ", ".join(f"{value:.1f} ms on {threads}" for threads, value in self.milliseconds.items())
        lines = {
            "model": f"{spec.name}, {spec.format.name}, {spec.training}",
            "file": f"{self.bundle.path}, {self.megabytes:.1f} MB",
            "difference": f"at most {self.difference:.2g} from the Keras model, over {_SEEDS} seeds",
            "one image": f"{speed} cores",
            "test loop": f"{self.loop.levels.loudness:.1f} LUFS",
        }
        if self.rotated:
            lines["sliders"] = "weak sliders share the effect of the strongest"
        if self.encoder is not None:
            lines["encoder"] = f"{self.encoder.path}, trained on {self.encoder.images} images"
        return "\n".join(f"{name:12} {text}" for name, text in lines.items())


def export_model(
    run: Run,
    target: Path,
    *,
    name: str | None = None,
    images: int | None = None,
    best: bool = False,
    halved: bool = True,
    even: bool = False,
    directions: bool = False,
) -> ExportedModel:
    """Write an average of a run, and its encoder if there is one, and compare it with the Keras model over 256 seeds.

    Args:
        run: the run.
        target: the .onnx file to write.
        name: of the model; by default the stem of the target.
        images: see `find_average`.
        best: see `find_average`.
        halved: store large weights in 16 bits.
        even: rotate the latent space if sliders have no effect; see `training.export.axes`.
        directions: find named latent directions; see `training.evaluation.directions`.

    Raises:
        BundleError: the file differs from the Keras model.
        TechnoganError: there is no such average, the file cannot be written, or Keras is missing.
    """
    weights: Weights
    progress, weights = load_average(find_average(run, images=images, best=best))
    spec = make_spec(run.config, progress, name or target.stem)

    def build(weights: Weights) -> tuple[bytes, ModelBundle]:
        network = make_onnx(run.config.network, weights, halved=halved)
        return network, ModelBundle.from_bytes(embed_spec(network, spec, target), target)

    network, draft = build(weights)
    rotation = find_rotation(Generator(draft, threads=usable_cores())) if even else None
    if rotation is not None:
        weights = rotate_generator(weights, rotation)
        network, draft = build(weights)
    difference = _largest_difference(run.config, weights, draft)
    tolerance = TOLERANCE_HALVED if halved else TOLERANCE
    if not difference <= tolerance:
        reason = f"its images differ by up to {difference:.2g} from the Keras model's; {tolerance} is allowed"
        raise BundleError(target, reason)
    if directions:
        spec = replace(spec, directions=find_directions(Generator(draft, threads=usable_cores())))
    bundle = write_bundle(network, spec, target)
    return ExportedModel(
        bundle,
        progress.images,
        difference,
        megabytes=target.stat().st_size / 1e6,
        milliseconds=_measure_milliseconds(bundle),
        loop=Engine(bundle).render(Seed.from_integer(0, spec.latent_size)),
        encoder=export_encoder(run, bundle, progress.images, halved=halved, rotation=rotation),
        rotated=rotation is not None,
    )


def _largest_difference(config: TrainConfig, weights: Weights, bundle: ModelBundle) -> float:
    """The largest difference of the file's images from the Keras model's, over many seeds."""
    prepare_keras(config)
    from training.networks.generator import build_generator

    model = build_generator(config.network)
    model.load(weights)
    generator = Generator(bundle, threads=usable_cores())
    seeds = [Seed.from_integer(number, config.network.latent_size) for number in range(_SEEDS)]
    batches = np.split(latents(seeds, SLIDER_SCALE), _SEEDS // _IMAGES_AT_ONCE)
    return max(float(np.abs(generator.generate(batch) - model.generate(batch)).max()) for batch in batches)


def _measure_milliseconds(bundle: ModelBundle) -> dict[int, float]:
    latent = np.zeros((1, bundle.spec.latent_size), np.float32)
    milliseconds = {}
    for threads in sorted({1, usable_cores()}):
        generator = Generator(bundle, threads=threads)
        run = partial(generator.generate, latent)
        milliseconds[threads] = 1000 * min(timeit.repeat(run, number=1, repeat=_TIMED_RUNS))
    return milliseconds
