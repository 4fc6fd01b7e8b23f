"""Small networks and a small format, for tests that need a model file but no music."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from technogan.formats import SpectrogramFormat, StftSettings
from technogan.network.spec import ModelSpec

N_BINS, N_FRAMES, LATENT_SIZE = 32, 48, 8
STEMS = ("kick", "drums", "music")
TINY = SpectrogramFormat("tiny", N_FRAMES, N_BINS, beats=1, hop_length=16, transform=StftSettings(64))

SHAPES = {
    "nhwc": lambda n: [n, N_BINS, N_FRAMES, 1],
    "nchw": lambda n: [n, 1, N_BINS, N_FRAMES],
    "plain": lambda n: [n, N_BINS, N_FRAMES],
}


def tiny_spec(name="tiny", **values):
    return ModelSpec(**({"name": name, "format": TINY, "latent_size": LATENT_SIZE, "bpm": 130.0} | values))


def weights(scale=0.3, n_stems=1):
    matrix = np.random.default_rng(0).standard_normal((LATENT_SIZE, n_stems * N_BINS * N_FRAMES))
    return matrix.astype(np.float32) * np.float32(scale)


def expected(latents, scale=0.3):
    """Compute the images of `tiny_network` with numpy: (n, N_BINS, N_FRAMES)."""
    return np.tanh(latents @ weights(scale)).reshape(-1, N_BINS, N_FRAMES)


def stems_network(n_stems=3):
    """Return an ONNX file whose images are (n, n_stems, N_BINS, N_FRAMES)."""
    shape = ["n", n_stems, N_BINS, N_FRAMES]
    constants = {"w": weights(n_stems=n_stems), "shape": np.array([-1, *shape[1:]], np.int64)}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Tanh", ["a"], ["b"]),
        helper.make_node("Reshape", ["b", "shape"], ["images"]),
    ]
    return model_of(nodes, constants, [("x", ["n", LATENT_SIZE])], [("images", shape)])


def tiny_network(*, batch=1, layout="nhwc", gain=1.0, matrix=None, declared=None, input_name="x", opset=15):
    """Return an ONNX file: image = gain * tanh(latent @ weights). batch: 1 or a name. declared: a false shape."""
    shape = SHAPES[layout](batch if isinstance(batch, int) else -1)
    constants = {
        "w": weights() if matrix is None else matrix,
        "shape": np.array(shape, np.int64),
        "gain": np.float32(gain).reshape(1),
    }
    nodes = [
        helper.make_node("MatMul", [input_name, "w"], ["a"]),
        helper.make_node("Tanh", ["a"], ["b"]),
        helper.make_node("Mul", ["b", "gain"], ["c"]),
        helper.make_node("Reshape", ["c", "shape"], ["image"]),
    ]
    inputs = [(input_name, [batch, LATENT_SIZE])]
    return model_of(nodes, constants, inputs, [("image", declared or SHAPES[layout](batch))], opset=opset)


def model_of(nodes, constants, inputs, outputs, opset=15):
    """Return an ONNX file. constants: {name: array}. inputs, outputs: [(name, shape)], all float32."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return model.SerializeToString()


def latents(n, size=LATENT_SIZE, random_seed=1):
    return np.random.default_rng(random_seed).standard_normal((n, size)).astype(np.float32)


def endless_network():
    """Return an ONNX file that is valid, but never finishes an image."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["still"]), helper.make_node("Neg", ["before"], ["after"])],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
    )
    shape = SHAPES["plain"](1)
    constants = {
        "w": weights(),
        "shape": np.array(shape, np.int64),
        "count": np.array(2**62, np.int64),
        "go": np.array(True),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Loop", ["count", "go", "a"], ["b"], body=body),
        helper.make_node("Reshape", ["b", "shape"], ["image"]),
    ]
    return model_of(nodes, constants, [("x", [1, LATENT_SIZE])], [("image", shape)])
