"""Images in batches, since all of them might not fit into memory."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray, GreyArray
from technogan.network.generator import Generator
from technogan.progress import Progress

IndexArray = npt.NDArray[np.intp]
Batch = TypeVar("Batch", bound=npt.NDArray[np.generic])


def iterate_batches(array: GreyArray, indices: IndexArray | None = None, size: int = 64) -> Iterator[GreyArray]:
    """Read images from an array that may be larger than memory: those at `indices`, or all."""
    chosen = np.arange(len(array)) if indices is None else indices
    for start in range(0, len(chosen), size):
        yield np.asarray(array[chosen[start : start + size]])


def generate_batches(generator: Generator, latents: FloatArray) -> Iterator[FloatArray]:
    """Generate the images of latents, (n, latent_size): float32 (n, [stems,] n_bins, n_frames) each."""
    for start in range(0, len(latents), generator.batch_size):
        yield generator.generate(latents[start : start + generator.batch_size])


def report_batches(batches: Iterable[Batch], total: int, progress: Progress) -> Iterator[Batch]:
    """Pass batches on, and report the share of `total` images that were consumed."""
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        progress(done / total)


def stage(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress of one stage, which is this part of the whole."""
    return lambda done, total=1.0: progress(start + (end - start) * done / total)
