"""Make an imported network faster without changing what it computes. Needs the onnx package.

ONNX Runtime runs a transposed convolution as a matrix product and a slow scatter; `technogan.graphs.rewriter` replaces
it with ordinary convolutions. The result is compared with the original on random latents before it is used.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-4
_TEST_LATENTS = 4


@dataclass(frozen=True, slots=True)
class OptimisationReport:
    """The result of `optimise`.

    transposed: transposed convolutions in the graph. rewritten: how many of them were replaced. difference: the largest
    change of an output. reason: why the graph was not changed, empty if it was.
    """

    transposed: int = 0
    rewritten: int = 0
    difference: float = 0.0
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"the graph was not changed: {self.reason}"
        done = f"{self.rewritten} of {self.transposed} transposed convolutions rewritten"
        return f"{done}; outputs differ by at most {self.difference:.1e}"


def optimise(network: bytes) -> tuple[bytes, OptimisationReport]:
    """Return an ONNX file with the same images, within TOLERANCE, that runs faster if possible, and a report.

    A graph that cannot be rewritten exactly, or cannot be checked, is returned unchanged: the same bytes.

    Raises:
        ImportError: the onnx package is not installed.
    """
    import onnx

    from technogan.graphs.rewriter import rewrite

    try:
        model = onnx.load_model_from_string(network)
        transposed = sum(node.op_type == "ConvTranspose" for node in model.graph.node)
        if not transposed:
            return network, OptimisationReport(reason="it contains no transposed convolutions")
        model = onnx.shape_inference.infer_shapes(_simplify(network))
        rewritten = rewrite(model)
        if not rewritten:
            return network, OptimisationReport(
                transposed, reason="none of its transposed convolutions can be rewritten"
            )
        candidate: bytes = model.SerializeToString()
        del model
        difference = _largest_difference(network, candidate)
    except Exception as error:  # protobuf, onnx and ONNX Runtime share no base class; opening a broken model reports it
        return network, OptimisationReport(reason=" ".join(str(error).split())[:200] or type(error).__name__)
    if not difference <= TOLERANCE:
        return network, OptimisationReport(transposed, reason=f"its outputs would differ by {difference:.1e}")
    return candidate, OptimisationReport(transposed, rewritten, difference)


def _simplify(network: bytes) -> onnx.ModelProto:
    """Apply ONNX Runtime's basic rewrites: constants computed, transposes around convolutions cancelled."""
    import onnx
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "basic.onnx"
        options = _options()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        model = onnx.load(path)
    if any(node.domain for node in model.graph.node):
        return onnx.load_model_from_string(network)
    # ONNX Runtime lists every domain that it knows, used or not.
    standard = [opset for opset in model.opset_import if not opset.domain]
    del model.opset_import[:]
    model.opset_import.extend(standard)
    return model


def _largest_difference(network: bytes, candidate: bytes) -> float:
    """Return the largest difference between the outputs for the same random latents; NaN if an output is NaN."""
    import onnxruntime

    outputs = []
    for data in (network, candidate):
        session = onnxruntime.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])
        (tensor,) = session.get_inputs()
        rng = np.random.default_rng(0)
        rows, *rest = tensor.shape
        shape = (rows if isinstance(rows, int) else 2, *rest)
        latents = [rng.standard_normal(shape).astype(np.float32) for _ in range(max(_TEST_LATENTS // shape[0], 1))]
        outputs.append(np.concatenate([session.run(None, {tensor.name: latent})[0] for latent in latents]))
    return float(np.abs(outputs[0] - outputs[1]).max())


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return options
