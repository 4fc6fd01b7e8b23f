"""Write the newest model and encoder of a run to its folder."""

from pathlib import Path

from technogan.graphs import optimise
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import write_encoder
from technogan.network.library import RUN_MODEL
from technogan.network.spec import ModelSpec
from technogan.network.writing import write_bundle
from training.learning.checkpoints import TrainingProgress
from training.learning.run import Run, TrainConfig
from training.networks.definition import NetworkDefinition, Weights
from training.onnx.encoder import build_encoder_onnx
from training.onnx.generator import build_generator_onnx


def write_newest_model(run: Run, progress: TrainingProgress, weights: Weights) -> ModelBundle:
    """Write a generator as the run's model, verified but not compared with Keras. Raises OutputError, BundleError."""
    spec = make_spec(run.config, progress, run.folder.resolve().name)
    return write_bundle(make_onnx(run.config.network, weights, halved=True), spec, run.folder / RUN_MODEL)


def write_newest_encoder(run: Run, bundle: ModelBundle, weights: Weights) -> Path:
    """Write an encoder alongside the run's model. Raises OutputError, BundleError."""
    return write_encoder(build_encoder_onnx(run.config.network, weights, halved=True), bundle)


def make_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """Return a generator as an optimised ONNX file without metadata. halved: store large weights in 16 bits."""
    network = build_generator_onnx(definition, weights, halved=halved)
    return optimise.optimise(network)[0] if definition.generator.upsampling == "transposed" else network


def make_spec(config: TrainConfig, progress: TrainingProgress, name: str) -> ModelSpec:
    """Return the metadata of a run's model."""
    hours, minutes = divmod(round(progress.seconds / 60), 60)
    duration = f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
    network = config.network
    return ModelSpec(
        name,
        network.format,
        latent_size=network.latent_size,
        licence=config.licence,
        training=f"network {network.name}, {progress.images} images in {duration} from {config.images} {config.source}",
        stems=network.stems,
    )
