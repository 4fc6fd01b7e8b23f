"""Circular short-time Fourier transform of a loop, equal to a centred STFT of the endlessly repeated loop.

Frame t is centred on sample t * hop_length, indices modulo n_samples. The window is a periodic Hann window of n_fft
samples. There are exactly n_samples / hop_length frames, and the inverse returns exactly n_samples samples.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.transforms.base import Bass, Change, Transform, TransformKind, floor_magnitude, require_shape
from technogan.transforms.fourier import irfft, mean_rfft

# Points processed at a time: window, spectrum and gain of 64 frames of 512 points fit into a second-level cache.
_BLOCK_POINTS = 64 * 512

# The bass transform covers the lowest sixteenth of the band, in the same frames with a sixteenth of the points.
_BASS = 16
_SMALLEST_BASS = 32
# The uppermost bins of the bass transform are inaccurate.
BASS_MARGIN = 5
BASS_ANGLES = 8

# A Hann window of n samples behaves like a Gaussian exp(-pi t^2 / (GAMMA n^2)). Source: Průša, Balazs, Søndergaard
# 2017.
HANN_GAMMA = 0.25645


class Stft(Transform):
    """The STFT of loops of `n_frames` frames.

    Its signals are samples, and its only part is the whole: half of the frames would not be the same frames of a
    rotated loop.
    """

    kind: TransformKind = "stft"
    # The bins of a frame are adjacent.
    order: Literal["C"] = "C"

    def __init__(self, n_frames: int, *, n_fft: int = 512, hop_length: int = 128) -> None:
        self.n_frames = n_frames
        self.n_bins = n_fft // 2 + 1
        self.n_samples = n_frames * hop_length
        self._n_fft = n_fft
        self._hop_length = hop_length
        self._block = max(_BLOCK_POINTS // n_fft, 1)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
        # The squared windows add up to this constant at every sample.
        overlap = float(np.sum(window**2)) / hop_length
        # The forward transform divides by n_fft.
        self._analysis_window = (window * n_fft).astype(np.float32)
        self._synthesis_window = (window / overlap).astype(np.float32)

    def forward(self, samples: FloatArray) -> ComplexArray:
        """Transform samples; see `Transform.forward`. n_bins is n_fft // 2 + 1."""
        frames = self._frames(self._wrap(samples))
        coefficients = np.empty((self.n_frames, self.n_bins), np.complex64)
        windowed = np.empty((self._block, self._n_fft), np.float32)
        for block in self._blocks():
            part = windowed[: block.stop - block.start]
            np.multiply(frames[block], self._analysis_window, out=part)
            mean_rfft(part, out=coefficients[block])
        return coefficients

    def project(self, coefficients: ComplexArray) -> FloatArray:
        """Return the samples closest to the coefficients; see `Transform.inverse`. Source: Griffin, Lim 1984."""
        require_shape("spectrogram (frames, bins)", coefficients, (self.n_frames, self.n_bins))
        padded = np.zeros(self.n_samples + self._n_fft, np.float32)
        for block in self._blocks():
            self._overlap_add(irfft(coefficients[block], self._n_fft), block.start, padded)
        return self._unwrap(padded)

    def rewrite(self, signal: FloatArray, change: Change) -> FloatArray:
        """Modify coefficients in one pass over the frames; see `Transform.rewrite`."""
        frames = self._frames(self._wrap(signal))
        padded = np.zeros(self.n_samples + self._n_fft, np.float32)
        windowed = np.empty((self._block, self._n_fft), np.float32)
        spectrum = np.empty((self._block, self.n_bins), np.complex64)
        for block in self._blocks():
            part = slice(0, block.stop - block.start)
            np.multiply(frames[block], self._analysis_window, out=windowed[part])
            mean_rfft(windowed[part], out=spectrum[part])
            change((block, slice(None)), spectrum[part])
            irfft(spectrum[part], self._n_fft, out=windowed[part])
            self._overlap_add(windowed[part], block.start, padded)
        return self._unwrap(padded)

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Estimate phase differences; see `Transform.phase_steps`.

        Equations 11 and 12 of the paper, with central differences and the trapezoidal rule. Unlike in the paper,
        differences over time are bounded, which gains more than a decibel on drums.

        Source: Průša, Balazs, Søndergaard 2017.
        """
        require_shape("spectrogram (frames, bins)", magnitude, (len(magnitude), self.n_bins))
        level = np.log(floor_magnitude(magnitude))
        stretch = HANN_GAMMA * self._n_fft / self._hop_length
        slope = np.zeros_like(level)
        np.subtract(level[:, 2:], level[:, :-2], out=slope[:, 1:-1])
        time_steps = slope + np.roll(slope, -1, axis=0)
        time_steps *= np.float32(1 / (8 * np.pi * stretch))
        time_steps += (np.arange(self.n_bins) * self._hop_length / self._n_fft % 1).astype(np.float32)

        rise = np.concatenate([level[1:] - level[:-1], level[:1] - level[-1:]])
        # An event more than a hop from a frame's centre is closer to the next frame, so delays are limited to a hop.
        steepest = np.float32(2 * np.pi * self._hop_length / self._n_fft / stretch)
        np.clip(rise, -steepest, steepest, out=rise)
        slope = rise + np.roll(rise, 1, axis=0)
        frequency_steps = np.zeros_like(level)
        np.add(slope[:, 1:], slope[:, :-1], out=frequency_steps[:, :-1])
        frequency_steps *= np.float32(-stretch / (8 * np.pi))
        frequency_steps -= np.float32(0.5)
        return time_steps, frequency_steps

    def bass(self) -> Bass | None:
        """Return the lowest sixteenth of the band; see `Transform.bass`.

        A Hann window spans only three bins, so decimating the samples changes only the uppermost bins.
        """
        small = bass_size(self._n_fft, self._hop_length)
        if small is None:
            return None
        transform = Stft(self.n_frames, n_fft=small[0], hop_length=small[1])
        return Bass(transform, transform.n_bins - BASS_MARGIN, n_mirrored=2, by_roots=False, n_angles=BASS_ANGLES)

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Remove the Nyquist bin."""
        return magnitude[:, :-1]

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Append a silent Nyquist bin."""
        magnitude = np.zeros((len(rows), self.n_bins), np.float32)
        magnitude[:, :-1] = rows
        return magnitude

    def _overlap_add(self, frames: FloatArray, first: int, padded: FloatArray) -> None:
        # Modifies `frames`. Frame t covers the hop-long pieces t, t + 1, ... of the padded samples.
        frames *= self._synthesis_window
        n, pieces = len(frames), self._n_fft // self._hop_length
        target = padded.reshape(-1, self._hop_length)
        source = frames.reshape(n, pieces, self._hop_length)
        for piece in range(pieces):
            target[first + piece : first + piece + n] += source[:, piece]

    def _wrap(self, samples: FloatArray) -> FloatArray:
        require_shape("samples", samples, (self.n_samples,))
        half = self._n_fft // 2
        return np.concatenate([samples[-half:], samples, samples[:half]]).astype(np.float32, copy=False)

    def _unwrap(self, padded: FloatArray) -> FloatArray:
        half = self._n_fft // 2
        samples = padded[half:-half]
        samples[-half:] += padded[:half]
        samples[:half] += padded[-half:]
        return samples

    def _frames(self, padded: FloatArray) -> FloatArray:
        return np.lib.stride_tricks.sliding_window_view(padded, self._n_fft)[: self.n_samples : self._hop_length]

    def _blocks(self) -> list[slice]:
        return [slice(i, min(i + self._block, self.n_frames)) for i in range(0, self.n_frames, self._block)]


def bass_size(n_fft: int, hop_length: int) -> tuple[int, int] | None:
    """Return n_fft and hop_length of the bass transform, or None if it would have too few points."""
    if n_fft < _BASS * _SMALLEST_BASS:
        return None
    return n_fft // _BASS, hop_length // _BASS
