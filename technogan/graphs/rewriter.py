"""Replace transposed convolutions in an ONNX graph with ordinary ones. Needs the onnx package.

Besides the arithmetic of `sub_pixel`, three measures make the graph fast. Scales and shifts that follow (bias, batch
norm) are folded into the weights. An activation moves before the interleaving, where ONNX Runtime fuses it into the
convolution. A convolution with few outputs, such as the last one, computes blocks of them: ONNX Runtime always computes
16 channels at once, and interleaving 16 channels of outputs is cheaper than interleaving their inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from technogan.graphs.sub_pixel import Axis, convolution_kernel

Array = npt.NDArray[Any]

_OLDEST_OPSET = 10  # Slice with its bounds as inputs
_ACTIVATIONS = ("LeakyRelu", "Relu", "Sigmoid", "Tanh")
_CHANNEL_BLOCK = 16
_FAR = np.iinfo(np.int64).max


def rewrite(model: onnx.ModelProto) -> int:
    """Rewrite a model with inferred shapes in place; return how many transposed convolutions were replaced."""
    opset = max((opset.version for opset in model.opset_import if not opset.domain), default=0)
    branches = any(attribute.HasField("g") for node in model.graph.node for attribute in node.attribute)
    if opset < _OLDEST_OPSET or branches:  # the inputs of a branch are not visible here
        return 0
    rewriter = _Rewriter(model.graph)
    transposed = [node for node in model.graph.node if node.op_type == "ConvTranspose"]
    count = sum(rewriter.rewrite(node) for node in transposed)
    rewriter.drop_unused()
    return count


class _Rewriter:
    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._shapes = {info.name: info.type.tensor_type.shape for info in (*graph.input, *graph.value_info)}
        self._outputs = {output.name for output in graph.output}

    def rewrite(self, node: onnx.NodeProto) -> bool:
        """Replace a node with a chain of others; return False if that is not possible."""
        axes = self._axes(node)
        if axes is None:
            return False
        weights, bias, old = self._fold(node)
        source, rows, columns = self._choose_blocks(node, weights.shape[1], axes)
        activation = self._only_reader(old[-1])
        if activation is not None and activation.op_type in _ACTIVATIONS:
            old.append(activation)
        else:
            activation = None
        new = _Chain(node.name or node.output[0], source)
        parts = [(r, c) for r in rows.split() for c in columns.split()]
        # A part with few channels costs as much as one with sixteen.
        if weights.shape[1] < _CHANNEL_BLOCK or not all(r.is_possible and c.is_possible for r, c in parts):
            parts = [(rows, columns)]
        new.convolve(weights, bias, parts, activation)
        new.interleave(rows.block)
        new.crop(rows.crop, columns.crop)
        self._swap(old, new)
        return True

    def drop_unused(self) -> None:
        """Remove weights that are no longer used, and shapes that may have changed."""
        used = {name for node in self._graph.node for name in node.input} | self._outputs
        for tensor in [tensor for tensor in self._graph.initializer if tensor.name not in used]:
            self._graph.initializer.remove(tensor)
        del self._graph.value_info[:]

    def _axes(self, node: onnx.NodeProto) -> tuple[Axis, Axis] | None:
        """Return the rows and columns of a transposed convolution, or None if it cannot be rewritten."""
        weights = self._constant(node.input[1])
        bias_known = len(node.input) < 3 or not node.input[2] or self._constant(node.input[2]) is not None
        attributes = _attributes(node)
        if weights is None or weights.ndim != 4 or not bias_known or attributes.get("group", 1) != 1:
            return None
        strides = attributes.get("strides", [1, 1])
        if strides[0] != strides[1] or any(dilation != 1 for dilation in attributes.get("dilations", [1, 1])):
            return None
        pads = self._pads(node, weights.shape[2:], attributes)
        if pads is None:
            return None
        extra = attributes.get("output_padding", [0, 0])
        rows, columns = (Axis.of(weights.shape[2 + i], strides[i], pads[i], pads[i + 2], extra[i]) for i in (0, 1))
        return (rows, columns) if rows.is_possible and columns.is_possible else None

    def _pads(self, node: onnx.NodeProto, kernel: tuple[int, ...], attributes: dict[str, Any]) -> list[int] | None:
        """Return the four pads, stated or implied by an output size. Source: ConvTranspose in ONNX's operators."""
        automatic = attributes.get("auto_pad", b"NOTSET").decode()
        goals = attributes.get("output_shape", [])[-2:]
        if automatic == "VALID":
            return [0, 0, 0, 0]
        if automatic == "NOTSET" and not goals:
            return list(attributes.get("pads", [0, 0, 0, 0]))
        sizes = self._spatial(node.input[0])
        if sizes is None:
            return None
        strides, extra = attributes.get("strides", [1, 1]), attributes.get("output_padding", [0, 0])
        goals = goals or [sizes[i] * strides[i] for i in (0, 1)]
        totals = [strides[i] * (sizes[i] - 1) + extra[i] + kernel[i] - goals[i] for i in (0, 1)]
        smaller, larger = [total // 2 for total in totals], [total - total // 2 for total in totals]
        return smaller + larger if automatic == "SAME_UPPER" else larger + smaller

    def _choose_blocks(self, node: onnx.NodeProto, n_out: int, axes: tuple[Axis, Axis]) -> tuple[str, Axis, Axis]:
        """Return the input and the axes to use: for few outputs, larger blocks of the input before its interleaving."""
        source = next((other for other in self._graph.node if node.input[0] in other.output), None)
        inner, name = 1, node.input[0]
        if source is not None and source.op_type == "DepthToSpace" and self._only_reader(source) is not None:
            attributes = _attributes(source)
            if attributes.get("mode", b"DCR") == b"DCR":
                inner, name = attributes["blocksize"], source.input[0]
        sizes = self._spatial(node.input[0]) or [1, 1]
        for block in (4, 2):
            blocked = tuple(axis.blocked(block, inner) for axis in axes if block % (axis.stride * inner) == 0)
            if n_out * block**2 > _CHANNEL_BLOCK or len(blocked) < 2 or not all(axis.is_possible for axis in blocked):
                continue
            if all(size % (inner * axis.step) == 0 for size, axis in zip(sizes, blocked, strict=True)):
                return name, *blocked
        return node.input[0], *axes

    def _fold(self, node: onnx.NodeProto) -> tuple[Array, Array, list[onnx.NodeProto]]:
        """Return the weights and bias with all scales and shifts that follow, and the nodes that they replace."""
        kernel = self._constant(node.input[1])
        bias = self._constant(node.input[2]) if len(node.input) > 2 and node.input[2] else None
        weights = np.asarray(kernel, np.float64)
        shifts = np.zeros(weights.shape[1]) if bias is None else bias.astype(np.float64)
        old = [node]
        while (reader := self._only_reader(old[-1])) is not None:
            affine = self._affine(reader, old[-1].output[0], weights.shape[1])
            if affine is None:
                break
            scale, shift = affine
            weights, shifts = weights * scale[:, np.newaxis, np.newaxis], shifts * scale + shift
            old.append(reader)
        return weights.astype(np.float32), shifts.astype(np.float32), old

    def _affine(self, node: onnx.NodeProto, data: str, n_channels: int) -> tuple[Array, Array] | None:
        """Return scale and shift, float64 (n_channels,), of a node that only scales and shifts `data` by channel."""
        if node.op_type == "BatchNormalization" and node.input[0] == data:
            return self._normalisation(node)
        if node.op_type not in ("Add", "Sub", "Mul") or (node.op_type == "Sub" and node.input[0] != data):
            return None
        other = self._constant(node.input[1] if node.input[0] == data else node.input[0])
        if other is None or other.ndim > 4 or other.shape[-3:] not in ((n_channels, 1, 1), (1, 1, 1), (1, 1), (1,), ()):
            return None
        values = np.broadcast_to(other.ravel().astype(np.float64), n_channels)
        ones, zeros = np.ones(n_channels), np.zeros(n_channels)
        return {"Add": (ones, values), "Sub": (ones, -values), "Mul": (values, zeros)}[node.op_type]

    def _normalisation(self, node: onnx.NodeProto) -> tuple[Array, Array] | None:
        attributes = _attributes(node)
        constants = [self._constant(name) for name in node.input[1:]]
        known = [constant.astype(np.float64) for constant in constants if constant is not None]
        if len(known) != 4 or attributes.get("training_mode", 0) or len(node.output) != 1:
            return None
        gamma, beta, mean, variance = known
        scale = gamma / np.sqrt(variance + attributes.get("epsilon", 1e-5))
        return scale, beta - mean * scale

    def _only_reader(self, node: onnx.NodeProto) -> onnx.NodeProto | None:
        """Return the only node that reads this node's result; None if there are others, or it is an output."""
        if node.output[0] in self._outputs:
            return None
        readers = [other for other in self._graph.node if node.output[0] in other.input]
        return readers[0] if len(readers) == 1 else None

    def _swap(self, old: list[onnx.NodeProto], new: _Chain) -> None:
        """Put `new` in the place of the first of `old`, with the name of the old result."""
        self._graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in new.tensors)
        results = [node.output[0] for node in old]  # identifies a node: protobuf may return copies
        place = next(i for i, node in enumerate(self._graph.node) if node.output[0] == results[0])
        kept = [node for node in self._graph.node if node.output[0] not in results]
        new.nodes[-1].output[0] = results[-1]
        kept[place:place] = new.nodes
        read = {name for node in kept for name in node.input} | self._outputs
        kept = [node for node in kept if any(name in read for name in node.output)]
        del self._graph.node[:]
        self._graph.node.extend(kept)

    def _constant(self, name: str) -> Array | None:
        return numpy_helper.to_array(self._constants[name]) if name in self._constants else None

    def _spatial(self, name: str) -> list[int] | None:
        """Return the height and width of a tensor, or None if one is unknown."""
        dims = self._shapes[name].dim[-2:] if name in self._shapes else []
        return [dim.dim_value for dim in dims] if len(dims) == 2 and all(dim.dim_value > 0 for dim in dims) else None


