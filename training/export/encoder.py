"""An encoder's ONNX graph, from its definition and weights, and the file that it becomes beside a model's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogan.errors import BundleError
from technogan.graphs.builder import Graph
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import LEAST_LEVEL, Encoder, write_encoder
from technogan.transforms.base import FloatArray
from training.export.axes import turned_encoder
from training.learning.checkpoints import CHECKPOINTS, ENCODER, GENERATOR, encoder_weights, load_checkpoint, numbered
from training.learning.run import Run, TrainConfig
from training.networks.definition import EPSILON, NetworkDefinition, margins
from training.onnx.generator import Weights

# How far the file's latents may be from the Keras model's: with weights in 32 and in 16 bits. A slider's step is .023.
TOLERANCE, TOLERANCE_HALVED = 1e-3, 2e-2
_IMAGES = 16
_EVERYTHING = [1, 2, 3]


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """path: of the file. images: real ones that the encoder had seen. difference: the largest from the Keras model's
    latents.
    """

    path: Path
    images: int
    difference: float


def export_encoder(
    run: Run, bundle: ModelBundle, generator_images: int, *, halved: bool, rotation: FloatArray | None = None
) -> ExportedEncoder | None:
    """Write a run's encoder beside an exported model, held against the Keras model; None where the run has none for
    the generator as it was after so many images.

    rotation: by which the generator has been turned, if it has; see `training.export.axes`.
    Raises BundleError where the file does other things than the Keras model, OutputError, SourceError for a damaged
    checkpoint.
    """
    kept = numbered(run.folder / ENCODER / CHECKPOINTS)
    if not kept:
        return None
    progress, arrays = load_checkpoint(kept[-1])
    if int(arrays.get(GENERATOR, -1)) != generator_images:
        return None
    weights: Weights = encoder_weights(arrays)
    weights = weights if rotation is None else turned_encoder(weights, rotation)
    network = encoder_onnx(run.config.network, weights, halved=halved)
    difference = _difference(run.config, weights, Encoder(bundle, network))
    tolerance = TOLERANCE_HALVED if halved else TOLERANCE
    if not difference <= tolerance:
        reason = f"its latents are up to {difference:.2g} from the Keras model's; {tolerance} is allowed"
        raise BundleError(bundle.path, f"its encoder cannot be written: {reason}")
    return ExportedEncoder(write_encoder(network, bundle), progress.images, difference)


def write_newest_encoder(run: Run, bundle: ModelBundle, weights: Weights) -> Path:
    """Put the encoder that a run is training now beside the run's model. Raises OutputError, BundleError."""
    return write_encoder(encoder_onnx(run.config.network, weights, halved=True), bundle)


def encoder_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """An ONNX file without metadata: "images" (n, 1, n_bins, n_frames), [-1, 1] -> "latents" (n, latent_size).

    weights: as `weights_of` gives those of `build_encoder`'s model. halved: see `Graph`.
    """
    graph, made, size = Graph(halved=halved), definition.discriminator, definition.format
    x = _levelled(graph, "images", weights)
    if made.sub_pixel > 1:
        x = graph.add("SpaceToDepth", x, blocksize=made.sub_pixel)
    for i, (width, stride) in enumerate(zip(made.kernels, made.strides, strict=True)):
        x = _block(graph, x, weights, f"block_{i}", margins(width, stride), stride, circular=made.circular)
        x = graph.add("LeakyRelu", x, alpha=made.slope)
    bins, frames = size.n_bins // made.reduction, size.n_frames // made.reduction
    # Keras counts channels last.
    kernel = weights["hidden/kernel"].reshape(bins, frames, made.channels[-1], -1).transpose(2, 0, 1, 3)
    hidden = kernel.reshape(-1, kernel.shape[-1])
    x = graph.add("Gemm", graph.add("Flatten", x), graph.constant(hidden), graph.constant(weights["hidden/bias"]))
    x = graph.add("LeakyRelu", x, alpha=made.slope)
    last = (graph.constant(weights[f"latents/{kind}"]) for kind in ("kernel", "bias"))
    shapes = ("n", 1, size.n_bins, size.n_frames), ("n", definition.latent_size)
    return graph.model({"images": shapes[0]}, {"latents": (graph.add("Gemm", x, *last), shapes[1])})


def _levelled(graph: Graph, images: str, weights: Weights) -> str:
    """Pictures at one mean value, their rows standardised."""
    half = np.array(0.5, np.float32)
    values = graph.plus(graph.times(images, half), half)
    level = graph.add("ReduceMean", values, axes=_EVERYTHING)
    level = graph.add("Max", level, graph.constant(np.array(LEAST_LEVEL, np.float32)))
    mean, deviation = (weights[f"level/{name}"].transpose(2, 0, 1) for name in ("mean", "deviation"))
    return graph.times(graph.plus(graph.add("Div", values, level), -mean), np.float32(1) / deviation)


def _block(
    graph: Graph, x: str, weights: Weights, name: str, around: tuple[int, int], stride: int, *, circular: bool
) -> str:
    """A convolution, its batch norm folded in."""
    norm = f"{name}_normalisation"
    scale = weights[f"{norm}/gamma"] / np.sqrt(weights[f"{norm}/moving_variance"] + EPSILON)
    kernel = (weights[f"{name}/kernel"] * scale).transpose(3, 2, 0, 1)
    bias = weights[f"{norm}/beta"] - weights[f"{norm}/moving_mean"] * scale
    before, after = around
    pads = [before, 0, after, 0] if circular else [before, before, after, after]
    x = graph.wrapped(x, before, after) if circular else x
    return graph.add("Conv", x, graph.constant(kernel), graph.constant(bias), pads=pads, strides=[stride, stride])


def _difference(config: TrainConfig, weights: Weights, encoder: Encoder) -> float:
    """The largest between the file's latents and the Keras model's, over pictures of smooth noise."""
    from training.learning.start import prepare_keras

    prepare_keras(config)
    from keras import ops

    from training.networks.encoder import build_encoder
    from training.networks.layers import load_weights

    model = build_encoder(config.network)
    load_weights(model, weights)
    size = config.network.format
    rng = np.random.default_rng(0)
    images = np.tanh(rng.standard_normal((_IMAGES, size.n_bins, size.n_frames), np.float32) - 1)
    found = ops.convert_to_numpy(model(images[..., np.newaxis], training=False))
    return float(np.abs(encoder.unclipped(images) - found).max())
