"""Circular constant-Q transform of a loop: narrow bands below, wide ones above, and an exact inverse.

A non-stationary Gabor frame: the spectrum of the whole loop is cut into overlapping bands by Hann windows, and each
band goes back to time at n_frames points. No band is wider than that many points can carry, so the frame operator is
diagonal over the spectrum and is undone by one division. Source: Velasco, Holighaus, Doerfler, Grill 2011.

Phase: a coefficient is the value of its band's analytic signal at the frame's centre, sample t * hop_length; nothing is
shifted down in frequency. So rotating the loop by whole hops rotates the coefficients, phases and all; a steady tone's
phase advances by the tone's frequency in every band; an impulse on a frame's centre has phase 0 there in all bands.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from technogan.arrays import ComplexArray, FloatArray
from technogan.errors import SpecError, SpecMismatch
from technogan.formats import ConstantQSettings
from technogan.transforms.base import Change, floored
from technogan.transforms.constant_q_layout import BandLayout, layout_of
from technogan.transforms.fourier import irfft, mean_rfft

# The magnitude of a full-scale sinusoid at a band's centre: as in an STFT with a Hann window of 512 points, so that one
# image scale serves both.
_TONE = 128.0

# A Hann window over [-w, w] is much like a Gaussian exp(-x^2 / (2 _VARIANCE w^2)). This is the fit of Prusa, Balazs,
# Sondergaard 2017, exp(-pi x^2 / (0.25645 n^2)) with n = 2 w; it is also the geometric mean of the curvatures that the
# two gradients see, of the window's peak (0.203) and of its transform's peak (0.131).
_VARIANCE = 2 * 0.25645 / math.pi

# Slopes over frequency are taken between bands at most this part of a reach away: further out a Hann window is not like
# a Gaussian any more.
_SLOPE_REACH = 0.5

_FEWEST_FRAMES = 16


class ConstantQ:
    """The transform for loops of `n_frames` frames; implements `technogan.transforms.base.Transform`.

    n_rows: rows of the image; n_bins may be more (`to_rows`, `from_rows`). frequencies: centres of all bins, float64
    (n_bins,), cycles a sample. Raises SpecError for settings that no loop of this size can have.
    """

    def __init__(self, n_frames: int, n_rows: int, *, hop_length: int, settings: ConstantQSettings) -> None:
        if n_frames < _FEWEST_FRAMES:
            raise SpecError(f"a constant-Q transform needs at least {_FEWEST_FRAMES} frames, not {n_frames}")
        layout = layout_of(n_rows, hop_length, settings)
        self.n_frames = n_frames
        self.n_bins = len(layout.centres)
        self.n_samples = n_frames * hop_length
        self.frequencies = layout.centres
        self._rows = layout.rows
        self._n_rows = n_rows
        self._place_windows(layout)
        self._weigh_steps(layout, hop_length)
        self._weigh_rows(layout)

    def forward(self, samples: FloatArray) -> ComplexArray:
        """float32 (n_samples,) -> complex64 (n_frames, n_bins)."""
        if samples.shape != (self.n_samples,):
            raise SpecMismatch("samples", (self.n_samples,), samples.shape)
        spectrum = mean_rfft(samples.astype(np.float32, copy=False))
        bands = self._mirrored(spectrum).take(self._source)
        bands *= self._analysis
        return np.fft.ifft(bands, axis=0).astype(np.complex64, copy=False)

    def inverse(self, coefficients: ComplexArray) -> FloatArray:
        """complex64 (n_frames, n_bins) -> float32 (n_samples,): least-squares, exact for a true transform."""
        self._check(coefficients, self.n_frames)
        bands = np.fft.fft(coefficients.astype(np.complex64, copy=False), axis=0, norm="forward")
        bands *= self._synthesis
        spectrum = np.zeros(self._mirror + self.n_samples // 2 + 1 + self._mirror, np.complex64)
        np.add.at(spectrum, self._source.ravel(), bands.ravel())
        return irfft(self._folded(spectrum), self.n_samples)

    def rewrite(self, samples: FloatArray, change: Change) -> FloatArray:
        """inverse(changed(forward(samples))), all frames at once; see `Transform.rewrite`."""
        coefficients = self.forward(samples)
        change(slice(0, self.n_frames), coefficients)
        return self.inverse(coefficients)

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Phase increments between neighbours in turns, from the magnitude alone; see `Transform.phase_steps`.

        Where a band's window over frequency is a Gaussian of variance v around f (cycles a sample), the phase p (turns)
        at sample n has the gradients dp/dn = f + v d log|V| / df and dp/df = -d log|V| / dn / (4 pi^2 v): those of
        Prusa, Balazs, Sondergaard 2017 with a window for each band. Trapezoidal rule.
        """
        self._check(magnitude, len(magnitude))
        magnitude = floored(magnitude)
        advance = self._advance(np.log(magnitude))
        time_steps = advance + np.roll(advance, -1, axis=0)
        time_steps += self._own_advance
        delay = self._delay(magnitude)
        frequency_steps = np.zeros_like(delay)
        np.add(delay[:, 1:], delay[:, :-1], out=frequency_steps[:, :-1])
        frequency_steps *= self._half_gaps
        return time_steps, frequency_steps

    def bass(self) -> None:
        """No smaller transform is needed: the lowest bands are narrow enough to fit together as they are."""

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Pick the image's rows. What lies outside the lowest and the highest of them is lost."""
        return magnitude if self.n_bins == self._n_rows else magnitude.take(self._rows, axis=-1)

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Interpolate the bins between rows over frequency; those below the lowest and above the highest are silent."""
        if rows.shape != (self.n_frames, self._n_rows):
            raise SpecMismatch("image rows (frames, rows)", (self.n_frames, self._n_rows), rows.shape)
        if self.n_bins == self._n_rows:
            return rows
        magnitude: FloatArray = rows.take(self._row_below, axis=1) * self._row_weights[0]
        magnitude += rows.take(self._row_above, axis=1) * self._row_weights[1]
        return magnitude

    def _place_windows(self, layout: BandLayout) -> None:
        """Which DFT bin each point of each band's n_frames-point spectrum holds, and its weight on both ways."""
        centres, reaches = layout.centres * self.n_samples, layout.reaches * self.n_samples
        # Point m of a band holds the one DFT bin congruent to m, modulo n_frames, within the band.
        first = np.floor(centres - reaches).astype(np.intp) + 1
        dft_bin = first + (np.arange(self.n_frames)[:, np.newaxis] - first) % self.n_frames
        distance = np.minimum(np.abs(dft_bin - centres) / reaches, 1)
        window = 0.5 + 0.5 * np.cos(np.pi * distance)
        # Bands reach over DC and Nyquist into the spectrum's mirror image.
        self._mirror = int(np.ceil(max(np.max(reaches - centres), np.max(centres + reaches) - self.n_samples / 2, 1)))
        n_mirrored = self._mirror + self.n_samples // 2 + 1 + self._mirror
        self._source = np.clip(dft_bin + self._mirror, 0, n_mirrored - 1)
        power = np.bincount(self._source.ravel(), (window**2).ravel(), minlength=n_mirrored)
        diagonal = self._mirrored(self._folded(power.astype(np.complex128))).real
        self._analysis = (window * (2 * _TONE * self.n_frames)).astype(np.float32)
        self._synthesis = (window / diagonal.take(self._source) * (self.n_samples / (2 * _TONE))).astype(np.float32)

    def _advance(self, level: FloatArray) -> FloatArray:
        """Half of what the phase gains in a frame beyond the band's own frequency, in turns, from log magnitudes.

        Three-point slope over the uneven frequencies. A band that answers nothing tells only that the tone is far away:
        so no tone is taken to be further off than the neighbour is.
        """
        rise = level.take(self._above, axis=1) - level
        np.clip(rise, -self._steepest, self._steepest, out=rise)
        fall = level.take(self._below, axis=1) - level
        np.clip(fall, -self._steepest, self._steepest, out=fall)
        rise *= self._rise_weights
        fall *= self._fall_weights
        rise += fall
        return rise

    def _delay(self, magnitude: FloatArray) -> FloatArray:
        """How many frames before the frame's centre the energy lies, from the magnitudes before and after.

        A Gaussian's log slope, -c t, from the difference of its values one frame on and one frame back, which is
        -2 exp(-c / 2) sinh(c t) of the value between. Unlike logs, it takes no harm from the zeros of real windows.
        """
        difference = np.roll(magnitude, 1, axis=0) - np.roll(magnitude, -1, axis=0)
        difference /= magnitude
        difference *= self._sinh_scale
        delay: FloatArray = np.arcsinh(difference)
        delay /= self._curvature
        return delay

    def _weigh_steps(self, layout: BandLayout, hop_length: int) -> None:
        """The bands and weights of `_advance` and `_delay`."""
        f, variance = layout.centres, _VARIANCE * layout.reaches**2
        band = np.arange(self.n_bins)
        # A hair more, for neighbours that lie at exactly this distance.
        reach = layout.reaches * (_SLOPE_REACH * (1 + 1e-9))
        self._below = np.maximum(np.minimum(np.searchsorted(f, f - reach), band - 1), 0)
        self._above = np.minimum(np.maximum(np.searchsorted(f, f + reach, side="right") - 1, band + 1), self.n_bins - 1)
        # The lowest and the highest band, which have a neighbour on one side only, are given no slope.
        inner = np.flatnonzero((self._below < band) & (self._above > band))
        left, right = f[inner] - f[self._below[inner]], f[self._above[inner]] - f[inner]
        weights = np.zeros((3, self.n_bins))
        weights[0, inner] = left * right / variance[inner]
        weights[1, inner] = left / right / (left + right) * variance[inner] * hop_length / 2
        weights[2, inner] = -right / left / (left + right) * variance[inner] * hop_length / 2
        self._steepest, self._rise_weights, self._fall_weights = weights.astype(np.float32)
        self._own_advance = (f * hop_length % 1).astype(np.float32)

        curvature = variance * (2 * np.pi * hop_length) ** 2
        self._curvature = curvature.astype(np.float32)
        self._sinh_scale = (np.exp(curvature / 2) / 2).astype(np.float32)
        self._half_gaps = (np.diff(f, append=f[-1]) * hop_length / 2).astype(np.float32)

    def _weigh_rows(self, layout: BandLayout) -> None:
        """Between which rows each bin lies, and how near to either."""
        rows = layout.centres[layout.rows]
        position = np.interp(layout.centres, rows, np.arange(self._n_rows))
        self._row_below = np.floor(position).astype(np.intp)
        self._row_above = np.minimum(self._row_below + 1, self._n_rows - 1)
        upper = position - self._row_below
        covered = (layout.centres >= rows[0]) & (layout.centres <= rows[-1])
        self._row_weights = (np.stack([1 - upper, upper]) * covered).astype(np.float32)

    def _mirrored(self, spectrum: npt.NDArray[np.complexfloating]) -> npt.NDArray[np.complexfloating]:
        """The spectrum of a real signal, continued below DC and above Nyquist by `_mirror` bins."""
        above = self.n_samples - len(spectrum)
        return np.concatenate(
            [
                spectrum[self._mirror : 0 : -1].conj(),
                spectrum,
                spectrum[above - self._mirror + 1 : above + 1][::-1].conj(),
            ]
        )

    def _folded(self, mirrored: npt.NDArray[np.complexfloating]) -> npt.NDArray[np.complexfloating]:
        """Add what was continued below DC and above Nyquist back to where it came from: the adjoint of `_mirrored`."""
        spectrum = mirrored[self._mirror : -self._mirror]
        above = self.n_samples - len(spectrum)
        spectrum[1 : self._mirror + 1] += mirrored[: self._mirror][::-1].conj()
        spectrum[above - self._mirror + 1 : above + 1] += mirrored[-self._mirror :][::-1].conj()
        return spectrum

    def _check(self, array: FloatArray | ComplexArray, n_frames: int) -> None:
        if array.shape != (n_frames, self.n_bins):
            raise SpecMismatch("spectrogram (frames, bins)", (n_frames, self.n_bins), array.shape)
