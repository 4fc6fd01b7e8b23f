"""Open and run networks with ONNX Runtime, so that Ctrl-C ends a command even while a network runs."""

import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from technogan.errors import BundleError

T = TypeVar("T")

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
_THREAD = "technogan-network"
# Windows delivers Ctrl-C only between two waits.
_POLL_S = 0.2
# A network ends between two operations, or between two rounds of a loop.
_TERMINATION_S = 2.0


def open_session(source: str | bytes, threads: int, provider: str) -> Any:
    """Open an ONNX Runtime session for a model file, given by its path or its bytes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Idle threads that spin would occupy the core that the audio callback needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if provider == "directml":
        # Not supported: onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html
        options.enable_mem_pattern = False
    providers = list(dict.fromkeys((PROVIDERS[provider], PROVIDERS["cpu"])))
    return _call_interruptibly(
        lambda: onnxruntime.InferenceSession(source, options, providers=providers, enable_fallback=0)
    )


def check_tensors(session: Any, path: Path) -> str:
    """Return the name of a network's input. Raises BundleError unless it has one input and one output, of float32."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        reason = f"the network has {len(inputs)} inputs and {len(outputs)} outputs; it must have one of each"
        raise BundleError(path, reason)
    for tensor in (*inputs, *outputs):
        if tensor.type != "tensor(float)":
            raise BundleError(path, f"the network's {tensor.name} is {tensor.type}, not float32")
    return str(inputs[0].name)


def run_session(session: Any, inputs: Mapping[str, Any]) -> Any:
    """Return the first output of a session."""
    import onnxruntime

    options = onnxruntime.RunOptions()

    def terminate() -> None:
        options.terminate = True

    return _call_interruptibly(lambda: session.run(None, inputs, options)[0], terminate)


def is_running() -> bool:
    """Return whether a network runs that Ctrl-C could not end; the interpreter would crash if it exited meanwhile."""
    return any(thread.name == _THREAD for thread in threading.enumerate())


def summarise_error(error: Exception) -> str:
    """Return the first 200 characters of an ONNX Runtime message, without '[ONNXRuntimeError] : 7 : ... : '."""
    text = " ".join(str(error).split())
    return text.rpartition("[ONNXRuntimeError] : ")[2].partition(" : ")[2][:200] or text[:200] or type(error).__name__


def _call_interruptibly(call: Callable[[], T], terminate: Callable[[], None] = lambda: None) -> T:
    """Return what `call` returns. If Ctrl-C interrupts it, call `terminate` and wait two seconds at most.

    Python handles signals only between its own instructions, in the main thread, so another thread makes the call.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return call()
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name=_THREAD, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL_S)
    except BaseException:
        terminate()
        thread.join(_TERMINATION_S)
        raise
    if errors:
        raise errors[0]
    return results[0]
