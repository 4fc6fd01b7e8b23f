"""Write an encoder as an ONNX graph."""

from __future__ import annotations

import numpy as np

from technogan.graphs.builder import Graph
from technogan.network.encoder import LEAST_LEVEL
from training.networks.definition import EPSILON, NetworkDefinition, margins
from training.onnx.generator import Weights

_EVERYTHING = [1, 2, 3]


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
