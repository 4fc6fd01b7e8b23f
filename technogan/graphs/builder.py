"""An ONNX graph as it grows: constants and nodes, with names that nobody has to think of."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnx.compose
from onnx import helper, numpy_helper

from technogan.arrays import FloatArray

# The oldest that has every operation, so that most runtimes can play the file.
OPSET = 17
_IR_VERSION = 8

_FRAMES = 3
# Smaller constants stay in 32 bits: they weigh nothing.
_HALVED = 1024
_END = np.iinfo(np.int64).max

Shape = tuple[int | str, ...]
# body(graph, state) -> (whether to go on, the state then)
LoopBody = Callable[["Graph", Sequence[str]], tuple[str, Sequence[str]]]
RepeatBody = Callable[["Graph", Sequence[str]], Sequence[str]]


class Graph:
    """halved: constants of more than 1024 values are stored in 16 bits, and turned to 32 when the file is loaded.

    numbers: where names come from; a graph within a graph sees the outer one's names, so they share them.
    """

    def __init__(self, *, halved: bool = False, numbers: Iterator[int] | None = None) -> None:
        self._halved = halved
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._integers: dict[tuple[int, ...], str] = {}
        self._numbers = itertools.count(1) if numbers is None else numbers

    def constant(self, values: npt.NDArray[Any]) -> str:
        """An array as a tensor; float64 becomes float32."""
        values = np.ascontiguousarray(values) if np.ndim(values) else np.asarray(values)
        if values.dtype == np.float64:
            values = values.astype(np.float32)
        name = self._name("constant")
        halve = self._halved and values.dtype == np.float32 and values.size > _HALVED
        stored = values.astype(np.float16) if halve else values
        self._constants.append(numpy_helper.from_array(stored, name))
        return self.add("Cast", name, to=onnx.TensorProto.FLOAT) if halve else name

    def number(self, value: float) -> str:
        """One float32, without a shape."""
        return self.constant(np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        """Shapes, axes, indices."""
        if values not in self._integers:
            self._integers[values] = self.constant(np.array(values, np.int64))
        return self._integers[values]

    def filled(self, shape: str, value: float) -> str:
        """A tensor of this shape, all of one value: float32, or int64 for a whole number."""
        kind = np.int64 if isinstance(value, int) else np.float32
        return self.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([value], kind)))

    def add(self, operation: str, *tensors: str, **attributes: Any) -> str:
        """A node with one output; "" stands for an input that is left out."""
        return self.several(operation, *tensors, count=1, **attributes)[0]

    def several(self, operation: str, *tensors: str, count: int, **attributes: Any) -> tuple[str, ...]:
        """A node with `count` outputs."""
        names = tuple(self._name(operation.lower()) for _ in range(count))
        self._nodes.append(helper.make_node(operation, tensors, names, name=names[0], **attributes))
        return names

    def plus(self, x: str, values: FloatArray) -> str:
        """x plus a constant."""
        return self.add("Add", x, self.constant(values))

    def times(self, x: str, values: FloatArray) -> str:
        """x times a constant."""
        return self.add("Mul", x, self.constant(values))

    def cast(self, x: str, kind: int) -> str:
        """To another of onnx.TensorProto's types."""
        return self.add("Cast", x, to=kind)

    def reshape(self, x: str, *shape: int) -> str:
        """To another shape; -1 for the batch."""
        return self.add("Reshape", x, self.integers(*shape))

    def slice(self, x: str, start: int, end: int | None, axis: int) -> str:
        """A part along one axis."""
        return self.add(
            "Slice", x, self.integers(start), self.integers(_END if end is None else end), self.integers(axis)
        )

    def gathered(self, values: str, index: str) -> str:
        """values[index] of two flat tensors. ONNX Runtime's Gather does the same at a twentieth of the speed."""
        return self.add("GatherElements", values, index, axis=0)

    def softplus(self, x: str) -> str:
        """log(1 + exp(x)). ONNX Runtime's Softplus does the same at a third of the speed."""
        one = self.number(1.0)
        tail = self.add("Exp", self.add("Neg", self.add("Abs", x)))
        return self.add("Add", self.add("Relu", x), self.add("Log", self.add("Add", tail, one)))

    def rolled(self, x: str, shift: int, axis: int) -> str:
        """Around the circle, as numpy.roll: a shift of 1 puts the last in the first place."""
        if shift == 0:
            return x
        return self.add("Concat", self.slice(x, -shift, None, axis), self.slice(x, 0, -shift, axis), axis=axis)

    def wrapped(self, x: str, before: int, after: int, axis: int = _FRAMES) -> str:
        """More frames on both sides, those of the circle. Images are (batch, channels, bins, frames)."""
        parts = [self.slice(x, -before, None, axis)] if before else []
        parts += [x, *([self.slice(x, 0, after, axis)] if after else [])]
        return self.add("Concat", *parts, axis=axis) if len(parts) > 1 else x

    def nearest(self, x: str, rows: int, columns: int) -> str:
        """Every pixel becomes so many rows and columns of it."""
        scales = self.constant(np.array([1, 1, rows, columns], np.float32))
        return self.add(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def shuffled(self, x: str, factor: int) -> str:
        """Channels become squares of pixels."""
        return x if factor == 1 else self.add("DepthToSpace", x, blocksize=factor, mode="CRD")

    def loop(self, going: str, state: Mapping[str, int], body: LoopBody) -> tuple[str, ...]:
        """Repeat `body` while `going`, a truth value, says so; returns the last state.

        state: tensors and their onnx.TensorProto types. Their sizes may change from turn to turn, their rank may not.
        """
        return self._loop("", going, state, body)

    def repeat(self, times: int, state: Mapping[str, int], body: RepeatBody) -> tuple[str, ...]:
        """`body`, so many times; returns the last state. state: as for `loop`."""
        true = np.array(True)
        return self._loop(
            self.constant(np.array(times)), "", state, lambda inner, given: (inner.constant(true), body(inner, given))
        )

    def _loop(self, times: str, going: str, state: Mapping[str, int], body: LoopBody) -> tuple[str, ...]:
        inner = Graph(numbers=self._numbers)
        inputs = [self._name("state") for _ in state]
        goes_on, following = body(inner, inputs)
        outputs = [inner.add("Identity", tensor) for tensor in (goes_on, *following)]
        turn = helper.make_tensor_value_info(self._name("turn"), onnx.TensorProto.INT64, ())
        goes = helper.make_tensor_value_info(self._name("going"), onnx.TensorProto.BOOL, ())
        given = [turn, goes, *(_described(name, kind) for name, kind in zip(inputs, state.values(), strict=True))]
        kinds = (onnx.TensorProto.BOOL, *state.values())
        made = [_described(name, kind) for name, kind in zip(outputs, kinds, strict=True)]
        graph = helper.make_graph(inner._nodes, self._name("body"), given, made, inner._constants)
        return self.several("Loop", times, going, *state, count=len(state), body=graph)

    def include(self, network: onnx.GraphProto, source: str) -> str:
        """All of a graph with one input and one output, fed with `source`; returns its output."""
        inlined = onnx.compose.add_prefix_graph(network, f"{self._name('network')}/")
        constants = {constant.name for constant in inlined.initializer}
        (given,) = [each.name for each in inlined.input if each.name not in constants]
        self._nodes.append(helper.make_node("Identity", [source], [given]))
        self._nodes.extend(inlined.node)
        self._constants.extend(inlined.initializer)
        return str(inlined.output[0].name)

    def model(
        self, sources: Mapping[str, Shape], results: Mapping[str, tuple[str, Shape]], *, opset: int = OPSET
    ) -> bytes:
        """The file. sources: what goes in, name and shape; results: what comes out, name, tensor and shape."""
        float32 = onnx.TensorProto.FLOAT
        self._nodes += [helper.make_node("Identity", [tensor], [name]) for name, (tensor, _) in results.items()]
        graph = helper.make_graph(
            self._nodes,
            "technogan",
            [helper.make_tensor_value_info(name, float32, shape) for name, shape in sources.items()],
            [helper.make_tensor_value_info(name, float32, shape) for name, (_, shape) in results.items()],
            self._constants,
        )
        model = helper.make_model(graph, producer_name="TechnoGAN", opset_imports=[helper.make_opsetid("", opset)])
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _name(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"


def _described(name: str, kind: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, None)
