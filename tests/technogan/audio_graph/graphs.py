"""Run a part of an audio graph in ONNX Runtime."""

import numpy as np
import onnxruntime

from technogan.graphs.builder import Graph


def run_graph(build, **arrays):
    """Return the results, flat, of build(graph, *names of inputs) -> tensors."""
    graph = Graph()
    results = [graph.reshape(tensor, -1) for tensor in build(graph, *arrays)]
    data = graph.model(
        {name: array.shape for name, array in arrays.items()},
        {f"result_{i}": (tensor, (f"size_{i}",)) for i, tensor in enumerate(results)},
        opset=18,
    )
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {name: np.asarray(array, np.float32) for name, array in arrays.items()})
