"""Circular short-time Fourier transform of a loop, the ground that phase reconstruction works on.

Frame t is centred on sample t * hop_length, indices modulo n_samples; the window is a periodic Hann of n_fft samples.
There are exactly n_samples / hop_length frames, and the inverse gives back exactly n_samples samples. Equal to a
centred STFT of the loop repeated for ever.
"""

from __future__ import annotations

import numpy as np

from technogan.arrays import ComplexArray, FloatArray
from technogan.errors import SpecMismatch
from technogan.transforms.base import Change, floored
from technogan.transforms.fourier import irfft, mean_rfft

# Points worked on at a time: window, spectrum and gain of 64 frames of 512 stay within a core's second-level cache.
_BLOCK_POINTS = 64 * 512

# The bass transform: the lowest sixteenth of the band, in as many frames of a sixteenth of the points.
_BASS = 16
_SMALLEST_BASS = 32

# A Hann window of n samples behaves like a Gaussian exp(-pi t^2 / (GAMMA n^2)). Source: Prusa, Balazs, Sondergaard
# 2017.
HANN_GAMMA = 0.25645


class Stft:
    """The transform for loops of `n_frames` frames; implements `technogan.transforms.base.Transform`."""

    def __init__(self, n_frames: int, *, n_fft: int = 512, hop_length: int = 128) -> None:
        self.n_frames = n_frames
        self.n_bins = n_fft // 2 + 1
        self.n_samples = n_frames * hop_length
        self._n_fft = n_fft
        self._hop_length = hop_length
        self._block = max(_BLOCK_POINTS // n_fft, 1)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
        # Frames a sample is part of, weighted: the squared windows add up to this constant everywhere.
        overlap = float(np.sum(window**2)) / hop_length
        # The forward transform divides by n_fft.
        self._analysis_window = (window * n_fft).astype(np.float32)
        self._synthesis_window = (window / overlap).astype(np.float32)

    def forward(self, samples: FloatArray) -> ComplexArray:
        """float32 (n_samples,) -> complex64 (n_frames, n_fft // 2 + 1)."""
        frames = self._frames(self._wrapped(samples))
        coefficients = np.empty((self.n_frames, self.n_bins), np.complex64)
        windowed = np.empty((self._block, self._n_fft), np.float32)
        for block in self._blocks():
            part = windowed[: block.stop - block.start]
            np.multiply(frames[block], self._analysis_window, out=part)
            mean_rfft(part, out=coefficients[block])
        return coefficients

    def inverse(self, coefficients: ComplexArray) -> FloatArray:
        """complex64 (n_frames, n_fft // 2 + 1) -> float32 (n_samples,): least-squares, exact for a true transform.

        Source: Griffin, Lim 1984.
        """
        self._check(coefficients, self.n_frames)
        padded = np.zeros(self.n_samples + self._n_fft, np.float32)
        for block in self._blocks():
            self._overlap_add(irfft(coefficients[block], self._n_fft), block.start, padded)
        return self._unwrapped(padded)

    def rewrite(self, samples: FloatArray, change: Change) -> FloatArray:
        """inverse(changed(forward(samples))) in one pass over the frames; see `Transform.rewrite`."""
        frames = self._frames(self._wrapped(samples))
        padded = np.zeros(self.n_samples + self._n_fft, np.float32)
        windowed = np.empty((self._block, self._n_fft), np.float32)
        spectrum = np.empty((self._block, self.n_bins), np.complex64)
        for block in self._blocks():
            part = slice(0, block.stop - block.start)
            np.multiply(frames[block], self._analysis_window, out=windowed[part])
            mean_rfft(windowed[part], out=spectrum[part])
            change(block, spectrum[part])
            irfft(spectrum[part], self._n_fft, out=windowed[part])
            self._overlap_add(windowed[part], block.start, padded)
        return self._unwrapped(padded)

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Phase increments between neighbours in turns, from the magnitude alone; see `Transform.phase_steps`.

        Source: Prusa, Balazs, Sondergaard 2017, equations 11 and 12, with central differences and the trapezoidal
        rule. Beyond the paper, differences over time are bounded, which brings more than a decibel on drums.
        """
        self._check(magnitude, len(magnitude))
        level = np.log(floored(magnitude))
        stretch = HANN_GAMMA * self._n_fft / self._hop_length
        slope = np.zeros_like(level)
        np.subtract(level[:, 2:], level[:, :-2], out=slope[:, 1:-1])
        time_steps = slope + np.roll(slope, -1, axis=0)
        time_steps *= np.float32(1 / (8 * np.pi * stretch))
        time_steps += (np.arange(self.n_bins) * self._hop_length / self._n_fft % 1).astype(np.float32)

        rise = np.concatenate([level[1:] - level[:-1], level[:1] - level[-1:]])
        # An event further than a hop from a frame's centre is nearer to the next frame's: no longer delay than a hop
        # counts.
        steepest = np.float32(2 * np.pi * self._hop_length / self._n_fft / stretch)
        np.clip(rise, -steepest, steepest, out=rise)
        slope = rise + np.roll(rise, 1, axis=0)
        frequency_steps = np.zeros_like(level)
        np.add(slope[:, 1:], slope[:, :-1], out=frequency_steps[:, :-1])
        frequency_steps *= np.float32(-stretch / (8 * np.pi))
        frequency_steps -= np.float32(0.5)
        return time_steps, frequency_steps

    def bass(self) -> Stft | None:
        """The same frames of a sixteenth of the points and of the band; see `Transform.bass`.

        A Hann window reaches three bins only, so thinning the samples out changes nothing but the uppermost bins.
        """
        small = bass_of(self._n_fft, self._hop_length)
        return small and Stft(self.n_frames, n_fft=small[0], hop_length=small[1])

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Leave the Nyquist bin out."""
        return magnitude[:, :-1]

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Put a silent Nyquist bin back."""
        magnitude = np.zeros((len(rows), self.n_bins), np.float32)
        magnitude[:, :-1] = rows
        return magnitude

    def _overlap_add(self, frames: FloatArray, first: int, padded: FloatArray) -> None:
        # Works in place on `frames`. Frame t covers the hop-long pieces t, t + 1, ... of the padded samples.
        frames *= self._synthesis_window
        n, pieces = len(frames), self._n_fft // self._hop_length
        target = padded.reshape(-1, self._hop_length)
        source = frames.reshape(n, pieces, self._hop_length)
        for piece in range(pieces):
            target[first + piece : first + piece + n] += source[:, piece]

    def _wrapped(self, samples: FloatArray) -> FloatArray:
        if samples.shape != (self.n_samples,):
            raise SpecMismatch("samples", (self.n_samples,), samples.shape)
        half = self._n_fft // 2
        return np.concatenate([samples[-half:], samples, samples[:half]]).astype(np.float32, copy=False)

    def _unwrapped(self, padded: FloatArray) -> FloatArray:
        half = self._n_fft // 2
        samples = padded[half:-half]
        samples[-half:] += padded[:half]
        samples[:half] += padded[-half:]
        return samples

    def _frames(self, wrapped: FloatArray) -> FloatArray:
        return np.lib.stride_tricks.sliding_window_view(wrapped, self._n_fft)[: self.n_samples : self._hop_length]

    def _check(self, array: FloatArray | ComplexArray, n_frames: int) -> None:
        if array.shape != (n_frames, self.n_bins):
            raise SpecMismatch("spectrogram (frames, bins)", (n_frames, self.n_bins), array.shape)

    def _blocks(self) -> list[slice]:
        return [slice(i, min(i + self._block, self.n_frames)) for i in range(0, self.n_frames, self._block)]


def bass_of(n_fft: int, hop_length: int) -> tuple[int, int] | None:
    """Points and hop of the bass transform; None where a sixteenth of these is too few."""
    if n_fft < _BASS * _SMALLEST_BASS:
        return None
    return n_fft // _BASS, hop_length // _BASS