class _Chain:
    """Nodes that replace others, each reading the result of the one before, and their weights."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._end = source
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[tuple[str, Array]] = []

    def convolve(
        self, weights: Array, bias: Array, parts: list[tuple[Axis, Axis]], activation: onnx.NodeProto | None
    ) -> None:
        """Add a convolution and the activation for each pair of axes, and join their channels."""
        source, ends = self._end, []
        for rows, columns in parts:
            kernel = convolution_kernel(weights, rows, columns)
            tensors = [self._tensor(kernel), self._tensor(np.tile(bias, len(kernel) // len(bias)))]
            pads = [rows.pads[0], columns.pads[0], rows.pads[1], columns.pads[1]]
            self._end = source
            self._add("Conv", *tensors, pads=pads, strides=[rows.step, columns.step])
            if activation is not None:
                self._add(activation.op_type, **_attributes(activation))
            ends.append(self._end)
        if len(ends) > 1:
            self._end = ends[0]
            self._add("Concat", *ends[1:], axis=1)

    def interleave(self, block: int) -> None:
        """Rearrange channels into blocks of pixels."""
        if block > 1:
            self._add("DepthToSpace", blocksize=block)

    def crop(self, rows: int, columns: int) -> None:
        """Remove rows and columns at the end."""
        if rows or columns:
            bounds = ([0, 0], [-rows or _FAR, -columns or _FAR], [2, 3])
            self._add("Slice", *[self._tensor(np.array(values, np.int64)) for values in bounds])

    def _add(self, op_type: str, *tensors: str, **attributes: Any) -> None:
        name = f"{self._name}/{op_type}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, [self._end, *tensors], [name], name=name, **attributes))
        self._end = name

    def _tensor(self, values: Array) -> str:
        name = f"{self._name}/tensor_{len(self.tensors)}"
        self.tensors.append((name, np.ascontiguousarray(values)))
        return name


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
