"""The circular band transform of `technogan.transforms.bands` in ONNX operators, for n loops at once.

The DFT of a band has two steps: R products over the blocks of J bins that the band covers, and then, for every R-th
frame, a product over the J bins of a block. Its matrix includes the twiddle factors. Coefficients are (n, R, bands, 2,
J), and frame t is at r + R * j. They are those of `BandTransform` times a phase that depends only on the band and r,
which neither magnitudes nor projections depend on.

The signal of single loops is their spectrum, (n, 2, blocks, J). A sequence has any number of frames, but matrices have
fixed sizes. So each loop of a sequence is transformed with some frames of its neighbours on both sides, which are not
used. The signal of a sequence is samples in pieces of one hop.

Source of the slices: Holighaus, Dörfler, Velasco, Grill 2013.
"""

from __future__ import annotations

import copy
from typing import Self

import numpy as np

from technogan.audio_graph.band_blocks import BandBlocks
from technogan.audio_graph.fourier import LoopFourier, as_matrix, rotations
from technogan.audio_graph.transform import TIME, InvertibleGraph
from technogan.graphs.builder import Graph
from technogan.transforms.bands import TONE
from technogan.transforms.base import TINY
from technogan.transforms.constant_q_layout import BandLayout

_BLOCKS, _BINS = 2, 2

# Frames of each neighbour in a sequence. With 32, coefficients are within 1e-4 of those of the whole sequence.
_CONTEXT = 32


