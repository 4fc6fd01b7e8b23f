"""Write the model that a run has now into its folder."""

from __future__ import annotations

from pathlib import Path

from technogan.graphs import optimise
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import write_encoder
from technogan.network.library import RUN_MODEL
from technogan.network.spec import ModelSpec
from technogan.network.writing import write_bundle
from training.learning.checkpoints import Position
from training.learning.run import Run, TrainConfig
from training.networks.definition import NetworkDefinition
from training.onnx.encoder import encoder_onnx
from training.onnx.generator import Weights, generator_onnx


def write_newest(run: Run, progress: Position, weights: Weights) -> ModelBundle:
    """Put the model that a run is now into its folder; checked only for that it plays. Raises OutputError,
    BundleError.
    """
    spec = spec_of(run.config, progress, run.folder.resolve().name)
    return write_bundle(network_of(run.config.network, weights, halved=True), spec, run.folder / RUN_MODEL)


def network_of(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """An ONNX file without facts. Raises what ONNX raises for weights of another network."""
    network = generator_onnx(definition, weights, halved=halved)
    return optimise.optimise(network)[0] if definition.generator.upsampling == "transposed" else network


def spec_of(config: TrainConfig, progress: Position, name: str) -> ModelSpec:
    """The facts of a run's model."""
    hours, minutes = divmod(round(progress.seconds / 60), 60)
    spent = f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
    made = f"network {config.network.name}, {progress.images} images in {spent} from {config.images} {config.source}"
    return ModelSpec(
        name,
        config.network.format,
        latent_size=config.network.latent_size,
        licence=config.licence,
        training=made,
    )


def write_newest_encoder(run: Run, bundle: ModelBundle, weights: Weights) -> Path:
    """Put the encoder that a run is training now beside the run's model. Raises OutputError, BundleError."""
    return write_encoder(encoder_onnx(run.config.network, weights, halved=True), bundle)
