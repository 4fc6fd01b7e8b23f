"""A generator's ONNX graph, from its definition and weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from technogan.onnx_graph import Graph
from technogan.transform import FloatArray
from training.networks.definition import (
    EPSILON,
    NOISE_OFFSET,
    STYLE_LAYERS,
    GeneratorDefinition,
    NetworkDefinition,
    margins,
)

Weights = Mapping[str, FloatArray]


def generator_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """An ONNX file without metadata: "latents" (n, latent_size) -> "images" (n, 1, n_bins, n_frames), [-1, 1].

    weights: as `GeneratorModel.weights` gives them. halved: see `Graph`.
    """
    return _Writer(definition, weights, halved=halved).written()


class _Writer:
    def __init__(self, definition: NetworkDefinition, weights: Weights, *, halved: bool) -> None:
        self._definition = definition
        self._made: GeneratorDefinition = definition.generator
        self._weights = weights
        self._graph = Graph(halved=halved)

    def written(self) -> bytes:
        graph, made, size = self._graph, self._made, self._definition.format
        latents = "latents"
        style = self._style(latents) if made.width else None
        x = self._base(latents if style is None else graph.add("Concat", latents, style, axis=1))
        for i in range(len(made.channels)):
            x = self._block(x, style, i)
        shape = ("n", 1, size.n_bins, size.n_frames)
        return graph.model({latents: ("n", self._definition.latent_size)}, {"images": (self._images(x), shape)})

    def _style(self, x: str) -> str:
        for i in range(STYLE_LAYERS):
            x = self._leaky(self._dense(x, self._weights[f"style_{i}/kernel"], self._weights[f"style_{i}/bias"]))
        return x

    def _base(self, source: str) -> str:
        """All parts of the base are linear in the same: one matrix holds their sum."""
        made, beats = self._made, self._definition.format.beats
        size = (*made.base, made.base_channels)
        kernel, bias = self._weights["base/kernel"], self._weights.get("base/bias", np.zeros(math.prod(size)))
        if made.normalised_base:
            scale, shift = self._normalisation("base")
            kernel, bias = kernel * scale, bias * scale + shift
        total = np.concatenate([kernel, bias[np.newaxis]]).reshape(-1, *size)
        for n in made.tiled_beats:
            tile = f"base_every_{n}"
            part = np.concatenate([self._weights[f"{tile}/kernel"], self._weights[f"{tile}/bias"][np.newaxis]])
            part = part.reshape(-1, made.base[0], made.base[1] * n // beats, made.base_channels)
            total = total + np.tile(part, (1, 1, beats // n, 1))
        columns = total.transpose(0, 3, 1, 2).reshape(len(total), -1)
        x = self._dense(source, columns[:-1], columns[-1])
        x = self._leaky(x) if made.normalised_base else x
        return self._graph.reshape(x, -1, made.base_channels, *made.base)

    def _block(self, x: str, style: str | None, i: int) -> str:
        made, graph, name = self._made, self._graph, f"block_{i}"
        scale, shift = self._normalisation(name)
        stride = made.strides[i]
        if made.upsampling == "transposed":
            x = self._transposed(x, self._weights[f"{name}/kernel"] * scale[:, np.newaxis], shift, stride)
        else:
            x = self._convolution(graph.nearest(x, stride), self._weights[f"{name}/kernel"] * scale, shift)
        if style is not None:
            x = self._changed(x, style, f"{name}_change")
        if made.position:
            place = self._weights[f"{name}_position/rows"] + self._weights[f"{name}_position/moments"]
            x = graph.plus(x, place.transpose(2, 0, 1))
        return self._leaky(x)

    def _images(self, x: str) -> str:
        made, graph = self._made, self._graph
        kernel = self._weights["head/kernel"]
        if made.upsampling == "transposed":
            x = self._transposed(x, kernel, np.zeros(kernel.shape[2], np.float32), 1)
        else:
            x = self._convolution(x, kernel, self._weights["head/bias"])
        mean = graph.slice(x, 0, made.sub_pixel**2, 1) if made.noise else x
        images = graph.shuffled(mean, made.sub_pixel)
        if made.output == "tanh":
            return graph.add("Tanh", images)
        deviation, offset = (self._weights[f"rows/{name}"].transpose(2, 0, 1) for name in ("deviation", "mean"))
        images = graph.plus(graph.times(images, deviation), offset)
        if made.noise:
            gain = graph.plus(graph.slice(x, made.sub_pixel**2, None, 1), np.array([NOISE_OFFSET], np.float32))
            gain = graph.nearest(graph.shuffled(graph.add("Softplus", gain), made.sub_pixel // 2), 2)
            field = self._weights["speckle/values"].transpose(2, 0, 1) * deviation
            images = graph.add("Add", images, graph.times(gain, field))
        low, high = (graph.constant(np.array(edge, np.float32)) for edge in (-1, 1))
        return graph.add("Clip", images, low, high)

    def _dense(self, x: str, kernel: FloatArray, bias: FloatArray) -> str:
        return self._graph.add("Gemm", x, self._graph.constant(kernel), self._graph.constant(bias))

    def _leaky(self, x: str) -> str:
        return self._graph.add("LeakyRelu", x, alpha=self._made.slope)

    def _normalisation(self, name: str) -> tuple[FloatArray, FloatArray]:
        """What a batch norm multiplies by and adds, at rest."""
        name = f"{name}_normalisation"
        mean, variance = self._weights[f"{name}/moving_mean"], self._weights[f"{name}/moving_variance"]
        scale = self._weights.get(f"{name}/gamma", np.ones_like(mean)) / np.sqrt(variance + EPSILON)
        return scale, self._weights.get(f"{name}/beta", np.zeros_like(mean)) - mean * scale

    def _convolution(self, x: str, kernel: FloatArray, bias: FloatArray) -> str:
        """kernel: (bins, frames, channels in, channels out)."""
        graph, margin = self._graph, self._made.kernel // 2
        if self._made.circular:
            x, pads = graph.wrapped(x, margin, margin), [margin, 0, margin, 0]
        else:
            pads = [margin] * 4
        tensors = (graph.constant(kernel.transpose(3, 2, 0, 1)), graph.constant(bias))
        return graph.add("Conv", x, *tensors, pads=pads)

    def _transposed(self, x: str, kernel: FloatArray, bias: FloatArray, stride: int) -> str:
        """kernel: (bins, frames, channels out, channels in)."""
        graph, size = self._graph, self._made.kernel
        margin = size // 2 if self._made.circular else 0
        before, after = margins(size, stride)
        around = margin * stride
        pads = [before, before + around, after, after + around]
        tensors = (graph.constant(kernel.transpose(3, 2, 0, 1)), graph.constant(bias))
        x = graph.wrapped(x, margin, margin)
        return graph.add("ConvTranspose", x, *tensors, strides=[stride, stride], pads=pads)

    def _changed(self, x: str, style: str, name: str) -> str:
        """Scaled and shifted as the style says."""
        graph = self._graph
        kernel, bias = self._weights[f"{name}/kernel"], self._weights[f"{name}/bias"]
        channels = len(bias) // 2
        # A scale of 1 + what the dense layer gives.
        bias = bias + np.repeat([1, 0], channels)
        change = graph.reshape(self._dense(style, kernel, bias), -1, 2 * channels, 1, 1)
        x = graph.add("Mul", x, graph.slice(change, 0, channels, 1))
        return graph.add("Add", x, graph.slice(change, channels, None, 1))
