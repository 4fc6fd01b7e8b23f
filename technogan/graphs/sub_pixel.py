"""The arithmetic that turns a transposed convolution into an ordinary one, without any framework.

With stride s every output is at one of s places between two inputs, and each place sums different taps of the kernel.
So s * s ordinary kernels compute all outputs, and interleaving them (DepthToSpace) puts them in order. Two extensions:
outputs may be computed in larger blocks, and the input may be read before its own interleaving.

Source: Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?"
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a transposed convolution: out[i * stride + k - begin] += in[i] * kernel[k].

    The ordinary convolution computes outputs in blocks: step q computes out[block * q + place] for each of `places`. It
    reads the input before an interleaving by `inner`: in[inner * c + residue] is residue `residue` of its input c. With
    c = step * q + tap the index in the kernel is k = place + begin - stride * (inner * tap + residue).
    """

    kernel: int
    stride: int
    begin: int
    end: int
    extra: int  # output_padding
    inner: int
    block: int  # a multiple of stride * inner
    places: tuple[int, ...]

    @classmethod
    def of(cls, kernel: int, stride: int, begin: int, end: int, extra: int = 0) -> Axis:
        """Return the plain case: blocks of one stride, and an input that was not interleaved."""
        return cls(kernel, stride, begin, end, extra, 1, stride, tuple(range(stride)))

    def blocked(self, block: int, inner: int) -> Axis:
        """Return the axis that computes the same outputs in larger blocks, from an input before its interleaving."""
        return replace(self, block=block, inner=inner, places=tuple(range(block)))

    def split(self) -> list[Axis]:
        """Return one axis for each place, so that no kernel is padded with zeros."""
        return [replace(self, places=(place,)) for place in self.places]

    @property
    def surplus(self) -> int:
        """Outputs beyond stride * inputs."""
        return self.kernel - self.stride - self.begin - self.end + self.extra

    @property
    def step(self) -> int:
        """Stride of the ordinary convolution."""
        return self.block // (self.stride * self.inner)

    @property
    def sources(self) -> list[tuple[int, int, int, int]]:
        """The place, input offset before interleaving, residue and index in the kernel of every product."""
        reach = range(-self.kernel - self.block - self.begin, self.kernel + self.block + self.begin)
        return [
            (place, offset // self.inner, offset % self.inner, place + self.begin - self.stride * offset)
            for place in self.places
            for offset in reach
            if 0 <= place + self.begin - self.stride * offset < self.kernel
        ]

    @property
    def reach(self) -> tuple[int, int]:
        """The first and the last input offset, before interleaving."""
        offsets = [offset for _, offset, _, _ in self.sources]
        return min(offsets), max(offsets)

    @property
    def pads(self) -> tuple[int, int]:
        """The pads of the ordinary convolution that let it compute every block, even if the last one is incomplete."""
        first, last = self.reach
        return -first, -(-self.surplus // self.block) + last + 1 - self.step

    @property
    def crop(self) -> int:
        """Surplus outputs of the last block."""
        return -self.surplus % self.block

    @property
    def is_possible(self) -> bool:
        """True if an ordinary convolution can compute the axis: its pads cannot be negative."""
        if self.begin < 0 or self.end < 0 or not self.sources or (self.step > 1 and self.surplus):
            return False
        return min(self.pads) >= 0


def convolution_kernel(kernel: Array, rows: Axis, columns: Axis) -> Array:
    """Return the ordinary kernel for a transposed one.

    Args:
        kernel: (n_in, n_out, height, width).
        rows: the axis of the height.
        columns: the axis of the width.

    Returns:
        (places * n_out, residues * n_in, taps, taps), with channels in the order of DepthToSpace (DCR): row place,
        column place, channel.
    """
    n_in, n_out = kernel.shape[:2]
    (top, bottom), (left, right) = rows.reach, columns.reach
    shape = (len(rows.places), len(columns.places), n_out, rows.inner, columns.inner, n_in)
    out = np.zeros((*shape, bottom - top + 1, right - left + 1), kernel.dtype)
    for row, row_offset, row_residue, i in rows.sources:
        for column, column_offset, column_residue, j in columns.sources:
            place = (rows.places.index(row), columns.places.index(column))
            taps = (row_offset - top, column_offset - left)
            out[(*place, slice(None), row_residue, column_residue, slice(None), *taps)] = kernel[:, :, i, j].T
    return out.reshape(len(rows.places) * len(columns.places) * n_out, -1, *out.shape[-2:])
