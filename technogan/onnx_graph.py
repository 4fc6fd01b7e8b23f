"""An ONNX graph as it grows: constants and nodes, with names that nobody has to think of.

Tensors are (batch, channels, bins, frames).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from technogan.transform import FloatArray

# The oldest that has every operation, so that most runtimes can play the file.
OPSET = 17
_IR_VERSION = 8

_FRAMES = 3
# Smaller constants stay in 32 bits: they weigh nothing.
_HALVED = 1024
_END = np.iinfo(np.int64).max


class Graph:
    """halved: constants of more than 1024 values are stored in 16 bits, and turned to 32 when the file is loaded."""

    def __init__(self, *, halved: bool) -> None:
        self._halved = halved
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def constant(self, values: npt.NDArray[Any]) -> str:
        """An array as a tensor."""
        values = np.ascontiguousarray(values)
        if values.dtype == np.float64:
            values = values.astype(np.float32)
        name = self._name("constant")
        halve = self._halved and values.dtype == np.float32 and values.size > _HALVED
        stored = values.astype(np.float16) if halve else values
        self._constants.append(numpy_helper.from_array(stored, name))
        return self.add("Cast", name, to=onnx.TensorProto.FLOAT) if halve else name

    def integers(self, *values: int) -> str:
        """Shapes, axes, indices."""
        return self.constant(np.array(values, np.int64))

    def add(self, operation: str, *tensors: str, **attributes: Any) -> str:
        """A node with one output; "" stands for an input that is left out."""
        name = self._name(operation.lower())
        self._nodes.append(helper.make_node(operation, tensors, [name], name=name, **attributes))
        return name

    def plus(self, x: str, values: FloatArray) -> str:
        """x plus a constant."""
        return self.add("Add", x, self.constant(values))

    def times(self, x: str, values: FloatArray) -> str:
        """x times a constant."""
        return self.add("Mul", x, self.constant(values))

    def reshape(self, x: str, *shape: int) -> str:
        """To another shape; -1 for the batch."""
        return self.add("Reshape", x, self.integers(*shape))

    def slice(self, x: str, start: int, end: int | None, axis: int) -> str:
        """A part along one axis."""
        return self.add(
            "Slice", x, self.integers(start), self.integers(_END if end is None else end), self.integers(axis)
        )

    def wrapped(self, x: str, before: int, after: int) -> str:
        """More frames on both sides, those of the circle."""
        parts = [self.slice(x, -before, None, _FRAMES)] if before else []
        parts += [x, *([self.slice(x, 0, after, _FRAMES)] if after else [])]
        return self.add("Concat", *parts, axis=_FRAMES) if len(parts) > 1 else x

    def nearest(self, x: str, factor: int) -> str:
        """Every pixel becomes a square of `factor` by `factor`."""
        if factor == 1:
            return x
        scales = self.constant(np.array([1, 1, factor, factor], np.float32))
        return self.add(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def shuffled(self, x: str, factor: int) -> str:
        """Channels become squares of pixels."""
        return x if factor == 1 else self.add("DepthToSpace", x, blocksize=factor, mode="CRD")

    def model(self, source: tuple[str, tuple[Any, ...]], result: tuple[str, tuple[Any, ...]], given: str) -> bytes:
        """The file. source, result: name and shape of what goes in and comes out; given: the tensor that comes out."""
        self._nodes.append(helper.make_node("Identity", [given], [result[0]]))
        float32 = onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            "technogan",
            [helper.make_tensor_value_info(source[0], float32, source[1])],
            [helper.make_tensor_value_info(result[0], float32, result[1])],
            self._constants,
        )
        model = helper.make_model(graph, producer_name="TechnoGAN", opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"
