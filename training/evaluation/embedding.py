"""A fixed embedding of images, without a trained network, for comparing sets of images.

Three kinds of features are computed from the 8-bit grey values of an image:

- mel: mean power in 32 mel bands from 30 Hz to 17 kHz (at 128 BPM), averaged over 4 frames (8 of a bar's 512), log10.
- texture: mean and standard deviation of every channel of three convolutional layers, in each quarter of the rows. The
  layers have fixed random weights and are circular in time. They capture how grainy, smooth or regular an image is.
- onsets: the rises of pixel values within two frames, averaged over the rows of four bands, and over time as for mel.

Each is projected onto its principal axes (PCA) over a set of real images, and scaled so that these are about 10 from
their mean; texture features are standardised first. Source: the Fréchet distance on features of a fixed network, as in
Heusel et al. 2017; random features in place of learned ones, as in Naeem et al. 2020.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from technogan import transforms
from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat
from training.evaluation.texture import texture_features

DoubleArray = npt.NDArray[np.float64]

_MEL_AXES, _TEXTURE_AXES, _ONSET_AXES = 96, 64, 64
_POINT_RADIUS = 10.0
_MIN_DEVIATION = 1e-6

_BPM = 128.0
_MEL_BANDS = 32
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 17000.0
# Added to the power before the logarithm: 84 dB below full scale.
_POWER_FLOOR = 1e-4
_MAX_STEPS = 64
_MIN_STEP_FRAMES = 4

# The second texture layer allocates 36 bytes per pixel for its patches; this many pixels keep that below 32 MB.
_MAX_PIXELS = 1 << 19

_RISE_FRAMES = 2
# Boundaries in Hz between bass drums, bodies and stabs, claps and snares, and hats.
_ONSET_EDGES_HZ = (170.0, 1330.0, 5430.0)


class Features(NamedTuple):
    """Features of n images.

    mel, texture, onsets: float32 (n, values) before projection, float64 (n, axes) as points of the embedding. envelope:
    float32 (n, n_frames), onset strength at each frame.
    """

    mel: npt.NDArray[Any]
    texture: npt.NDArray[Any]
    onsets: npt.NDArray[Any]
    envelope: FloatArray


class LogMel:
    """Log-mel spectrograms of a format: float32 (n, 32, steps), log10 of power."""

    def __init__(self, spectrogram_format: SpectrogramFormat) -> None:
        self._format = spectrogram_format
        self._filters = mel_filters(row_frequencies(spectrogram_format))

    def of_power(self, power: FloatArray) -> FloatArray:
        """Return log-mel spectrograms of squared magnitudes, float32 (n, n_bins, n_frames)."""
        bands = pool_frames(self._filters @ power, self._format)
        return np.asarray(np.log10(bands + np.float32(_POWER_FLOOR)), np.float32)

    def of_images(self, images: FloatArray) -> FloatArray:
        """Return log-mel spectrograms of images, float32 (n, n_bins, n_frames), [-1, 1]."""
        value = np.clip(images * np.float32(0.5) + np.float32(0.5), 0, 1)
        return self.of_power(_power(value, self._format))


class FeatureExtractor:
    """Extractor of the features of images of one format; see the module's docstring."""

    def __init__(self, spectrogram_format: SpectrogramFormat) -> None:
        self.format = spectrogram_format
        self._values = np.arange(256, dtype=np.float32) / np.float32(255)
        self._powers = _power(self._values, spectrogram_format)
        self._log_mel = LogMel(spectrogram_format)
        frequencies = row_frequencies(spectrogram_format)
        self._band_starts = np.searchsorted(frequencies, (0.0, *_ONSET_EDGES_HZ))
        self._batch = max(1, _MAX_PIXELS // (spectrogram_format.n_bins * spectrogram_format.n_frames))

    def extract(self, batches: Iterable[GreyArray]) -> Features:
        """Extract the features of batches of images, uint8 (n, n_bins, n_frames) each, at least one image in all.

        Raises SpecMismatch if the images have another size.
        """
        return _concatenate(map(self._extract_part, self._parts(batches)))

    def _parts(self, batches: Iterable[GreyArray]) -> Iterator[GreyArray]:
        wanted = (self.format.n_bins, self.format.n_frames)
        for batch in batches:
            if batch.shape[1:] != wanted:
                raise SpecMismatch("images", f"(n, {wanted[0]}, {wanted[1]})", batch.shape)
            for start in range(0, len(batch), self._batch):
                yield batch[start : start + self._batch]

    def _extract_part(self, images: GreyArray) -> Features:
        values = self._values[images]
        onsets = self._onsets(values)
        return Features(
            mel=self._log_mel.of_power(self._powers[images]).reshape(len(images), -1),
            texture=texture_features(values),
            onsets=pool_frames(onsets, self.format).reshape(len(images), -1),
            envelope=onsets.mean(axis=1),
        )

    def _onsets(self, values: FloatArray) -> FloatArray:
        """Rises of pixel values: float32 (n, bands, n_frames)."""
        rises = np.maximum(values - np.roll(values, _RISE_FRAMES, axis=2), 0)
        edges = [*self._band_starts, self.format.n_bins]
        bands = [rises[:, low:high].mean(axis=1) for low, high in pairwise(edges) if high > low]
        return np.stack(bands, axis=1)


class Embedding:
    """A map from images of one format to points, fitted to real images.

    batches: uint8 (n, n_bins, n_frames) each, at least 2 images in all; fitting takes about 15 kB of memory per image.
    """

    def __init__(self, spectrogram_format: SpectrogramFormat, batches: Iterable[GreyArray]) -> None:
        self._extractor = FeatureExtractor(spectrogram_format)
        features = self._extractor.extract(batches)
        self._mel = PrincipalAxes.fit(features.mel, _MEL_AXES)
        self._texture = PrincipalAxes.fit(features.texture, _TEXTURE_AXES, standardise=True)
        self._onsets = PrincipalAxes.fit(features.onsets, _ONSET_AXES)

    @property
    def format(self) -> SpectrogramFormat:
        """The format of the images."""
        return self._extractor.format

    def project(self, batches: Iterable[GreyArray]) -> Features:
        """Project batches of images, uint8 (n, n_bins, n_frames) each, at least one image in all, one by one."""
        return _concatenate(map(self._project_batch, batches))

    def _project_batch(self, batch: GreyArray) -> Features:
        features = self._extractor.extract([batch])
        return Features(
            self._mel.project(features.mel),
            self._texture.project(features.texture),
            self._onsets.project(features.onsets),
            features.envelope,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalAxes:
    """Principal axes of features: mean (values,), vectors (values, axes) with scaling included."""

    mean: DoubleArray
    vectors: DoubleArray

    @classmethod
    def fit(cls, values: FloatArray, count: int, *, standardise: bool = False) -> Self:
        """Compute the first `count` axes of float32 (n, values), at most n - 1."""
        mean = values.mean(axis=0, dtype=np.float64)
        deviation = np.maximum(values.std(axis=0, dtype=np.float64), _MIN_DEVIATION)
        unit = deviation if standardise else np.full_like(deviation, deviation.mean())
        centred = ((values - mean) / unit).astype(np.float32)
        axes = np.linalg.svd(centred, full_matrices=False)[2][: min(count, len(values) - 1)]
        gain = _POINT_RADIUS / np.sqrt(values.shape[1])
        return cls(mean, axes.T.astype(np.float64) * (gain / unit)[:, np.newaxis])

    def project(self, values: FloatArray) -> DoubleArray:
        """Project float32 (n, values) to float64 (n, axes)."""
        points: DoubleArray = (values - self.mean) @ self.vectors
        return points


def row_frequencies(spectrogram_format: SpectrogramFormat) -> DoubleArray:
    """Return the centre frequencies of a format's rows in Hz at 128 BPM: float64 (n_bins,), ascending."""
    cycles = transforms.row_frequencies(spectrogram_format)
    return np.asarray(cycles * spectrogram_format.sample_rate(_BPM), np.float64)


def mel_filters(frequencies: DoubleArray) -> FloatArray:
    """Return a bank of triangular mel filters for rows at these frequencies in Hz: float32 (32, n_bins).

    Each filter sums to 1. A band without a row takes the row nearest to its centre.
    """
    highest = min(_HIGHEST_HZ, float(frequencies[-1]))
    edges = _hertz(np.linspace(_mel(_LOWEST_HZ), _mel(highest), _MEL_BANDS + 2))
    filters = np.zeros((_MEL_BANDS, len(frequencies)))
    for band, (low, centre, high) in zip(filters, zip(edges, edges[1:], edges[2:], strict=False), strict=True):
        rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
        band[:] = np.maximum(np.minimum(rising, falling), 0)
        if not band.any():
            band[np.argmin(np.abs(frequencies - centre))] = 1
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), np.float32)


def pool_frames(values: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Average over at least 4 frames so that at most 64 steps remain: (..., n_frames) to (..., steps)."""
    n_frames = spectrogram_format.n_frames
    width = max(_MIN_STEP_FRAMES, n_frames // _MAX_STEPS)
    steps = max(1, n_frames // width)
    spans = values[..., : steps * width].reshape(*values.shape[:-1], steps, -1)
    return np.asarray(spans.mean(axis=-1), np.float32)


def _concatenate(batches: Iterable[Features]) -> Features:
    return Features(*map(np.concatenate, zip(*batches, strict=True)))


def _power(value: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Squared magnitude of pixel values in [0, 1]."""
    squared_scale = np.float32(spectrogram_format.scale**2)
    return squared_scale * value ** np.float32(2 * spectrogram_format.power)


def _mel(frequency: float) -> float:
    return 2595 * float(np.log10(1 + frequency / 700))


def _hertz(mel: DoubleArray) -> DoubleArray:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
