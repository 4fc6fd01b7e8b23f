"""The prototype's generator with random weights, for `technogan bench` and the tests. Needs the onnx package.

Dense layer to n_bins / 4 x n_frames / 4 x 128, batch norm, LeakyReLU 0.3; then 5 x 5 transposed convolutions, padded as
Keras pads 'same': to 96 channels with stride 1, to 48 and 48 with stride 2, each with batch norm and LeakyReLU; a last
one with stride 1 to the image, tanh. The layout is that of a Keras model from tf2onnx: channels last, no metadata.

Source: the deep convolutional GAN of the TensorFlow tutorials, which the prototype widened.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

CHANNELS = (128, 96, 48, 48)
_STRIDES = (1, 2, 2, 1)
_KERNEL = 5
_SLOPE = 0.3
_OPSET = 15

Layout = Literal["nhwc", "nchw"]


def build_prototype_network(
    n_frames: int,
    *,
    n_bins: int = 256,
    latent_size: int = 64,
    channels: tuple[int, int, int, int] = CHANNELS,
    batch: int | str = 1,
    layout: Layout = "nhwc",
    random_seed: int = 0,
) -> bytes:
    """Return an ONNX file: input `x` (batch, latent_size), output (batch, n_bins, n_frames, 1) or (batch, 1, ...).

    The weights are scaled so that images of standard normal latents fill [-1, 1] without saturating. The dense layer of
    the full network has 17 million weights for 128 frames, and 67 million for 512.

    Args:
        n_frames: width of the image.
        n_bins: height of the image.
        latent_size: number of values in a latent.
        channels: channels of the base and after each transposed convolution but the last.
        batch: 1, or the name of an open dimension.
        layout: "nhwc" puts the channel of the output last, "nchw" second.
        random_seed: seed for the weights.
    """
    import onnx
    from onnx import TensorProto, helper

    build = _Builder(np.random.default_rng(random_seed))
    bins, frames = n_bins // 4, n_frames // 4
    features = bins * frames * channels[0]
    x = build.add("MatMul", "x", build.weights((latent_size, features), 1 / math.sqrt(latent_size)))
    x = build.add("LeakyRelu", build.batch_norm(x, features), alpha=_SLOPE)
    x = build.add("Reshape", x, build.constant(np.array([-1, bins, frames, channels[0]])))
    x = build.add("Transpose", x, perm=[0, 3, 1, 2])
    for n_in, n_out, stride in zip(channels, (*channels[1:], 1), _STRIDES, strict=True):
        x = build.transposed_convolution(x, n_in, n_out, stride)
        if n_out > 1:
            x = build.add("LeakyRelu", build.batch_norm(x, n_out), alpha=_SLOPE)
    x = build.add("Tanh", x)
    if layout == "nhwc":
        x = build.add("Transpose", x, perm=[0, 2, 3, 1])
    shape = [batch, n_bins, n_frames, 1] if layout == "nhwc" else [batch, 1, n_bins, n_frames]
    graph = helper.make_graph(
        build.nodes,
        "generator",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, latent_size])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        build.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


class _Builder:
    """Collects nodes and weights. Every method returns the name of a tensor."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def add(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{op_type.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"weights_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def weights(self, shape: tuple[int, ...], deviation: float) -> str:
        return self.constant(self._rng.standard_normal(shape, np.float32) * np.float32(deviation))

    def batch_norm(self, x: str, n_channels: int) -> str:
        """Normalise with statistics close to, but not equal to, those of a standard normal."""
        scale, bias, mean, variance = 0.1 * self._rng.standard_normal((4, n_channels), np.float32)
        names = [self.constant(values) for values in (1 + scale, bias, mean, np.exp(variance))]
        return self.add("BatchNormalization", x, *names, epsilon=1e-3)

    def transposed_convolution(self, x: str, n_in: int, n_out: int, stride: int) -> str:
        # Each output sums n_in * (kernel / stride) ** 2 products; LeakyReLU keeps (1 + slope ** 2) / 2 of the energy.
        energy = n_in * (_KERNEL / stride) ** 2 * (1 + _SLOPE**2) / 2
        gain = 1.0 if n_out > 1 else 0.6
        w = self.weights((n_in, n_out, _KERNEL, _KERNEL), gain / math.sqrt(energy))
        begin = (_KERNEL - stride) // 2
        end = _KERNEL - stride - begin
        return self.add("ConvTranspose", x, w, strides=[stride, stride], pads=[begin, begin, end, end])
