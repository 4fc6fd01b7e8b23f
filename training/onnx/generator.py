"""Build the ONNX graph of a generator."""

import math

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.graphs.builder import Graph
from training.networks.definition import NOISE_OFFSET, STYLE_LAYERS, NetworkDefinition, Weights, same_padding
from training.onnx.normalisation import fold_normalisation

# Axis of the frames within the graph.
_FRAMES = 2


def build_generator_onnx(definition: NetworkDefinition, weights: Weights, *, halved: bool) -> bytes:
    """Return an ONNX file, without metadata, that maps "latents" to "images".

    "latents" are (n, latent_size), "images" (n, n_stems, n_bins, n_frames) in [-1, 1]. weights: as
    `GeneratorModel.weights` returns them. halved: store large weights in 16 bits.
    """
    return _GeneratorGraph(definition, weights, halved=halved).build()


class _GeneratorGraph:
    """A graph whose feature maps are (batch, channels, frames, bins).

    With frames before bins, circular padding copies whole rows instead of single values.
    """

    def __init__(self, definition: NetworkDefinition, weights: Weights, *, halved: bool) -> None:
        self._definition = definition
        self._generator = definition.generator
        self._weights = weights
        self._graph = Graph(halved=halved)

    def build(self) -> bytes:
        graph, generator, size = self._graph, self._generator, self._definition.format
        latents = "latents"
        style = self._style(latents) if generator.width else None
        x = self._base(latents if style is None else graph.add("Concat", latents, style, axis=1))
        for i in range(len(generator.channels)):
            x = self._block(x, style, i)
        shape = ("n", self._definition.n_stems, size.n_bins, size.n_frames)
        return graph.model({latents: ("n", self._definition.latent_size)}, {"images": (self._images(x), shape)})

    def _style(self, x: str) -> str:
        for i in range(STYLE_LAYERS):
            x = self._leaky_relu(self._dense(x, self._weights[f"style_{i}/kernel"], self._weights[f"style_{i}/bias"]))
        return x

    def _base(self, source: str) -> str:
        """Add the base as one dense layer: its parts are linear in the same input, so their matrices add up."""
        generator, beats = self._generator, self._definition.format.beats
        size = (*generator.base, generator.base_channels)
        kernel, bias = self._weights["base/kernel"], self._weights.get("base/bias", np.zeros(math.prod(size)))
        if generator.normalised_base:
            scale, shift = fold_normalisation(self._weights, "base")
            kernel, bias = kernel * scale, bias * scale + shift
        total = np.concatenate([kernel, bias[np.newaxis]]).reshape(-1, *size)
        for n in generator.tiled_beats:
            tile = f"base_every_{n}"
            part = np.concatenate([self._weights[f"{tile}/kernel"], self._weights[f"{tile}/bias"][np.newaxis]])
            part = part.reshape(-1, generator.base[0], generator.base[1] * n // beats, generator.base_channels)
            total = total + np.tile(part, (1, 1, beats // n, 1))
        columns = total.transpose(0, 3, 2, 1).reshape(len(total), -1)
        x = self._dense(source, columns[:-1], columns[-1])
        x = self._leaky_relu(x) if generator.normalised_base else x
        return self._graph.reshape(x, -1, generator.base_channels, *reversed(generator.base))

    def _block(self, x: str, style: str | None, i: int) -> str:
        generator, graph, name = self._generator, self._graph, f"block_{i}"
        scale, shift = fold_normalisation(self._weights, name)
        stride = generator.strides[i]
        if generator.upsampling == "transposed":
            x = self._transposed_convolution(x, self._weights[f"{name}/kernel"] * scale[:, np.newaxis], shift, stride)
        elif stride == 1:
            x = self._convolution(x, self._weights[f"{name}/kernel"] * scale, shift)
        else:
            x = self._upsampled_convolution(x, self._weights[f"{name}/kernel"] * scale, shift, i)
        if style is not None:
            x = self._modulate(x, style, f"{name}_change")
        if generator.position:
            bias = self._weights[f"{name}_position/rows"] + self._weights[f"{name}_position/moments"]
            x = graph.plus(x, bias.transpose(2, 1, 0))
        return self._leaky_relu(x)

    def _images(self, x: str) -> str:
        generator, graph, n_stems = self._generator, self._graph, self._definition.n_stems
        n_mean = n_stems * generator.sub_pixel**2
        kernel = self._weights["head/kernel"]
        if generator.upsampling == "transposed":
            kernel = kernel[:, :, _by_stem(n_mean, 0, n_stems)]
            x = self._transposed_convolution(x, kernel, np.zeros(kernel.shape[2], np.float32), 1)
        else:
            order = _by_stem(n_mean, kernel.shape[3] - n_mean, n_stems)
            x = self._convolution(x, kernel[..., order], self._weights["head/bias"][order])
        x = graph.add("Transpose", x, perm=[0, 1, 3, 2])
        mean = graph.slice(x, 0, n_mean, 1) if generator.noise else x
        images = graph.pixel_shuffle(mean, generator.sub_pixel)
        if generator.output == "tanh":
            return graph.add("Tanh", images)
        deviation, offset = (self._weights[f"rows/{name}"].transpose(2, 0, 1) for name in ("deviation", "mean"))
        images = graph.plus(graph.times(images, deviation), offset)
        if generator.noise:
            gain = graph.plus(graph.slice(x, n_mean, None, 1), np.array([NOISE_OFFSET], np.float32))
            gain = graph.upsample(graph.pixel_shuffle(graph.softplus(gain), generator.sub_pixel // 2), 2, 2)
            field = self._weights["speckle/values"].transpose(2, 0, 1) * deviation
            images = graph.add("Add", images, graph.times(gain, field))
        low, high = (graph.constant(np.array(edge, np.float32)) for edge in (-1, 1))
        return graph.add("Clip", images, low, high)

    def _dense(self, x: str, kernel: FloatArray, bias: FloatArray) -> str:
        return self._graph.add("Gemm", x, self._graph.constant(kernel), self._graph.constant(bias))

    def _leaky_relu(self, x: str) -> str:
        return self._graph.add("LeakyRelu", x, alpha=self._generator.slope)

    def _convolution(self, x: str, kernel: FloatArray, bias: FloatArray) -> str:
        """Add a convolution that keeps the size. kernel: (bins, frames, channels in, channels out)."""
        margin = self._generator.kernel // 2
        return self._add_convolution(x, kernel.transpose(3, 2, 1, 0), bias, (margin, margin))

    def _upsampled_convolution(self, x: str, kernel: FloatArray, bias: FloatArray, block: int) -> str:
        """Add nearest-neighbour upsampling and a convolution, without multiplying equal frames several times.

        Each of the `stride` copies of a frame has its own kernel, in which the taps that meet the same frame are
        summed. The copies are computed as channels and then interleaved.
        """
        graph, generator, channels = self._graph, self._generator, len(bias)
        stride = generator.strides[block]
        bins, frames = (size * math.prod(generator.strides[: block + 1]) for size in generator.base)
        kernels, starts, padding = _merge_taps(kernel.transpose(3, 2, 1, 0), stride)
        x = graph.upsample(x, 1, stride)
        x = self._add_convolution(x, np.concatenate(kernels), np.tile(bias, stride), padding)
        parts = []
        for i, start in enumerate(starts):
            part = graph.slice(x, i * channels, (i + 1) * channels, 1)
            part = graph.slice(part, start, start - starts[-1] or None, _FRAMES)
            parts.append(graph.add("Unsqueeze", part, graph.integers(_FRAMES + 1)))
        x = graph.add("Concat", *parts, axis=_FRAMES + 1)
        return graph.reshape(x, -1, channels, frames, bins)

    def _add_convolution(self, x: str, kernel: FloatArray, bias: FloatArray, padding: tuple[int, int]) -> str:
        """Add a convolution. kernel: (channels out, channels in, frames, bins). padding: frames before and after."""
        graph, margin, (before, after) = self._graph, self._generator.kernel // 2, padding
        if self._generator.circular:
            x, before, after = graph.pad_circular(x, before, after, _FRAMES), 0, 0
        tensors = (graph.constant(kernel), graph.constant(bias))
        return graph.add("Conv", x, *tensors, pads=[before, margin, after, margin])

    def _transposed_convolution(self, x: str, kernel: FloatArray, bias: FloatArray, stride: int) -> str:
        """Add a transposed convolution. kernel: (bins, frames, channels out, channels in)."""
        graph, size = self._graph, self._generator.kernel
        margin = size // 2 if self._generator.circular else 0
        before, after = same_padding(size, stride)
        around = margin * stride
        pads = [before + around, before, after + around, after]
        tensors = (graph.constant(kernel.transpose(3, 2, 1, 0)), graph.constant(bias))
        x = graph.pad_circular(x, margin, margin, _FRAMES)
        return graph.add("ConvTranspose", x, *tensors, strides=[stride, stride], pads=pads)

    def _modulate(self, x: str, style: str, name: str) -> str:
        """Scale and shift the channels by a dense layer of the style."""
        graph = self._graph
        kernel, bias = self._weights[f"{name}/kernel"], self._weights[f"{name}/bias"]
        channels = len(bias) // 2
        # The scale is 1 plus the output of the dense layer.
        bias = bias + np.repeat([1, 0], channels)
        modulation = graph.reshape(self._dense(style, kernel, bias), -1, 2 * channels, 1, 1)
        x = graph.add("Mul", x, graph.slice(modulation, 0, channels, 1))
        return graph.add("Add", x, graph.slice(modulation, channels, None, 1))


def _by_stem(n_mean: int, n_noise: int, n_stems: int) -> npt.NDArray[np.intp]:
    """Return the order of the head's channels in which those of a stem are adjacent, as ONNX's DepthToSpace needs."""
    mean, noise = (np.arange(count).reshape(-1, n_stems).T.ravel() for count in (n_mean, n_noise))
    return np.concatenate([mean, n_mean + noise])


def _merge_taps(kernel: FloatArray, stride: int) -> tuple[list[FloatArray], list[int], tuple[int, int]]:
    """Merge upsampling of the frames by `stride` into the kernel that follows it.

    kernel: (channels out, channels in, frames, bins). Returns a kernel for each copy of a frame, its offset in frames
    from the first kernel, and the padding before and after.
    """
    margin = kernel.shape[2] // 2
    source_frames = [(np.arange(-margin, margin + 1) + i) // stride for i in range(stride)]
    length = max(frames[-1] - frames[0] for frames in source_frames) + 1
    kernels = []
    for frames in source_frames:
        merged = np.zeros((*kernel.shape[:2], length, kernel.shape[3]), np.float32)
        for tap, frame in enumerate(frames - frames[0]):
            merged[:, :, frame] += kernel[:, :, tap]
        kernels.append(merged)
    starts = [int(frames[0]) for frames in source_frames]
    return kernels, [start - starts[0] for start in starts], (-starts[0], starts[-1] + int(length) - 1)
