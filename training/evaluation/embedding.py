"""Images as points that can be compared: a fixed embedding, without any network that was trained.

Three views of an image, all from its 8-bit grey values:

- mel: mean power in 32 mel bands from 30 Hz to 17 kHz (at 128 BPM), averaged over 4 frames (8 of a bar's 512), log10.
- texture: three layers of convolutions with fixed random weights, circular in time: mean and deviation of every channel
  in each quarter of the rows. How grainy, how smooth, how regular a picture is.
- onsets: by how much values rise within two frames, averaged over the rows of four bands, and over time as for mel.

Each is turned to the principal axes of a set of real images, and scaled so that these lie about 10 from their mean;
texture values are standardised first. Source: the Frechet distance on features of a fixed network, as in Heusel et al.
2017; random features in place of learned ones, as in Naeem et al. 2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray, GreyArray
from technogan.errors import SpecMismatch
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.transforms.constant_q_layout import layout_of
from training.evaluation.texture import Texture

DoubleArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

_MEL_AXES, _TEXTURE_AXES, _ONSET_AXES = 96, 64, 64
_SPREAD = 10.0
_LEAST_DEVIATION = 1e-6

_BPM = 128.0
_MEL_BANDS = 32
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 17000.0
# Added to the power before the logarithm: 84 dB below full scale.
_FAINT = 1e-4
_STEPS = 64
_SHORTEST_STEP = 4

# Pixels at once; the second layer takes 36 bytes a pixel for its patches, and 32 MB are taken and freed at little cost.
_PIXELS = 1 << 19

_RISE_FRAMES = 2
# Bass drums; bodies and stabs; claps and snares; hats. Hz.
_ONSET_EDGES_HZ = (170.0, 1330.0, 5430.0)


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What is seen in n images, before it is projected.

    mel, texture, onsets: float32 (n, values). envelope: float32 (n, n_frames), how much rises at each frame.
    """

    mel: FloatArray
    texture: FloatArray
    onsets: FloatArray
    envelope: FloatArray

    @classmethod
    def joined(cls, views: Iterable[Self]) -> Self:
        """Those of several batches, one after another."""
        parts = list(views)
        return cls(
            np.concatenate([part.mel for part in parts]),
            np.concatenate([part.texture for part in parts]),
            np.concatenate([part.onsets for part in parts]),
            np.concatenate([part.envelope for part in parts]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """n images in the embedding: float64 (n, axes) for each view; envelope as in `Views`."""

    mel: DoubleArray
    texture: DoubleArray
    onsets: DoubleArray
    envelope: FloatArray

    def __len__(self) -> int:
        return len(self.mel)


class LogMel:
    """The log-mel picture of a format: float32 (n, 32, steps), log10 of power."""

    def __init__(self, spectrogram_format: SpectrogramFormat) -> None:
        self._format = spectrogram_format
        self._bank = mel_bank(row_frequencies(spectrogram_format))

    def of_power(self, power: FloatArray) -> FloatArray:
        """power: float32 (n, n_bins, n_frames), squared magnitude."""
        bands = pooled(self._bank @ power, self._format)
        return np.asarray(np.log10(bands + np.float32(_FAINT)), np.float32)

    def of_images(self, images: FloatArray) -> FloatArray:
        """images: float32 (n, n_bins, n_frames), [-1, 1]."""
        value = np.clip(images * np.float32(0.5) + np.float32(0.5), 0, 1)
        return self.of_power(_power(value, self._format))


class Viewer:
    """Sees images of one format; see the module's text for what."""

    def __init__(self, spectrogram_format: SpectrogramFormat) -> None:
        self.format = spectrogram_format
        greys = np.arange(256, dtype=np.float32) / np.float32(255)
        self._values = greys
        self._powers = _power(greys, spectrogram_format)
        self._log_mel = LogMel(spectrogram_format)
        frequencies = row_frequencies(spectrogram_format)
        self._band_starts = np.searchsorted(frequencies, (0.0, *_ONSET_EDGES_HZ))
        self._texture = Texture()
        self._batch = max(1, _PIXELS // (spectrogram_format.n_bins * spectrogram_format.n_frames))

    def see(self, batches: Iterable[GreyArray]) -> Views:
        """batches: uint8 (n, n_bins, n_frames) each, at least one in all. Raises SpecMismatch for another size."""
        return Views.joined(self._see(part) for part in self._parts(batches))

    def _parts(self, batches: Iterable[GreyArray]) -> Iterator[GreyArray]:
        wanted = (self.format.n_bins, self.format.n_frames)
        for batch in batches:
            if batch.shape[1:] != wanted:
                raise SpecMismatch("images", f"(n, {wanted[0]}, {wanted[1]})", batch.shape)
            for start in range(0, len(batch), self._batch):
                yield batch[start : start + self._batch]

    def _see(self, images: GreyArray) -> Views:
        values = self._values[images]
        onsets = self._onsets(values)
        return Views(
            mel=self._log_mel.of_power(self._powers[images]).reshape(len(images), -1),
            texture=self._texture.of(values),
            onsets=pooled(onsets, self.format).reshape(len(images), -1),
            envelope=onsets.mean(axis=1),
        )

    def _onsets(self, values: FloatArray) -> FloatArray:
        """float32 (n, bands, n_frames)."""
        rises = np.maximum(values - np.roll(values, _RISE_FRAMES, axis=2), 0)
        edges = [*self._band_starts, self.format.n_bins]
        bands = [rises[:, low:high].mean(axis=1) for low, high in pairwise(edges) if high > low]
        return np.stack(bands, axis=1)


class Embedding:
    """Images of one format -> points, along the axes of the real images it is fitted to.

    batches: uint8 (n, n_bins, n_frames) each, in all at least 2 images; some 15 kB are held for each.
    """

    def __init__(self, spectrogram_format: SpectrogramFormat, batches: Iterable[GreyArray]) -> None:
        self._viewer = Viewer(spectrogram_format)
        views = self._viewer.see(batches)
        self._mel = Axes.fitted(views.mel, _MEL_AXES)
        self._texture = Axes.fitted(views.texture, _TEXTURE_AXES, standardised=True)
        self._onsets = Axes.fitted(views.onsets, _ONSET_AXES)

    @property
    def format(self) -> SpectrogramFormat:
        """The format of the images."""
        return self._viewer.format

    def points(self, batches: Iterable[GreyArray]) -> Points:
        """batches: uint8 (n, n_bins, n_frames) each, at least one image in all; only points are held."""
        mel, texture, onsets, envelopes = [], [], [], []
        for batch in batches:
            views = self._viewer.see([batch])
            mel.append(self._mel.project(views.mel))
            texture.append(self._texture.project(views.texture))
            onsets.append(self._onsets.project(views.onsets))
            envelopes.append(views.envelope)
        return Points(np.concatenate(mel), np.concatenate(texture), np.concatenate(onsets), np.concatenate(envelopes))


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Principal axes: mean (values,), vectors (values, axes), scaling included."""

    mean: DoubleArray
    vectors: DoubleArray

    @classmethod
    def fitted(cls, values: FloatArray, count: int, *, standardised: bool = False) -> Self:
        """The first `count` axes of float32 (n, values), or as many as n points have."""
        mean = values.mean(axis=0, dtype=np.float64)
        deviation = np.maximum(values.std(axis=0, dtype=np.float64), _LEAST_DEVIATION)
        unit = deviation if standardised else np.full_like(deviation, deviation.mean())
        centred = ((values - mean) / unit).astype(np.float32)
        axes = np.linalg.svd(centred, full_matrices=False)[2][: min(count, len(values) - 1)]
        gain = _SPREAD / np.sqrt(values.shape[1])
        return cls(mean, axes.T.astype(np.float64) * (gain / unit)[:, np.newaxis])

    def project(self, values: FloatArray) -> DoubleArray:
        """float32 (n, values) -> float64 (n, axes)."""
        points: DoubleArray = (values - self.mean) @ self.vectors
        return points


def row_frequencies(spectrogram_format: SpectrogramFormat) -> DoubleArray:
    """The centres of a format's rows, Hz at 128 BPM: float64 (n_bins,), rising."""
    settings = spectrogram_format.transform
    if isinstance(settings, StftSettings):
        cycles = np.arange(spectrogram_format.n_bins) / settings.n_fft
    else:
        layout = layout_of(spectrogram_format.n_bins, spectrogram_format.hop_length, settings)
        cycles = layout.centres[layout.rows]
    return np.asarray(cycles * spectrogram_format.sample_rate(_BPM), np.float64)


def mel_bank(frequencies: DoubleArray) -> FloatArray:
    """Triangles on the mel scale over rows at these frequencies, Hz: float32 (32, n_bins), each row's sum 1.

    A band in which no row lies takes the row nearest to its centre.
    """
    highest = min(_HIGHEST_HZ, float(frequencies[-1]))
    edges = _hertz(np.linspace(_mel(_LOWEST_HZ), _mel(highest), _MEL_BANDS + 2))
    bank = np.zeros((_MEL_BANDS, len(frequencies)))
    for band, (low, centre, high) in zip(bank, zip(edges, edges[1:], edges[2:], strict=False), strict=True):
        rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
        band[:] = np.maximum(np.minimum(rising, falling), 0)
        if not band.any():
            band[np.argmin(np.abs(frequencies - centre))] = 1
    return np.asarray(bank / bank.sum(axis=1, keepdims=True), np.float32)


def pooled(values: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Means over 4 frames, or so many more that 64 are left: (..., n_frames) -> (..., steps)."""
    n_frames = spectrogram_format.n_frames
    width = max(_SHORTEST_STEP, n_frames // _STEPS)
    steps = max(1, n_frames // width)
    spans = values[..., : steps * width].reshape(*values.shape[:-1], steps, -1)
    return np.asarray(spans.mean(axis=-1), np.float32)


def in_batches(array: GreyArray, indices: IndexArray | None = None, size: int = 64) -> Iterator[GreyArray]:
    """Images of an array that may be larger than memory; those of these indices, or all."""
    chosen = np.arange(len(array)) if indices is None else indices
    for start in range(0, len(chosen), size):
        yield np.asarray(array[chosen[start : start + size]])


def _power(value: FloatArray, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """Squared magnitude of picture values in [0, 1]."""
    squared_scale = np.float32(spectrogram_format.scale**2)
    return squared_scale * value ** np.float32(2 * spectrogram_format.power)


def _mel(frequency: float) -> float:
    return 2595 * float(np.log10(1 + frequency / 700))


def _hertz(mel: DoubleArray) -> DoubleArray:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
