"""Measure what a format and a method lose of a sound: errors by frequency band, of transients and of onsets.

A sound's magnitude becomes an image, and the image becomes a sound again. An error is the mean difference in dB of the
two sounds' magnitudes in a short-time Fourier transform of a suitable window, over all points within 50 dB of the
strongest one of the band in the original. Onsets are compared by the correlation of their curves. Frequencies are
those at 128 BPM.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from technogan.allocator import keep_freed_blocks
from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.image import to_image, to_magnitude
from technogan.phase.reconstruction import reconstruct, spectral_convergence
from technogan.transforms import transform_of
from technogan.transforms.base import TINY
from technogan.transforms.stft import Stft

PROTOTYPE = "prototype"
METHODS = ("fast", "best", PROTOTYPE)

# Every format has 16384 samples per beat.
SAMPLE_RATE = 16384 * 128 / 60
_FLOOR_DB = 50
_TRANSIENT_POINTS = 128
_FAST_ROUNDS = 30

# (samples, format) -> samples, for a method that works on images in its own way.
Reconstruct = Callable[[FloatArray, SpectrogramFormat], npt.NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of frequencies in Hz, and the window in samples that resolves it."""

    n_fft: int
    low: float = 0.0
    high: float = np.inf


BANDS = {
    "bass": Band(8192, 30, 150),
    "low_mids": Band(4096, 150, 600),
    "mids": Band(1024, 600, 4000),
    "transients": Band(_TRANSIENT_POINTS),
}


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of one sound. All in dB except onsets; lower is closer.

    Attributes:
        bass, low_mids, mids: mean error from 30 to 150, 150 to 600 and 600 to 4000 Hz.
        transients: mean error of all frequencies in windows of 128 samples.
        onsets: correlation of the onset curves, at most 1.
        convergence: spectral convergence to the image, in the format's transform.
    """

    bass: float
    low_mids: float
    mids: float
    transients: float
    onsets: float
    convergence: float


@dataclass(frozen=True, slots=True)
class BandRow:
    """The median errors of several sounds in a format with a method, and the shortest processor time of a loop."""

    format: str
    rows: int
    method: str
    errors: Errors
    ms: float


def measure_bands(
    formats: Sequence[SpectrogramFormat], sounds: Sequence[FloatArray], prototype: Reconstruct
) -> Iterator[BandRow]:
    """Yield the errors of each format with each method; of the prototype's only where a format is an STFT.

    Methods and formats take turns on every sound, so that other load on the machine affects all of them.

    Args:
        formats: the formats.
        sounds: float32 (n,), at least as long as a loop of each format, which gets their beginning.
        prototype: returns the sound that the prototype's method makes of an image.
    """
    keep_freed_blocks()
    cases = [
        _Case(each, method, prototype)
        for each in formats
        for method in METHODS
        if method != PROTOTYPE or isinstance(each.transform, StftSettings)
    ]
    for sound in sounds:
        for case in cases:
            case.measure(sound)
    for _ in range(_FAST_ROUNDS):
        for case in cases:
            if case.method == "fast":
                case.run()
    yield from (case.row() for case in cases)


class _Case:
    """A format with a method, its errors, and its processor times in ms."""

    def __init__(self, spectrogram_format: SpectrogramFormat, method: str, prototype: Reconstruct) -> None:
        self.method = method
        self._format = spectrogram_format
        self._prototype = prototype
        self._transform = transform_of(spectrogram_format)
        self._errors: list[Errors] = []
        self._times: list[float] = []

    def measure(self, sound: FloatArray) -> None:
        """Measure the errors of a sound."""
        original, transform = sound[: self._format.n_samples], self._transform
        rows = transform.to_rows(np.abs(transform.forward(original)))
        self._image, _ = to_image(rows, self._format)
        self._magnitude = transform.from_rows(to_magnitude(self._image, self._format))
        copy = self.run()
        convergence = spectral_convergence(copy, self._magnitude, transform)
        self._errors.append(Errors(**compare_sounds(original, copy), convergence=convergence))

    def run(self) -> FloatArray:
        """Reconstruct the last sound, and store the time."""
        # Other programs do not count, as long as they leave the caches alone.
        start = time.process_time()
        if self.method == PROTOTYPE:
            found = self._prototype(self._image, self._format)
        else:
            found = reconstruct(self._magnitude, self._transform, method=self.method)
        self._times.append(1000 * (time.process_time() - start))
        samples = np.zeros(self._format.n_samples, np.float32)
        samples[: len(found)] = found
        return samples

    def row(self) -> BandRow:
        """Return the result."""
        values = ([getattr(each, field.name) for each in self._errors] for field in fields(Errors))
        errors = Errors(*map(statistics.median, values))
        return BandRow(self._format.name, self._format.n_bins, self.method, errors, min(self._times))


def compare_sounds(original: FloatArray, copy: FloatArray) -> dict[str, float]:
    """Return the errors of a copy of a loop by the names of `Errors`, without convergence.

    Both are float32 (n,), where n is a multiple of 2048 and at least 8192.
    """
    found = {name: _error(original, copy, band) for name, band in BANDS.items()}
    return found | {"onsets": _correlate(_onset_curve(original), _onset_curve(copy))}


def _error(original: FloatArray, copy: FloatArray, band: Band) -> float:
    frequency = np.arange(band.n_fft // 2 + 1) * (SAMPLE_RATE / band.n_fft)
    inside = (frequency >= band.low) & (frequency <= band.high)
    wanted, found = (_magnitude(samples, band.n_fft)[:, inside] for samples in (original, copy))
    strong = wanted > wanted.max() * 10 ** (-_FLOOR_DB / 20)
    ratio = np.maximum(found[strong], TINY) / wanted[strong]
    return float(np.abs(20 * np.log10(ratio)).mean())


def _onset_curve(samples: FloatArray) -> FloatArray:
    """Return the sum of all rises of the third roots of short windows' magnitudes: what the ear takes for attacks."""
    loudness = np.cbrt(_magnitude(samples, _TRANSIENT_POINTS))
    curve: FloatArray = np.maximum(loudness - np.roll(loudness, 1, axis=0), 0).sum(axis=1)
    return curve


def _correlate(first: FloatArray, second: FloatArray) -> float:
    """Return the correlation of two curves, 0 if one is constant."""
    first, second = first - first.mean(), second - second.mean()
    return float(np.dot(first, second) / max(float(np.linalg.norm(first) * np.linalg.norm(second)), float(TINY)))


def _magnitude(samples: FloatArray, n_fft: int) -> FloatArray:
    hop_length = n_fft // 4
    return np.abs(Stft(len(samples) // hop_length, n_fft=n_fft, hop_length=hop_length).forward(samples))
