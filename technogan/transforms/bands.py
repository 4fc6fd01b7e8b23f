"""Circular band transform of a loop: cuts its spectrum into overlapping bands, with an exact inverse.

The transform is a non-stationary Gabor frame. Hann windows cut the spectrum of the whole loop into overlapping bands,
and each band is transformed back to n_frames points in time. No band is wider than n_frames points can represent, so
the frame operator is diagonal over the spectrum and one division inverts it.

A coefficient is the value of its band's analytic signal at the frame's centre, sample t * hop_length, without any
frequency shift. So rotating the loop by whole hops rotates the coefficients, including their phases. The phase of a
steady tone advances by the tone's frequency in every band, and an impulse at a frame's centre has phase 0 in all bands.

Source: Velasco, Holighaus, Dörfler, Grill 2011.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.base import Change, InvertibleTransform, Signal, require_shape
from technogan.transforms.constant_q_layout import BandLayout, IndexArray
from technogan.transforms.fourier import irfft, rfft

# The magnitude of a full-scale sinusoid at a band's centre, as in an STFT with a Hann window of 512 points: so both
# share one image scale.
TONE = 128.0

# Points processed at a time, so that coefficients stay in a processor's cache: 160 bands of 512 frames.
_BLOCK_POINTS = 160 * 512

# Bands overlap by half if they are at most one reach apart, or slightly more by rounding.
_LARGEST_GAP = 1 + 1e-9


class BandTransform(InvertibleTransform):
    """The transform of loops to the bands of a layout.

    Its signals are spectra, so that iterations do not compute the samples: complex64 (n_samples // 2 + 1,).

    Args:
        n_frames: frames of the loop.
        hop_length: samples from frame to frame.
        layout: the bands.
        splits: have `parts`, if they are possible.
    """

    # A band's coefficients are adjacent.
    order: Literal["F"] = "F"

    def __init__(self, n_frames: int, hop_length: int, layout: BandLayout, *, splits: bool = False) -> None:
        self.n_frames = n_frames
        self.n_samples = n_frames * hop_length
        self._halves: Sequence[tuple[slice, BandTransform]] = ()
        self._prepare_windows(layout)
        if splits:
            self._halves = self._split(layout)

    @property
    def parts(self) -> Sequence[tuple[slice, InvertibleTransform]]:
        """Even and odd bands if they still overlap by half, else all bands; see `InvertibleTransform.parts`."""
        return self._halves or super().parts

    def forward(self, samples: FloatArray) -> ComplexArray:
        """Transform samples; see `InvertibleTransform.forward`."""
        require_shape("samples", samples, (self.n_samples,))
        extended = self._extend(self.to_signal(samples))
        bands = np.empty((self.n_bins, self.n_frames), np.complex64)
        for block in self._blocks:
            self._cut(extended, block, bands[block])
        return bands.T

    def to_signal(self, samples: FloatArray) -> ComplexArray:
        """Return the spectrum of samples."""
        return rfft(samples.astype(np.float32, copy=False))

    def to_samples(self, signal: Signal) -> FloatArray:
        """Return the samples of a spectrum."""
        return irfft(signal, self.n_samples)

    def project(self, coefficients: ComplexArray) -> ComplexArray:
        """Return the spectrum of the closest samples; see `InvertibleTransform.project`."""
        require_shape("spectrogram (frames, bins)", coefficients, (self.n_frames, self.n_bins))
        bands = coefficients.astype(np.complex64, copy=False).T
        extended = self._empty_spectrum()
        for block in self._blocks:
            self._add(bands[block].copy(), block, extended)
        return self._fold(extended) * self._inverse_diagonal

    def rewrite(self, signal: Signal, change: Change) -> ComplexArray:
        """Modify coefficients in one pass over the bands; see `InvertibleTransform.rewrite`."""
        extended = self._extend(signal)
        rewritten = self._empty_spectrum()
        bands = np.empty((self._blocks[0].stop, self.n_frames), np.complex64)
        for block in self._blocks:
            part = bands[: block.stop - block.start]
            self._cut(extended, block, part)
            change((slice(None), block), part.T)
            self._add(part, block, rewritten)
        return self._fold(rewritten) * self._inverse_diagonal

    def _split(self, layout: BandLayout) -> Sequence[tuple[slice, BandTransform]]:
        gaps = layout.centres[2:] - layout.centres[:-2]
        if np.any(gaps > _LARGEST_GAP * layout.reaches[1:-1]):
            return ()
        return [(bands, self._select(bands)) for bands in (slice(0, None, 2), slice(1, None, 2))]

    def _select(self, bands: slice) -> BandTransform:
        part = copy.copy(self)
        part._use(self._source[bands].copy(), self._window[bands].copy())
        return part

    def _cut(self, extended: ComplexArray, block: slice, bands: ComplexArray) -> None:
        """Write the coefficients of some bands, complex64 (bands, n_frames)."""
        extended.take(self._source[block], out=bands, mode="clip")
        bands *= self._window[block]
        np.fft.ifft(bands, out=cast(Any, bands))

    def _add(self, bands: ComplexArray, block: slice, extended: ComplexArray) -> None:
        """Add the windowed spectra of some bands, complex64 (bands, n_frames), to a spectrum; overwrites the bands."""
        np.fft.fft(bands, norm="forward", out=cast(Any, bands))
        bands *= self._window[block]
        np.add.at(extended, self._source[block].ravel(), bands.ravel())

    def _prepare_windows(self, layout: BandLayout) -> None:
        """Compute the DFT bin and the weight of each point of each band's spectrum."""
        centres = (layout.centres * self.n_samples)[:, np.newaxis]
        reaches = (layout.reaches * self.n_samples)[:, np.newaxis]
        # Point m of a band is the one DFT bin within the band that is congruent to m modulo n_frames.
        first = np.floor(centres - reaches).astype(np.intp) + 1
        dft_bin = first + (np.arange(self.n_frames) - first) % self.n_frames
        distance = np.minimum(np.abs(dft_bin - centres) / reaches, 1)
        window = 0.5 + 0.5 * np.cos(np.pi * distance)
        # Bands extend beyond DC and Nyquist into the mirror image of the spectrum.
        self._mirror = int(np.ceil(max(np.max(reaches - centres), np.max(centres + reaches) - self.n_samples / 2, 1)))
        n_mirrored = self._mirror + self.n_samples // 2 + 1 + self._mirror
        window *= 2 * TONE * self.n_frames / self.n_samples
        self._use(np.clip(dft_bin + self._mirror, 0, n_mirrored - 1), window.astype(np.float32))

    def _use(self, source: IndexArray, window: FloatArray) -> None:
        """Use the bands with these DFT bins, in the extended spectrum, and these weights: (n_bins, n_frames)."""
        self.n_bins = len(source)
        self._source, self._window = source, window
        size = max(_BLOCK_POINTS // self.n_frames, 1)
        self._blocks = [slice(i, min(i + size, self.n_bins)) for i in range(0, self.n_bins, size)]
        power = np.bincount(source.ravel(), np.square(window).ravel(), minlength=len(self._empty_spectrum()))
        self._inverse_diagonal = (self.n_frames / self._fold(power.astype(np.complex128)).real).astype(np.float32)

    def _empty_spectrum(self) -> ComplexArray:
        return np.zeros(self._mirror + self.n_samples // 2 + 1 + self._mirror, np.complex64)

    def _extend(self, spectrum: npt.NDArray[np.complexfloating]) -> npt.NDArray[np.complexfloating]:
        """Extend the spectrum of a real signal below DC and above Nyquist by `_mirror` bins."""
        above = self.n_samples - len(spectrum)
        low, high = spectrum[self._mirror : 0 : -1], spectrum[above - self._mirror + 1 : above + 1][::-1]
        return np.concatenate([low.conj(), spectrum, high.conj()])

    def _fold(self, extended: npt.NDArray[np.complexfloating]) -> npt.NDArray[np.complexfloating]:
        """Add the bins below DC and above Nyquist to the bins they mirror; the adjoint of `_extend`."""
        spectrum = extended[self._mirror : -self._mirror]
        above = self.n_samples - len(spectrum)
        spectrum[1 : self._mirror + 1] += extended[: self._mirror][::-1].conj()
        spectrum[above - self._mirror + 1 : above + 1] += extended[-self._mirror :][::-1].conj()
        # These bins of a real signal are real.
        spectrum.imag[0] = 0
        if self.n_samples % 2 == 0:
            spectrum.imag[-1] = 0
        return spectrum
