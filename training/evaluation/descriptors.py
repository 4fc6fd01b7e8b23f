"""Descriptors of loops, measured from images: how bright, busy, tonal or swinging a loop is.

Each is a number that grows with its property; only differences between loops of one format have a meaning.
"""

from collections.abc import Iterable

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat
from technogan.image import mix_images
from training.evaluation.embedding import DoubleArray, row_frequencies

# The names of the directions that increase the descriptors, in the order of `Descriptors.measure`.
NAMES = ("brighter", "busier", "more bass", "longer kick", "noisier", "more tonal", "more swing", "sparser")

_BASS_HZ, _MIDDLE_HZ = 150.0, 200.0
_KICK = "kick"
_RISE_FRAMES = 2
_STEPS_PER_BEAT = 4
# Pixels below this value are silent to the ear.
_SILENT_VALUE = 0.1
_FLOOR = 1e-9


class Descriptors:
    """The descriptors of a format's images. stems: the names of the images' stems, if they have any."""

    def __init__(self, spectrogram_format: SpectrogramFormat, stems: tuple[str, ...] = ()) -> None:
        self._format = spectrogram_format
        self._stems = stems
        self._frequencies = row_frequencies(spectrogram_format)
        self._octaves = np.log2(np.maximum(self._frequencies, 20.0))

    def measure(self, batches: Iterable[FloatArray]) -> DoubleArray:
        """Return the descriptors of images, float32 (n, [stems,] n_bins, n_frames) each: float64 (n in all, 8)."""
        return np.concatenate([self._measure(batch) for batch in batches])

    def _measure(self, images: FloatArray) -> DoubleArray:
        mixed = mix_images(images, self._format) if self._stems else images
        kick = images[:, self._stems.index(_KICK)] if _KICK in self._stems else mixed
        value = np.clip(mixed * 0.5 + 0.5, 0, 1)
        power = value ** np.float32(2 * self._format.power)
        level = power.sum(axis=(1, 2)) + _FLOOR
        rises = np.maximum(value - np.roll(value, _RISE_FRAMES, axis=2), 0)
        middle = self._frequencies > _MIDDLE_HZ
        columns = (
            (power.sum(axis=2) @ self._octaves) / level,
            rises.mean(axis=(1, 2)) / (value.mean(axis=(1, 2)) + _FLOOR),
            10 * np.log10(power[:, self._frequencies < _BASS_HZ].sum(axis=(1, 2)) / level + _FLOOR),
            self._kick_length(kick),
            _flatness(power[:, middle]),
            _tonality(value[:, middle]),
            self._swing(rises.mean(axis=1)),
            (value < _SILENT_VALUE).mean(axis=(1, 2)),
        )
        return np.stack(columns, axis=1).astype(np.float64)

    def _kick_length(self, images: FloatArray) -> FloatArray:
        """Return the share of time that the amplitude of the lowest rows is high: (n,)."""
        low = np.clip(images[:, self._frequencies < _BASS_HZ] * 0.5 + 0.5, 0, 1) ** np.float32(self._format.power)
        envelope = low.mean(axis=1)
        return np.asarray(envelope.mean(axis=1) / (envelope.max(axis=1) + np.float32(1e-4)))

    def _swing(self, envelope: FloatArray) -> FloatArray:
        """Return by how much the onsets at odd sixteenths are late, in sixteenths: (n,)."""
        steps = _STEPS_PER_BEAT * self._format.beats
        frames = self._format.n_frames // steps
        # Windows of a sixteenth around each odd sixteenth.
        windows = np.roll(envelope, frames // 2, axis=1).reshape(len(envelope), steps, frames)[:, 1::2]
        offsets = (np.arange(frames) - frames // 2) / frames
        return np.asarray((windows @ offsets).sum(axis=1) / (windows.sum(axis=(1, 2)) + _FLOOR))


def _flatness(power: FloatArray) -> FloatArray:
    """Return the mean spectral flatness of the frames, weighted by their power, in dB: (n,)."""
    weights = power.sum(axis=1)
    flatness = 10 * (np.log10(power + _FLOOR).mean(axis=1) - np.log10(power.mean(axis=1) + _FLOOR))
    return np.asarray((weights * flatness).sum(axis=1) / (weights.sum(axis=1) + _FLOOR))


def _tonality(value: FloatArray) -> FloatArray:
    """Return the share of changes along frequency among all changes: high for steady lines, low for clicks. (n,)."""
    along_frequency = (value[:, 1:] * np.abs(np.diff(value, axis=1))).mean(axis=(1, 2))
    along_time = (value * np.abs(value - np.roll(value, 1, axis=2))).mean(axis=(1, 2))
    return np.asarray(along_frequency / (along_frequency + along_time + _FLOOR))
