"""Build the ONNX graph of an encoder."""

import numpy as np

from technogan.graphs.builder import Graph
from technogan.network.encoder import LEAST_LEVEL
from training.networks.definition import NetworkDefinition, Weights, same_padding
from training.onnx.normalisation import fold_normalisation

_ALL_BUT_BATCH = [1, 2, 3]


def build_encoder_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """Return an ONNX file without metadata, from "images" to "latents".

    "images" are (n, 1, n_bins, n_frames) in [-1, 1], "latents" (n, latent_size). weights: of the Keras encoder, as
    `weights_of` returns them. halved: store large weights in 16 bits.
    """
    graph, discriminator, image = Graph(halved=halved), definition.discriminator, definition.format
    x = _normalise_level(graph, "images", weights)
    if discriminator.sub_pixel > 1:
        x = graph.add("SpaceToDepth", x, blocksize=discriminator.sub_pixel)
    for i, (size, stride) in enumerate(zip(discriminator.kernels, discriminator.strides, strict=True)):
        x = _block(graph, x, weights, f"block_{i}", same_padding(size, stride), stride, circular=discriminator.circular)
        x = graph.add("LeakyRelu", x, alpha=discriminator.slope)
    bins, frames = image.n_bins // discriminator.reduction, image.n_frames // discriminator.reduction
    # In Keras, channels are the last axis.
    kernel = weights["hidden/kernel"].reshape(bins, frames, discriminator.channels[-1], -1).transpose(2, 0, 1, 3)
    hidden = kernel.reshape(-1, kernel.shape[-1])
    x = graph.add("Gemm", graph.add("Flatten", x), graph.constant(hidden), graph.constant(weights["hidden/bias"]))
    x = graph.add("LeakyRelu", x, alpha=discriminator.slope)
    last = (graph.constant(weights[f"latents/{kind}"]) for kind in ("kernel", "bias"))
    shapes = ("n", 1, image.n_bins, image.n_frames), ("n", definition.latent_size)
    return graph.model({"images": shapes[0]}, {"latents": (graph.add("Gemm", x, *last), shapes[1])})


def _normalise_level(graph: Graph, images: str, weights: Weights) -> str:
    """Normalise images to the same mean value and standardise their rows."""
    half = np.array(0.5, np.float32)
    values = graph.plus(graph.times(images, half), half)
    level = graph.add("ReduceMean", values, axes=_ALL_BUT_BATCH)
    level = graph.add("Max", level, graph.constant(np.array(LEAST_LEVEL, np.float32)))
    mean, deviation = (weights[f"level/{name}"].transpose(2, 0, 1) for name in ("mean", "deviation"))
    return graph.times(graph.plus(graph.add("Div", values, level), -mean), np.float32(1) / deviation)


def _block(
    graph: Graph, x: str, weights: Weights, name: str, padding: tuple[int, int], stride: int, *, circular: bool
) -> str:
    """Add a convolution with its batch normalisation folded in."""
    scale, bias = fold_normalisation(weights, name)
    kernel = (weights[f"{name}/kernel"] * scale).transpose(3, 2, 0, 1)
    before, after = padding
    pads = [before, 0, after, 0] if circular else [before, before, after, after]
    x = graph.pad_circular(x, before, after) if circular else x
    return graph.add("Conv", x, graph.constant(kernel), graph.constant(bias), pads=pads, strides=[stride, stride])
