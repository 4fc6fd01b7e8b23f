"""Circular constant-Q transform of a loop: narrow low bands and wide high bands, which become the rows of an image."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SpecError
from technogan.formats import ConstantQSettings
from technogan.transforms.bands import BandTransform
from technogan.transforms.base import Bass, Transform, TransformKind, floor_magnitude, require_shape
from technogan.transforms.constant_q_layout import BandLayout, layout_of
from technogan.transforms.constant_q_steps import Neighbours, StepWeights

_FEWEST_FRAMES = 16

_ANGLES = 16


class ConstantQ(BandTransform, Transform):
    """The constant-Q transform of loops.

    `frequencies` are the centres of all bins, float64 (n_bins,), cycles per sample.

    Args:
        n_frames: frames of the loop.
        n_rows: rows of the image; n_bins may be higher.
        hop_length: samples from frame to frame.
        settings: the layout of the rows.

    Raises:
        SpecError: the settings are impossible for loops of this size.
    """

    kind: TransformKind = "constant-q"

    def __init__(self, n_frames: int, n_rows: int, *, hop_length: int, settings: ConstantQSettings) -> None:
        if n_frames < _FEWEST_FRAMES:
            raise SpecError(f"a constant-Q transform needs at least {_FEWEST_FRAMES} frames, not {n_frames}")
        layout = layout_of(n_rows, hop_length, settings)
        super().__init__(n_frames, hop_length, layout, splits=True)
        self.frequencies = layout.centres
        self._rows = layout.rows
        self._n_rows = n_rows
        self._weights = StepWeights.of(layout, hop_length)
        self._prepare_rows(layout)
        self._bass = _bass_of(n_frames, hop_length, layout)

    def phase_steps(self, magnitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Estimate phase differences; see `Transform.phase_steps`.

        If the window of a band is a Gaussian of variance v around the frequency f (cycles per sample), the phase p
        (turns) at sample n has the gradients dp/dn = f + v d log|V| / df and dp/df = -d log|V| / dn / (4 pi^2 v). These
        are the paper's gradients with one window for each band, integrated by the trapezoidal rule.

        Source: Průša, Balazs, Søndergaard 2017.
        """
        require_shape("spectrogram (frames, bins)", magnitude, (len(magnitude), self.n_bins))
        magnitude = floor_magnitude(magnitude)
        advance = self._half_advance(np.log(magnitude))
        time_steps = advance + self._weights.own_advance
        time_steps[:-1] += advance[1:]
        time_steps[-1] += advance[0]
        delay = self._delay(magnitude)
        frequency_steps = np.zeros_like(delay)
        np.add(delay[:, 1:], delay[:, :-1], out=frequency_steps[:, :-1])
        frequency_steps *= self._weights.half_gaps
        return time_steps, frequency_steps

    def bass(self) -> Bass:
        """Return the bands below half the frame rate, with one sample per frame; see `Transform.bass`."""
        return self._bass

    def to_rows(self, magnitude: FloatArray) -> FloatArray:
        """Select the image's rows; bins below the lowest and above the highest row are lost."""
        return magnitude if self.n_bins == self._n_rows else magnitude.take(self._rows, axis=-1)

    def from_rows(self, rows: FloatArray) -> FloatArray:
        """Interpolate the bins between rows; bins below the lowest and above the highest row are silent."""
        require_shape("image rows (frames, rows)", rows, (self.n_frames, self._n_rows))
        if self.n_bins == self._n_rows:
            return rows
        magnitude: FloatArray = rows.take(self._row_below, axis=1) * self._row_weights[0]
        magnitude += rows.take(self._row_above, axis=1) * self._row_weights[1]
        return magnitude

    def _half_advance(self, level: FloatArray) -> FloatArray:
        """Return half of the phase advance per frame relative to the band's own frequency, in turns.

        It is a three-point slope of log magnitudes over unevenly spaced frequencies. A silent neighbour shows only that
        the tone is far away, so the slope is limited to that of a tone at the neighbour's frequency.
        """
        rise = self._limited_difference(level, self._weights.above)
        fall = self._limited_difference(level, self._weights.below)
        rise *= self._weights.rise
        fall *= self._weights.fall
        rise += fall
        return rise

    def _limited_difference(self, level: FloatArray, neighbours: Neighbours) -> FloatArray:
        difference = np.empty_like(level)
        for bands, others in neighbours:
            np.subtract(level[:, others], level[:, bands], out=difference[:, bands])
        # np.clip takes three times as long with arrays as limits.
        np.minimum(difference, self._weights.steepest, out=difference)
        np.maximum(difference, -self._weights.steepest, out=difference)
        return difference

    def _delay(self, magnitude: FloatArray) -> FloatArray:
        """Return how many frames before the frame's centre the energy is, from the magnitudes before and after.

        The log slope of a Gaussian, -c t, follows from the difference of its values one frame later and one earlier,
        which is -2 exp(-c / 2) sinh(c t) times the value between. Unlike logs, this is robust to zeros of real windows.
        """
        difference = np.empty_like(magnitude)
        np.subtract(magnitude[:-2], magnitude[2:], out=difference[1:-1])
        difference[0] = magnitude[-1] - magnitude[1]
        difference[-1] = magnitude[-2] - magnitude[0]
        difference /= magnitude
        difference *= self._weights.sinh_scale
        delay: FloatArray = np.arcsinh(difference)
        delay /= self._weights.curvature
        return delay

    def _prepare_rows(self, layout: BandLayout) -> None:
        """Compute the two rows around each bin, and their weights."""
        rows = layout.centres[layout.rows]
        position = np.interp(layout.centres, rows, np.arange(self._n_rows))
        self._row_below = np.floor(position).astype(np.intp)
        self._row_above = np.minimum(self._row_below + 1, self._n_rows - 1)
        upper = position - self._row_below
        covered = (layout.centres >= rows[0]) & (layout.centres <= rows[-1])
        self._row_weights = (np.stack([1 - upper, upper]) * covered).astype(np.float32)


def _bass_of(n_frames: int, hop_length: int, layout: BandLayout) -> Bass:
    centres, reaches = layout.centres * hop_length, layout.reaches * hop_length
    lowest = np.arange(np.searchsorted(centres, 0.5))
    transform = BandTransform(n_frames, 1, BandLayout(centres[lowest], reaches[lowest], lowest))
    n_kept, n_mirrored = np.searchsorted(centres + reaches, 0.5), np.searchsorted(centres - reaches, 0)
    return Bass(transform, int(n_kept), int(n_mirrored), by_roots=True, n_angles=_ANGLES)
