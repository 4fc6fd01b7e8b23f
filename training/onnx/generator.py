"""A generator's ONNX graph, from its definition and weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from technogan.arrays import FloatArray
from technogan.graphs.builder import Graph
from training.networks.definition import (
    EPSILON,
    NOISE_OFFSET,
    STYLE_LAYERS,
    GeneratorDefinition,
    NetworkDefinition,
    margins,
)

# Where frames are within the graph.
_FRAMES = 2

Weights = Mapping[str, FloatArray]


def generator_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """An ONNX file without metadata: "latents" (n, latent_size) -> "images" (n, 1, n_bins, n_frames), [-1, 1].

    weights: as `GeneratorModel.weights` gives them. halved: see `Graph`.
    """
    return _Writer(definition, weights, halved=halved).written()


class _Writer:
    """Within the graph pictures are (batch, channels, frames, bins).

    With the circle's ends at the first and the last row, going around it copies rows instead of picking single values.
    """

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
        columns = total.transpose(0, 3, 2, 1).reshape(len(total), -1)
        x = self._dense(source, columns[:-1], columns[-1])
        x = self._leaky(x) if made.normalised_base else x
        return self._graph.reshape(x, -1, made.base_channels, *reversed(made.base))

    def _block(self, x: str, style: str | None, i: int) -> str:
        made, graph, name = self._made, self._graph, f"block_{i}"
        scale, shift = self._normalisation(name)
        stride = made.strides[i]
        if made.upsampling == "transposed":
            x = self._transposed(x, self._weights[f"{name}/kernel"] * scale[:, np.newaxis], shift, stride)
        elif stride == 1:
            x = self._convolution(x, self._weights[f"{name}/kernel"] * scale, shift)
        else:
            x = self._enlarged(x, self._weights[f"{name}/kernel"] * scale, shift, i)
        if style is not None:
            x = self._changed(x, style, f"{name}_change")
        if made.position:
            place = self._weights[f"{name}_position/rows"] + self._weights[f"{name}_position/moments"]
            x = graph.plus(x, place.transpose(2, 1, 0))
        return self._leaky(x)

    def _images(self, x: str) -> str:
        made, graph = self._made, self._graph
        kernel = self._weights["head/kernel"]
        if made.upsampling == "transposed":
            x = self._transposed(x, kernel, np.zeros(kernel.shape[2], np.float32), 1)
        else:
            x = self._convolution(x, kernel, self._weights["head/bias"])
        x = graph.add("Transpose", x, perm=[0, 1, 3, 2])
        mean = graph.slice(x, 0, made.sub_pixel**2, 1) if made.noise else x
        images = graph.shuffled(mean, made.sub_pixel)
        if made.output == "tanh":
            return graph.add("Tanh", images)
        deviation, offset = (self._weights[f"rows/{name}"].transpose(2, 0, 1) for name in ("deviation", "mean"))
        images = graph.plus(graph.times(images, deviation), offset)
        if made.noise:
            gain = graph.plus(graph.slice(x, made.sub_pixel**2, None, 1), np.array([NOISE_OFFSET], np.float32))
            gain = graph.nearest(graph.shuffled(graph.softplus(gain), made.sub_pixel // 2), 2, 2)
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
        margin = self._made.kernel // 2
        return self._convolved(x, kernel.transpose(3, 2, 1, 0), bias, (margin, margin))

    def _enlarged(self, x: str, kernel: FloatArray, bias: FloatArray, block: int) -> str:
        """A convolution of nearest neighbours, but frames that are alike are not multiplied one by one.

        Each of the `stride` frames that come from one has its own kernel, with the taps added up that meet the same.
        They are computed as channels and then put one after the other.
        """
        graph, made, channels = self._graph, self._made, len(bias)
        stride = made.strides[block]
        bins, frames = (size * math.prod(made.strides[: block + 1]) for size in made.base)
        kernels, starts, around = _merged(kernel.transpose(3, 2, 1, 0), stride)
        x = graph.nearest(x, 1, stride)
        x = self._convolved(x, np.concatenate(kernels), np.tile(bias, stride), around)
        parts = []
        for i, start in enumerate(starts):
            part = graph.slice(x, i * channels, (i + 1) * channels, 1)
            part = graph.slice(part, start, start - starts[-1] or None, _FRAMES)
            parts.append(graph.add("Unsqueeze", part, graph.integers(_FRAMES + 1)))
        x = graph.add("Concat", *parts, axis=_FRAMES + 1)
        return graph.reshape(x, -1, channels, frames, bins)

    def _convolved(self, x: str, kernel: FloatArray, bias: FloatArray, around: tuple[int, int]) -> str:
        """kernel: (channels out, channels in, frames, bins). around: frames before and after."""
        graph, margin, (before, after) = self._graph, self._made.kernel // 2, around
        if self._made.circular:
            x, before, after = graph.wrapped(x, before, after, _FRAMES), 0, 0
        tensors = (graph.constant(kernel), graph.constant(bias))
        return graph.add("Conv", x, *tensors, pads=[before, margin, after, margin])

    def _transposed(self, x: str, kernel: FloatArray, bias: FloatArray, stride: int) -> str:
        """kernel: (bins, frames, channels out, channels in)."""
        graph, size = self._graph, self._made.kernel
        margin = size // 2 if self._made.circular else 0
        before, after = margins(size, stride)
        around = margin * stride
        pads = [before + around, before, after + around, after]
        tensors = (graph.constant(kernel.transpose(3, 2, 1, 0)), graph.constant(bias))
        x = graph.wrapped(x, margin, margin, _FRAMES)
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


def _merged(kernel: FloatArray, stride: int) -> tuple[list[FloatArray], list[int], tuple[int, int]]:
    """Kernels over frames that do at once what `kernel` does after each frame has become `stride` of them.

    kernel: (channels out, channels in, frames, bins). Returns a kernel for each of the frames that come from one, how
    many frames later than the first it begins, and how many frames are needed before the first and after the last.
    """
    margin = kernel.shape[2] // 2
    met = [(np.arange(-margin, margin + 1) + i) // stride for i in range(stride)]
    length = max(frames[-1] - frames[0] for frames in met) + 1
    kernels = []
    for frames in met:
        merged = np.zeros((*kernel.shape[:2], length, kernel.shape[3]), np.float32)
        for tap, frame in enumerate(frames - frames[0]):
            merged[:, :, frame] += kernel[:, :, tap]
        kernels.append(merged)
    starts = [int(frames[0]) for frames in met]
    return kernels, [start - starts[0] for start in starts], (-starts[0], starts[-1] + int(length) - 1)
