"""Run a generator network through ONNX Runtime: latents in, images out.

A graph is never trusted: its shapes are compared with the model's spec when it is opened, and every result is checked.
Tensor names have no meaning. The layouts (n, bins, frames), (n, 1, bins, frames) and (n, bins, frames, 1) hold the same
bytes.
"""

import os
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import BundleError, SettingError, SpecMismatch
from technogan.memory_limit import count_fitting, loop_bytes
from technogan.network.bundle import ModelBundle
from technogan.network.inference import PROVIDERS, check_tensors, open_session, run_session, summarise_error

# Milliseconds per image of the bar model in batches of 1, 2, 4, 8, 16: 19.0, 18.8, 18.8, 20.5, 20.4 on one thread, and
# 15.2, 12.0, 11.2, 13.2, 18 on two. Larger batches leave the cache, and a batch of 4 is short enough to be cancelled.
_BATCH_SIZE = 4
# Rounding may take the output slightly out of [-1, 1]; beyond this the network has another range.
_RANGE = 1.01


def usable_cores() -> int:
    """Return the number of cores that this process may use, without hyper-threads; at least 1."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    hyper_threaded = platform.machine().lower() in ("x86_64", "amd64") and usable >= 4
    return max(1, usable // 2 if hyper_threaded else usable)


def default_threads() -> int:
    """Return the number of threads for a network: one for each core except the one left to audio; at least 1."""
    return max(1, usable_cores() - 1)


class Generator:
    """An opened model: latents -> images. Safe to call from several threads.

    Args:
        bundle: the model.
        threads: threads for one inference; None leaves one core to audio.
        provider: one of PROVIDERS. If it is not available, the CPU is used and `notes` says so.

    Raises:
        BundleError: the file is damaged, its loops do not fit into memory, or ONNX Runtime rejects the graph.
        SpecMismatch: the shapes of the graph are not those of the model's spec.
        SettingError: the provider is unknown, or `threads` is below 1.
    """

    def __init__(self, bundle: ModelBundle, *, threads: int | None = None, provider: str = "cpu") -> None:
        if threads is not None and threads < 1:
            raise SettingError("threads", threads, "1 or more")
        bundle.require_intact()
        self._bundle = bundle
        self.spec = bundle.spec
        self._check_memory()
        self.threads = threads or default_threads()
        self.notes: tuple[str, ...] = ()
        self._session = self._open(provider)
        running = self._session.get_providers()[0]
        self.provider = next((name for name, full in PROVIDERS.items() if full == running), "cpu")
        self._input = self._check_shapes()
        self.batch_size = 1 if self._has_fixed_batch() else _BATCH_SIZE
        if not all(isinstance(size, int) for size in self._session.get_outputs()[0].shape[1:]):
            self.check()  # the graph does not declare the size of its images: only a run shows it

    def generate(self, latents: FloatArray) -> FloatArray:
        """Return the images of latents. The batch an image is computed in may change its last bits.

        Args:
            latents: float32 (n, latent_size), finite.

        Returns:
            float32 (n, n_bins, n_frames), C-contiguous, clipped to [-1, 1]; row 0 is the lowest bin.

        Raises:
            SpecMismatch: the latents have another shape or are not finite.
            BundleError: the network fails, or returns NaN or infinity.
        """
        wanted = self.spec.latent_size
        if latents.ndim != 2 or latents.shape[1] != wanted:
            raise SpecMismatch("latents", f"(n, {wanted})", latents.shape)
        if not np.isfinite(latents).all():
            raise SpecMismatch("latents", "finite numbers", "NaN or infinity")
        latents = np.ascontiguousarray(latents, dtype=np.float32)
        images = np.empty((len(latents), *self.spec.image_shape), np.float32)
        for start in range(0, len(latents), self.batch_size):
            batch = latents[start : start + self.batch_size]
            np.clip(self._run(batch), -1.0, 1.0, out=images[start : start + len(batch)])
        return images

    def check(self) -> None:
        """Run the network once. Raises what `generate` raises, and BundleError if the output leaves [-1, 1]."""
        image = self._run(np.linspace(-1.0, 1.0, self.spec.latent_size, dtype=np.float32)[np.newaxis])
        low, high = float(image.min()), float(image.max())
        if low < -_RANGE or high > _RANGE:
            reason = f"the network's output runs from {low:.3g} to {high:.3g} instead of -1 to 1"
            raise BundleError(self._bundle.path, reason)

    def _open(self, provider: str) -> Any:
        if provider not in PROVIDERS:
            raise SettingError("provider", provider, f"one of {', '.join(PROVIDERS)}")
        source = self._bundle.source
        if provider != "cpu":
            session, reason = _open_accelerated(source, self.threads, provider)
            if session is not None:
                return session
            self.notes += (f"{provider} cannot be used ({reason}); the network runs on the CPU",)
        try:
            return open_session(source, self.threads, "cpu")
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise BundleError(
                self._bundle.path, f"ONNX Runtime cannot open the network: {summarise_error(error)}"
            ) from error

    def _check_memory(self) -> None:
        needed = loop_bytes(self.spec.format, max(1, len(self.spec.stems)))
        if not count_fitting(needed):
            reason = f"its loops need {needed / 1e6:.0f} MB of memory, and less is free"
            raise BundleError(self._bundle.path, reason)

    def _check_shapes(self) -> str:
        """Compare the graph with the spec; return the name of its input."""
        name = check_tensors(self._session, self._bundle.path)
        declared_in, declared_out = self._session.get_inputs()[0].shape, self._session.get_outputs()[0].shape
        wanted = ("n", self.spec.latent_size)
        if not _is_compatible(declared_in, wanted):
            raise SpecMismatch("network input", wanted, tuple(declared_in))
        layouts = self._layouts("n")
        if not any(_is_compatible(declared_out, layout) for layout in layouts):
            raise SpecMismatch("network output", layouts[0], tuple(declared_out))
        return name

    def _has_fixed_batch(self) -> bool:
        tensors = (self._session.get_inputs()[0], self._session.get_outputs()[0])
        return any(tensor.shape and tensor.shape[0] == 1 for tensor in tensors)

    def _layouts(self, n: int | str) -> list[tuple[int | str, ...]]:
        if self.spec.stems:
            return [(n, *self.spec.image_shape)]
        bins, frames = self.spec.image_shape
        return [(n, bins, frames), (n, 1, bins, frames), (n, bins, frames, 1)]

    def _run(self, latents: FloatArray) -> FloatArray:
        try:
            output: FloatArray = run_session(self._session, {self._input: latents})
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise BundleError(self._bundle.path, f"the network failed: {summarise_error(error)}") from error
        layouts = self._layouts(len(latents))
        if output.shape not in layouts:
            raise SpecMismatch("network output", layouts[0], output.shape)
        if not np.isfinite(output).all():
            raise BundleError(self._bundle.path, "the network returns NaN or infinity instead of an image")
        return output.reshape(len(latents), *self.spec.image_shape)


def _open_accelerated(source: str | bytes, threads: int, provider: str) -> tuple[Any | None, str]:
    """Return a session on this provider, or None and the reason."""
    import onnxruntime

    if PROVIDERS[provider] not in onnxruntime.get_available_providers():
        return None, "this ONNX Runtime was built without it"
    onnxruntime.set_default_logger_severity(4)  # a note reports a missing driver, not standard error
    try:
        session = open_session(source, threads, provider)
    except Exception as error:  # ONNX Runtime's errors share no base class
        return None, summarise_error(error)
    # If a provider's libraries are missing, ONNX Runtime silently uses the CPU.
    return (session, "") if PROVIDERS[provider] in session.get_providers() else (None, "its libraries do not load")


def _is_compatible(declared: Sequence[int | str | None], wanted: Sequence[int | str]) -> bool:
    """Return whether a graph's shape fits `wanted`: open dimensions fit any size, and the batch may be fixed to 1."""
    if len(declared) != len(wanted) or (isinstance(declared[0], int) and declared[0] != 1):
        return False
    return all(not isinstance(d, int) or d == w for d, w in zip(declared[1:], wanted[1:], strict=True))
