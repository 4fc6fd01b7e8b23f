"""The blocks of a spectrum that the bands of a constant-Q transform cover, as tables for ONNX graphs."""

from __future__ import annotations

import copy
import math

import numpy as np
import numpy.typing as npt

from technogan.audio_graph.fourier import largest_divisor
from technogan.errors import SpecError
from technogan.graphs.builder import Graph
from technogan.transforms.constant_q_layout import BandLayout

IndexArray = npt.NDArray[np.int32]


class BandBlocks:
    """A division of the spectrum of a loop into blocks of adjacent bins.

    Blocks begin `margin` blocks below DC and end as many above Nyquist, because bands reach into the mirror images. A
    block has `size` bins, a spectrum `n_blocks` blocks; `first` is the first block of each band, counted from DC.
    Raises SpecError if the format is too unusual to be exported: n_frames must be a multiple of 4.
    """

    def __init__(self, n_frames: int, hop_length: int, layout: BandLayout) -> None:
        if n_frames % 4:
            raise SpecError(f"constant-Q images can be exported if their frames are a multiple of 4, not {n_frames}")
        n_samples = n_frames * hop_length
        # About as many bins in a block as blocks in a band: the products are smallest, and copies not too short.
        self.size = size = largest_divisor(n_frames // 2, math.sqrt(2 * n_frames))
        self._centres, self._reaches = layout.centres * n_samples, layout.reaches * n_samples
        lowest = np.floor(self._centres - self._reaches).astype(np.int64) + 1
        highest = np.ceil(self._centres + self._reaches).astype(np.int64) - 1
        n_half = n_samples // 2
        # No band reaches the outermost bins, which have no mirror image.
        self.margin = -(-int(max(1 - lowest.min(), highest.max() + 1 - n_half)) // size)
        if 2 * self.margin * size > n_half:
            raise SpecError(f"frames {hop_length} samples apart are too close for constant-Q images to be exported")
        self.n_blocks = n_half // size + 2 * self.margin
        self.first = lowest // size
        self._needed = highest // size - self.first + 1

    def select(self, bands: slice) -> BandBlocks:
        """Return the same blocks for some of the bands."""
        part = copy.copy(self)
        part.first, part._needed = self.first[bands], self._needed[bands]
        part._centres, part._reaches = self._centres[bands], self._reaches[bands]
        return part

    @property
    def width(self) -> int:
        """The number of blocks per band: enough for the widest band, and for one band to have a silent block."""
        return int(self._needed.max()) + bool((self._needed == self._needed.max()).all())

    @property
    def copied(self) -> IndexArray:
        """The block of a spectrum for each block of each band, (width, bands)."""
        block = np.arange(self.width)[:, np.newaxis] + self.first + self.margin
        # Blocks that a band does not need may be beyond the spectrum.
        return np.asarray(np.minimum(block, self.n_blocks - 1), np.int32)

    @property
    def added(self) -> tuple[IndexArray, IndexArray]:
        """The blocks of bands that add up to each block of a spectrum, as indices into (width * bands).

        Two tables, (n, n_blocks) and (m, at most n_blocks): the second is for low blocks, where more bands overlap.
        """
        sources: list[list[int]] = [[] for _ in range(self.n_blocks)]
        n_bands = len(self.first)
        for band, (first, needed) in enumerate(zip(self.first, self._needed, strict=True)):
            for i in range(needed):
                sources[first + self.margin + i].append(i * n_bands + band)
        count = np.array([len(each) for each in sources])
        # Blocks that a band does not need are silent.
        silent = int((self.width - 1) * n_bands + np.argmin(self._needed))
        table = np.full((count.max(), self.n_blocks), silent, np.int32)
        for block, each in enumerate(sources):
            table[: len(each), block] = each
        ends = [int(np.flatnonzero(count > n).max(initial=-1)) + 1 for n in range(count.max() + 1)]
        costs = [n * self.n_blocks + (count.max() - n) * end for n, end in enumerate(ends)]
        n_common = int(np.argmin(costs))
        return table[:n_common], table[n_common:, : ends[n_common]]

    @property
    def mirrored(self) -> tuple[IndexArray, IndexArray]:
        """The mirror images of the bins around DC and around Nyquist, as indices into (n_blocks * size)."""
        around = 2 * self.margin * self.size
        image = around - np.arange(around, dtype=np.int32)
        low, high = image, image + self.n_blocks * self.size - around
        # The outermost bins have no image; bin 0 is silent.
        low[0] = high[0] = 0
        return low, high

    def window(self, graph: Graph) -> str:
        """Add the windows of all bands to a graph, (width, bands, size)."""
        bins = np.arange(self.width * self.size, dtype=np.float32).reshape(self.width, 1, self.size)
        offset = ((self.first * self.size - self._centres) / self._reaches)[:, np.newaxis].astype(np.float32)
        step = (1 / self._reaches)[:, np.newaxis].astype(np.float32)
        distance = graph.add("Abs", graph.plus(graph.times(graph.constant(bins), step), offset))
        angle = graph.add("Mul", graph.add("Min", distance, graph.number(1)), graph.number(np.pi))
        half = graph.number(0.5)
        return graph.add("Add", graph.add("Mul", graph.add("Cos", angle), half), half)