class BandGraph(InvertibleGraph):
    """The bands of a layout. n_frames: of one loop, a multiple of 4.

    n_sequences: the number of sequences, a tensor (1,); None for single loops.
    """

    rank, parts_axis, bins_axis = 5, 3, 2

    def __init__(
        self, graph: Graph, n_frames: int, hop_length: int, layout: BandLayout, n_sequences: str | None
    ) -> None:
        self._graph = graph
        self._n_frames = n_frames
        self._hop_length = hop_length
        self._n_sequences = n_sequences
        self._context = 0 if n_sequences is None else min(_CONTEXT, n_frames)
        self._n_slice = n_frames + 2 * self._context
        self._use(BandBlocks(self._n_slice, hop_length, layout))
        margin = None if n_sequences is None else self._blocks.margin * self._blocks.size
        self._fourier = LoopFourier(graph, self._n_slice * hop_length, margin)

    def select(self, bands: slice) -> BandGraph:
        """Return the transform of some of the bands, with the same signals."""
        part = copy.copy(self)
        part._use(self._blocks.select(bands))
        return part

    def _use(self, blocks: BandBlocks) -> None:
        graph, size, width = self._graph, blocks.size, blocks.width
        self._blocks = blocks
        self.n_bins = len(blocks.first)
        self._n_residues = self._n_slice // size
        gain = 2 * TONE / self._hop_length
        # The matrices of both steps, and of their adjoints.
        residue, j = np.arange(self._n_residues)[:, np.newaxis], np.arange(size)
        turns = rotations(graph, residue, np.arange(width), self._n_residues, gain=gain / self._n_slice)
        self._over_blocks = as_matrix(graph, *turns)
        self._from_blocks = graph.add("Transpose", self._over_blocks, perm=[1, 0])
        frame = residue[..., np.newaxis] + self._n_residues * j
        cosine, sine = rotations(graph, j[:, np.newaxis], frame, self._n_slice)
        self._over_bins = as_matrix(graph, cosine, graph.add("Neg", sine), axis=1)
        self._from_bins = graph.add("Transpose", self._over_bins, perm=[0, 2, 1])
        self._overlaps = [graph.constant(table) for table in blocks.added]
        self._images = graph.constant(np.concatenate(blocks.mirrored))
        self._window = blocks.window(graph)
        power = graph.reshape(graph.add("Mul", self._window, self._window), 1, 1, -1, size)
        power = self._add_mirror_images(self._overlap_add(power), graph.number(1))
        # No window reaches the outermost bins.
        power = graph.add("Max", power, graph.number(float(TINY)))
        self._inverse_diagonal = graph.add("Div", graph.number(self._n_slice / gain**2), power)

    def within(self, graph: Graph) -> Self:
        """Return the same transform for the body of a loop."""
        inner = super().within(graph)
        inner._fourier = self._fourier.within(graph)
        return inner

    def forward(self, signal: str) -> str:
        """Transform a signal to coefficients."""
        graph, blocks = self._graph, self._blocks
        bands = graph.add("Gather", self._to_spectrum(signal), graph.constant(blocks.copied), axis=_BLOCKS)
        bands = graph.reshape(graph.add("Mul", bands, self._window), -1, 2 * blocks.width, self.n_bins * blocks.size)
        bands = graph.reshape(graph.add("MatMul", self._over_blocks, bands), -1, 2, *self._shape)
        bands = graph.reshape(graph.add("Transpose", bands, perm=[0, 2, 3, 1, 4]), *self._flat_shape)
        return self._unflatten(graph.add("MatMul", bands, self._over_bins))

    def project(self, coefficients: str) -> str:
        """Return the signal closest to coefficients in the least-squares sense."""
        graph, blocks = self._graph, self._blocks
        bands = graph.add("MatMul", graph.reshape(coefficients, *self._flat_shape), self._from_bins)
        bands = graph.add("Transpose", self._unflatten(bands), perm=[0, 3, 1, 2, 4])
        bands = graph.reshape(bands, -1, 2 * self._n_residues, self.n_bins * blocks.size)
        bands = graph.reshape(graph.add("MatMul", self._from_blocks, bands), -1, 2, blocks.width, *self._shape[1:])
        bands = graph.reshape(graph.add("Mul", bands, self._window), -1, 2, blocks.width * self.n_bins, blocks.size)
        conjugate = graph.constant(np.array([[1.0], [-1.0]]))
        spectrum = self._add_mirror_images(self._overlap_add(bands), conjugate)
        spectrum = graph.add("Mul", spectrum, self._inverse_diagonal)
        return spectrum if self._n_sequences is None else self._join_slices(self._to_loops(spectrum))

    def arrange(self, values: str) -> str:
        """Give values (n, n_frames, n_bins) the shape of coefficients with one part."""
        graph, size = self._graph, self._blocks.size
        frames = graph.reshape(self._cut_slices(values, self.n_bins), -1, size, self._n_residues, self.n_bins)
        return graph.add("Unsqueeze", graph.add("Transpose", frames, perm=[0, 2, 3, 1]), graph.integers(3))

    def arrange_turns(self, turns: str) -> str:
        """Do as `arrange` with phases, in turns, so that they become those of coefficients."""
        residue = np.arange(self._n_residues)[:, np.newaxis]
        own = self._blocks.first * residue % self._n_residues / self._n_residues
        return self._graph.plus(self.arrange(turns), -own[..., np.newaxis, np.newaxis].astype(np.float32))

    def to_pieces(self, signal: str) -> str:
        """Return the samples of a signal in pieces of one hop, (n, n_frames, hop_length)."""
        return signal if self._n_sequences is not None else self._to_loops(signal)

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self._n_residues, self.n_bins, self._blocks.size

    @property
    def _flat_shape(self) -> tuple[int, int, int, int]:
        """Coefficients with both parts in one axis."""
        return -1, self._n_residues, self.n_bins, 2 * self._blocks.size

    def _unflatten(self, bands: str) -> str:
        return self._graph.reshape(bands, -1, self._n_residues, self.n_bins, 2, self._blocks.size)

    def _overlap_add(self, bands: str) -> str:
        """Add the blocks of all bands to a spectrum: (n, parts, width * bands, J) -> (n, parts, blocks, J)."""
        graph = self._graph
        copies = (graph.add("Gather", bands, table, axis=_BLOCKS) for table in self._overlaps)
        spectrum, lowest = (graph.add("ReduceSum", each, graph.integers(_BLOCKS), keepdims=0) for each in copies)
        above = self._blocks.n_blocks - self._blocks.added[1].shape[1]
        return graph.add("Add", spectrum, graph.add("Pad", lowest, graph.integers(0, 0, 0, 0, 0, 0, above, 0)))

    def _add_mirror_images(self, spectrum: str, conjugate: str) -> str:
        """Add to the bins around DC and around Nyquist the conjugates of their mirror images."""
        graph, blocks = self._graph, self._blocks
        n_bins, around = blocks.n_blocks * blocks.size, 2 * blocks.margin * blocks.size
        bins = self._flatten(spectrum)
        images = graph.add("Mul", graph.add("Gather", bins, self._images, axis=_BINS), conjugate)
        low, high = graph.add_multi_output("Split", images, count=2, axis=_BINS, num_outputs=2)
        low = graph.add("Pad", low, graph.integers(0, 0, 0, 0, 0, n_bins - around))
        high = graph.add("Pad", high, graph.integers(0, 0, n_bins - around, 0, 0, 0))
        return self._split_blocks(graph.add("Sum", bins, low, high))

    def _flatten(self, spectrum: str) -> str:
        return self._graph.reshape(spectrum, 0, 0, -1)

    def _split_blocks(self, bins: str) -> str:
        return self._graph.reshape(bins, 0, 0, self._blocks.n_blocks, self._blocks.size)

    def _to_loops(self, spectrum: str) -> str:
        """Return the samples of spectra in pieces of one hop."""
        from_dc = self._graph.slice(self._flatten(spectrum), self._blocks.margin * self._blocks.size, None, _BINS)
        return self._graph.reshape(self._fourier.to_samples(from_dc), -1, self._n_slice, self._hop_length)

    def _to_spectrum(self, signal: str) -> str:
        if self._n_sequences is None:
            return signal
        samples = self._cut_slices(signal, self._hop_length)
        return self._split_blocks(self._fourier.to_spectrum(samples))

    def _cut_slices(self, frames: str, size: int) -> str:
        """Cut a sequence into loops with their contexts: (n, frames, size) -> (slices, n_slice, size)."""
        if self._n_sequences is None:
            return frames
        graph, context = self._graph, self._context
        loops = graph.add("Reshape", frames, graph.integers(0, -1, self._n_frames, size))
        before = graph.slice(graph.roll(loops, 1, 1), -context, None, 2)
        after = graph.slice(graph.roll(loops, -1, 1), 0, context, 2)
        return graph.reshape(graph.add("Concat", before, loops, after, axis=2), -1, self._n_slice, size)

    def _join_slices(self, pieces: str) -> str:
        """Join the loops of slices to sequences: the inverse of `_cut_slices`."""
        graph, context = self._graph, self._context
        loops = graph.slice(pieces, context, -context, TIME)
        shape = graph.add("Concat", self._n_sequences or "", graph.integers(-1, self._hop_length), axis=0)
        return graph.add("Reshape", loops, shape)
