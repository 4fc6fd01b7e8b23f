"""Makes an imported network faster without changing what it computes.

ONNX Runtime runs a transposed convolution as a matrix product and a slow scatter; `graph_rewriter` puts ordinary
convolutions in its place. Whatever comes out is held against the original on random latents before it is used. Needs
the onnx package.
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
    """What `optimise` did.

    Of how many transposed convolutions it rewrote how many, how far the outputs moved at most, and, where the graph
    is left as it is, the reason.
    """

    transposed: int = 0
    rewritten: int = 0
    difference: float = 0.0
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"the graph is left as it is: {self.reason}"
        done = f"{self.rewritten} of {self.transposed} transposed convolutions rewritten"
        return f"{done}; outputs differ by at most {self.difference:.1e}"


def optimise(network: bytes) -> tuple[bytes, OptimisationReport]:
    """An ONNX file that gives the same images, within TOLERANCE, and where possible sooner; and what was done.

    Whatever cannot be rewritten exactly, or checked, is left alone; then the very same bytes come back. Raises
    ImportError without the onnx package.
    """
    import onnx

    from technogan.graphs.rewriter import rewrite

    try:
        model = onnx.load_model_from_string(network)
        transposed = sum(node.op_type == "ConvTranspose" for node in model.graph.node)
        if not transposed:
            return network, OptimisationReport(reason="it has no transposed convolutions")
        model = onnx.shape_inference.infer_shapes(_simplified(network))
        rewritten = rewrite(model)
        if not rewritten:
            return network, OptimisationReport(transposed, reason="none of its transposed convolutions is of a known kind")
        candidate: bytes = model.SerializeToString()
        del model
        difference = _largest_difference(network, candidate)
    except (
        Exception
    ) as error:  # protobuf, onnx and ONNX Runtime share no base class; who opens the network next judges it
        return network, OptimisationReport(reason=" ".join(str(error).split())[:200] or type(error).__name__)
    if not difference <= TOLERANCE:
        return network, OptimisationReport(transposed, reason=f"rewritten, its outputs would differ by {difference:.1e}")
    return candidate, OptimisationReport(transposed, rewritten, difference)


def _simplified(network: bytes) -> onnx.ModelProto:
    """The model after ONNX Runtime's basic rewrites: constants computed, transposes around convolutions cancelled."""
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
    # ONNX Runtime lists every domain it knows, used or not.
    standard = [opset for opset in model.opset_import if not opset.domain]
    del model.opset_import[:]
    model.opset_import.extend(standard)
    return model


def _largest_difference(network: bytes, candidate: bytes) -> float:
    """Between the outputs of both, on the same random latents; NaN where one of them gives NaN."""
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
