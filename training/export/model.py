"""From what a run keeps to a model file, and how that is checked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import FloatArray
from technogan.engine import Engine
from technogan.errors import BundleError
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator, usable_cores
from technogan.network.writing import embed_spec, write_bundle
from technogan.seeds.seed import SLIDER_SCALE, Seed, latents
from technogan.sound.loop import Loop
from training.export.axes import even_axes, turned_generator
from training.export.encoder import ExportedEncoder, export_encoder
from training.learning.checkpoints import kept_average, load_average
from training.learning.newest import network_of, spec_of
from training.learning.run import Run, TrainConfig
from training.onnx.generator import Weights

# How far the file's images may be from the Keras model's, of a range of 2: with weights in 32 and in 16 bits.
TOLERANCE, TOLERANCE_HALVED = 1e-4, 5e-3
_SEEDS = 256
_TIMED = 20
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Exported:
    """The file that was written and what was seen of it.

    images: how many the networks had seen. difference: the largest from the Keras model's images. milliseconds: of one
    image, the best of some, on one core and on all. loop: of seed 0. encoder: its companion, if the run has one for it.
    turned: whether its sliders go other ways through the latent space than while it was trained.
    """

    bundle: ModelBundle
    images: int
    difference: float
    megabytes: float
    milliseconds: dict[int, float]
    loop: Loop
    encoder: ExportedEncoder | None
    turned: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "model": self.bundle.spec.name,
            "path": str(self.bundle.path),
            "images": self.images,
            "difference": self.difference,
            "megabytes": self.megabytes,
            "milliseconds": {str(threads): value for threads, value in self.milliseconds.items()},
            "loudness_lufs": self.loop.levels.loudness,
            "encoder": None if self.encoder is None else str(self.encoder.path),
            "turned": self.turned,
        }

    def table(self) -> str:
        """For people: one line a fact."""
        spec = self.bundle.spec
        speed = ", ".join(f"{value:.1f} ms on {threads}" for threads, value in self.milliseconds.items())
        lines = {
            "model": f"{spec.name}, {spec.format.name}, {spec.training}",
            "file": f"{self.bundle.path}, {self.megabytes:.1f} MB",
            "difference": f"{self.difference:.2g} at most from the Keras model, over {_SEEDS} seeds",
            "one image": f"{speed} cores",
            "test loop": f"{self.loop.levels.loudness:.1f} LUFS",
        }
        if self.turned:
            lines["sliders"] = "the weak ones share what the strongest do"
        if self.encoder is not None:
            lines["encoder"] = f"{self.encoder.path}, trained on {self.encoder.images} images"
        return "\n".join(f"{name:12} {text}" for name, text in lines.items())


def export(
    run: Run,
    target: Path,
    *,
    name: str | None = None,
    images: int | None = None,
    best: bool = False,
    halved: bool = True,
    even: bool = False,
) -> Exported:
    """Write one of a run's averages as a model file, held against the Keras model over 256 seeds; its encoder too, if
    the run has one for it.

    name: of the model; the target's if not given. images, best: see `kept_average`, whose errors this raises, too.
    even: turn the latent space where sliders do next to nothing, see `training.export.axes`.
    Raises BundleError where the file does other things than the Keras model,
    OutputError, and TechnoganError where Keras is missing.
    """
    progress, kept = load_average(kept_average(run, images=images, best=best))
    weights: Weights = kept
    spec = spec_of(run.config, progress, name or target.stem)
    network = network_of(run.config.network, weights, halved=halved)
    checked = ModelBundle.from_bytes(embed_spec(network, spec, target), target)
    rotation = even_axes(Generator(checked, threads=usable_cores())) if even else None
    if rotation is not None:
        weights = turned_generator(weights, rotation)
        network = network_of(run.config.network, weights, halved=halved)
        checked = ModelBundle.from_bytes(embed_spec(network, spec, target), target)
    difference = _difference(run.config, weights, checked)
    tolerance = TOLERANCE_HALVED if halved else TOLERANCE
    if not difference <= tolerance:
        raise BundleError(
            target, f"its images are up to {difference:.2g} from the Keras model's; {tolerance} is allowed"
        )
    bundle = write_bundle(network, spec, target)
    loop = Engine(bundle).render(Seed.from_integer(0, spec.latent_size))
    encoder = export_encoder(run, bundle, progress.images, halved=halved, rotation=rotation)
    megabytes, turned = target.stat().st_size / 1e6, rotation is not None
    return Exported(bundle, progress.images, difference, megabytes, _milliseconds(bundle), loop, encoder, turned)


def _difference(config: TrainConfig, weights: Weights, bundle: ModelBundle) -> float:
    """The largest between the file's images and the Keras model's, over many seeds."""
    from training.learning.start import prepare_keras

    prepare_keras(config)
    from training.networks.generator import build_generator

    model = build_generator(config.network)
    model.load(weights)
    generator = Generator(bundle, threads=usable_cores())
    size = config.network.latent_size
    largest = 0.0
    for start in range(0, _SEEDS, _AT_ONCE):
        dreamt = latents([Seed.from_integer(number, size) for number in range(start, start + _AT_ONCE)], SLIDER_SCALE)
        largest = max(largest, float(np.abs(generator.generate(dreamt) - model.images(dreamt)).max()))
    return largest


def _milliseconds(bundle: ModelBundle) -> dict[int, float]:
    latent = np.zeros((1, bundle.spec.latent_size), np.float32)
    found = {}
    for threads in sorted({1, usable_cores()}):
        generator = Generator(bundle, threads=threads)
        found[threads] = 1000 * min(_seconds(generator, latent) for _ in range(_TIMED))
    return found


def _seconds(generator: Generator, latent: FloatArray) -> float:
    began = time.perf_counter()
    generator.generate(latent)
    return time.perf_counter() - began
