"""Build ONNX graphs from constants and nodes whose names are chosen automatically."""

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

# The oldest opset with every operation that is used, so that most runtimes can run the file.
OPSET = 17
_IR_VERSION = 8

_FRAMES = 3
# Constants of up to this many values stay in 32 bits: they need little space.
_LARGEST_SINGLE = 1024
_END = np.iinfo(np.int64).max

Shape = tuple[int | str, ...]
# body(graph, state) -> (a truth value: whether to continue, the new state)
LoopBody = Callable[["Graph", Sequence[str]], tuple[str, Sequence[str]]]
RepeatBody = Callable[["Graph", Sequence[str]], Sequence[str]]


class Graph:
    """A graph under construction. Methods that add to it return the name of a tensor.

    Args:
        halved: store constants of more than 1024 values in 16 bits, and convert them to 32 bits in the graph.
        numbers: numbers for names. A graph inside another sees the outer names, so the two share their numbers.
    """

    def __init__(self, *, halved: bool = False, numbers: Iterator[int] | None = None) -> None:
        self._halved = halved
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._integers: dict[tuple[int, ...], str] = {}
        self._numbers = itertools.count(1) if numbers is None else numbers

    def constant(self, values: npt.NDArray[Any]) -> str:
        """Add an array; float64 becomes float32."""
        values = np.ascontiguousarray(values) if np.ndim(values) else np.asarray(values)
        if values.dtype == np.float64:
            values = values.astype(np.float32)
        name = self._name("constant")
        halve = self._halved and values.dtype == np.float32 and values.size > _LARGEST_SINGLE
        stored = values.astype(np.float16) if halve else values
        self._constants.append(numpy_helper.from_array(stored, name))
        return self.add("Cast", name, to=onnx.TensorProto.FLOAT) if halve else name

    def number(self, value: float) -> str:
        """Add one float32 scalar."""
        return self.constant(np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        """Add whole numbers, such as shapes, axes and indices; the same numbers are added once."""
        if values not in self._integers:
            self._integers[values] = self.constant(np.array(values, np.int64))
        return self._integers[values]

    def fill(self, shape: str, value: float) -> str:
        """Fill a tensor of this shape with one value: float32, or int64 for a whole number."""
        kind = np.int64 if isinstance(value, int) else np.float32
        return self.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([value], kind)))

    def add(self, operation: str, *tensors: str, **attributes: Any) -> str:
        """Add a node with one output; "" omits an optional input."""
        return self.add_multi_output(operation, *tensors, count=1, **attributes)[0]

    def add_multi_output(self, operation: str, *tensors: str, count: int, **attributes: Any) -> tuple[str, ...]:
        """Add a node with `count` outputs."""
        names = tuple(self._name(operation.lower()) for _ in range(count))
        self._nodes.append(helper.make_node(operation, tensors, names, name=names[0], **attributes))
        return names

    def plus(self, x: str, values: FloatArray) -> str:
        """Add a constant array to x."""
        return self.add("Add", x, self.constant(values))

    def times(self, x: str, values: FloatArray) -> str:
        """Multiply x by a constant array."""
        return self.add("Mul", x, self.constant(values))

    def cast(self, x: str, kind: int) -> str:
        """Convert x to another of onnx.TensorProto's types."""
        return self.add("Cast", x, to=kind)

    def reshape(self, x: str, *shape: int) -> str:
        """Give x another shape; -1 stands for the batch."""
        return self.add("Reshape", x, self.integers(*shape))

    def group(self, x: str, count: int) -> str:
        """Split the first axis of x into groups: (n * count, ...) -> (n, count, ...)."""
        rest = self.slice(self.add("Shape", x), 1, None, 0)
        return self.add("Reshape", x, self.add("Concat", self.integers(-1, count), rest, axis=0))

    def slice(self, x: str, start: int | None, end: int | None, axis: int, step: int | None = None) -> str:
        """Return x[start:end:step] along one axis."""
        bounds = self.integers(start or 0), self.integers(_END if end is None else end)
        return self.add("Slice", x, *bounds, self.integers(axis), self.integers(step or 1))

    def gather(self, values: str, index: str) -> str:
        """Return values[index] of two flat tensors. ONNX Runtime's Gather takes twenty times as long."""
        return self.add("GatherElements", values, index, axis=0)

    def softplus(self, x: str) -> str:
        """Return log(1 + exp(x)). ONNX Runtime's Softplus takes three times as long."""
        one = self.number(1.0)
        tail = self.add("Exp", self.add("Neg", self.add("Abs", x)))
        return self.add("Add", self.add("Relu", x), self.add("Log", self.add("Add", tail, one)))

    def roll(self, x: str, shift: int, axis: int) -> str:
        """Shift x along an axis circularly, as numpy.roll does."""
        if shift == 0:
            return x
        return self.add("Concat", self.slice(x, -shift, None, axis), self.slice(x, 0, -shift, axis), axis=axis)

    def pad_circular(self, x: str, before: int, after: int, axis: int = _FRAMES) -> str:
        """Pad x circularly along an axis, by default the frames of images (batch, channels, bins, frames)."""
        parts = [self.slice(x, -before, None, axis)] if before else []
        parts += [x, *([self.slice(x, 0, after, axis)] if after else [])]
        return self.add("Concat", *parts, axis=axis) if len(parts) > 1 else x

    def upsample(self, x: str, rows: int, columns: int) -> str:
        """Repeat every pixel in `rows` rows and `columns` columns."""
        scales = self.constant(np.array([1, 1, rows, columns], np.float32))
        return self.add(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def pixel_shuffle(self, x: str, factor: int) -> str:
        """Rearrange channels into squares of `factor` by `factor` pixels."""
        return x if factor == 1 else self.add("DepthToSpace", x, blocksize=factor, mode="CRD")

    def loop(self, going: str, state: Mapping[str, int], body: LoopBody) -> tuple[str, ...]:
        """Repeat `body` while a truth value holds; return the last state.

        Args:
            going: the truth value before the first iteration.
            state: tensors and their onnx.TensorProto types. Iterations may change their sizes, but not their rank.
            body: builds one iteration; returns the next truth value and the new state.
        """
        return self._loop("", going, state, body)

    def repeat(self, times: int, state: Mapping[str, int], body: RepeatBody) -> tuple[str, ...]:
        """Repeat `body` `times` times; return the last state. See `loop`."""
        true = np.array(True)
        return self._loop(
            self.constant(np.array(times)), "", state, lambda inner, given: (inner.constant(true), body(inner, given))
        )

    def _loop(self, times: str, going: str, state: Mapping[str, int], body: LoopBody) -> tuple[str, ...]:
        inner = Graph(numbers=self._numbers)
        inputs = [self._name("state") for _ in state]
        proceed, following = body(inner, inputs)
        outputs = [inner.add("Identity", tensor) for tensor in (proceed, *following)]
        turn = helper.make_tensor_value_info(self._name("turn"), onnx.TensorProto.INT64, ())
        goes = helper.make_tensor_value_info(self._name("going"), onnx.TensorProto.BOOL, ())
        given = [turn, goes, *(_tensor_info(name, kind) for name, kind in zip(inputs, state.values(), strict=True))]
        kinds = (onnx.TensorProto.BOOL, *state.values())
        made = [_tensor_info(name, kind) for name, kind in zip(outputs, kinds, strict=True)]
        graph = helper.make_graph(inner._nodes, self._name("body"), given, made, inner._constants)
        return self.add_multi_output("Loop", times, going, *state, count=len(state), body=graph)

    def include(self, network: onnx.GraphProto, source: str) -> str:
        """Add all of a graph that has one input and one output, with `source` as its input; return its output."""
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
        """Return the bytes of the ONNX file.

        Args:
            sources: the shape of each input, by name.
            results: the tensor and the shape of each output, by name.
            opset: the opset that the file declares.
        """
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


def _tensor_info(name: str, kind: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, None)
