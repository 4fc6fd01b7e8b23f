"""Spectrogram formats: how a network's image maps to samples."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from technogan.errors import SettingError, SpecError
from technogan.records import format_value, read_record, require, require_line, require_range

DEFAULT_SCALE = 160.0
MAX_STEMS = 8

# Far beyond any useful format. They keep a model of a stranger from filling the memory or overflowing 32-bit floats.
_LIMITS = {
    "n_frames": (1, 1 << 16),
    "n_bins": (1, 1 << 13),
    "beats": (1, 1 << 12),
    "hop_length": (1, 1 << 16),
    "power": (0.01, 100.0),
    "scale": (1e-9, 1e9),
    "n_samples": (1, 10**8),
}


@dataclass(frozen=True, slots=True)
class StftSettings:
    """Settings of the circular short-time Fourier transform.

    Attributes:
        n_fft: samples of the periodic Hann window, a power of two.
    """

    n_fft: int = 512

    def __post_init__(self) -> None:
        require(
            self.n_fft >= 4 and self.n_fft & (self.n_fft - 1) == 0, f"n_fft must be a power of two, not {self.n_fft}"
        )


@dataclass(frozen=True, slots=True)
class ConstantQSettings:
    """Settings of the circular constant-Q transform: the frequencies of the image's rows.

    Without settings, rows follow a variable-Q layout that reaches Nyquist and can be inverted exactly.

    Attributes:
        fmin: centre of the lowest row of a geometric layout, in cycles per sample.
        bins_per_octave: rows per octave of a geometric layout.
        closest_spacing: distance between the lowest rows, as a fraction of the frame rate.
        widest_spacing: distance between the highest rows, as a fraction of the frame rate.
    """

    fmin: float | None = None
    bins_per_octave: int | None = None
    closest_spacing: float = 1 / 32
    widest_spacing: float = 3 / 8

    def __post_init__(self) -> None:
        require(
            0 < self.closest_spacing < self.widest_spacing < 0.5,
            "spacings must be fractions of the frame rate below 1/2, the closest first, "
            f"not {self.closest_spacing} and {self.widest_spacing}",
        )
        if (self.fmin is None) != (self.bins_per_octave is None):
            raise SpecError("a geometric constant-Q layout needs both fmin and bins_per_octave")
        if self.fmin is not None and self.bins_per_octave is not None:
            require(1e-6 <= self.fmin < 0.5, f"fmin must be between 1e-6 and 0.5 cycles per sample, not {self.fmin}")
            require_range("bins_per_octave", self.bins_per_octave, 1, 1000)


TransformSettings = StftSettings | ConstantQSettings


_TRANSFORM_KINDS: dict[str, type[StftSettings] | type[ConstantQSettings]] = {
    "stft": StftSettings,
    "constant-q": ConstantQSettings,
}


@dataclass(frozen=True, slots=True)
class SpectrogramFormat:
    """How an image of n_frames x n_bins maps to n_frames * hop_length samples.

    A pixel's value is (magnitude / scale) ** (1 / power), in [0, 1]. Row 0 is the lowest bin; an STFT image has no row
    for the Nyquist bin.

    Attributes:
        name: a key of `FORMATS` or a custom name.
        n_frames: width of the image.
        n_bins: height of the image.
        beats: length of the loop in beats.
        hop_length: samples from frame to frame.
        power: compression of magnitudes.
        scale: the magnitude that is drawn white.
        transform: the transform and its settings.
    """

    name: str
    n_frames: int
    n_bins: int
    beats: int
    hop_length: int = 128
    power: float = 3.0
    scale: float = DEFAULT_SCALE
    transform: TransformSettings = field(default_factory=StftSettings)

    def __post_init__(self) -> None:
        require_line("the format's name", self.name)
        for name, limits in _LIMITS.items():
            require_range(name, getattr(self, name), *limits)
        if isinstance(self.transform, StftSettings):
            require(
                self.n_bins == self.transform.n_fft // 2,
                f"an STFT of {self.transform.n_fft} points has {self.transform.n_fft // 2} rows, not {self.n_bins}",
            )
            require(
                self.transform.n_fft % self.hop_length == 0 and self.transform.n_fft >= 4 * self.hop_length,
                f"hop_length {self.hop_length} must divide n_fft {self.transform.n_fft} at least four times",
            )
            require(
                self.n_samples >= self.transform.n_fft,
                f"{self.n_frames} frames are shorter than one window of {self.transform.n_fft}",
            )

    @property
    def n_samples(self) -> int:
        """The number of samples in one loop."""
        return self.n_frames * self.hop_length

    def sample_rate(self, bpm: float) -> float:
        """Return the sample rate, in Hz, at which a loop of `n_samples` plays at `bpm`."""
        return self.n_samples * bpm / (60.0 * self.beats)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        kind = next(kind for kind, cls in _TRANSFORM_KINDS.items() if isinstance(self.transform, cls))
        values["transform"] = {"kind": kind} | dataclasses.asdict(self.transform)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the format of the values of `to_dict`. Raises SpecError if one is missing, unknown or invalid."""
        return read_record(cls, values, {TransformSettings: _read_transform}, complete=True)


def _read_transform(value: object) -> TransformSettings:
    if not isinstance(value, Mapping):
        raise SpecError(f"transform must be a table, not {format_value(value)}")
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in _TRANSFORM_KINDS:
        raise SpecError(f"unknown transform {format_value(kind)}; known are {', '.join(_TRANSFORM_KINDS)}")
    return read_record(_TRANSFORM_KINDS[kind], {key: each for key, each in value.items() if key != "kind"})


def require_stems(stems: tuple[str, ...]) -> None:
    """Raise SpecError unless there are no stems, or 2 to MAX_STEMS with different names of lower-case letters."""
    known = len(stems) in (0, *range(2, MAX_STEMS + 1)) and len(set(stems)) == len(stems)
    require(
        known and all(name.isascii() and name.isalpha() and name.islower() for name in stems),
        f"stems must be none, or 2 to {MAX_STEMS} different names of lower-case letters, not {format_value(stems)}",
    )


def image_shape(spectrogram_format: SpectrogramFormat, stems: tuple[str, ...] = ()) -> tuple[int, ...]:
    """Return the shape of the images of one loop: (n_bins, n_frames), with the stems before it if there are any."""
    size = (spectrogram_format.n_bins, spectrogram_format.n_frames)
    return (len(stems), *size) if stems else size


def first_difference(wanted: SpectrogramFormat, found: SpectrogramFormat) -> tuple[str, str]:
    """Return the first value in which two formats differ, as "name bar" and "name beat", for a message."""
    pairs = zip(wanted.to_dict().items(), found.to_dict().values(), strict=True)
    return next(((f"{name} {one}", f"{name} {other}") for (name, one), other in pairs if one != other), ("", ""))


def read_format(value: object) -> SpectrogramFormat:
    """Return the format of a table, as a part of a larger file. Raises SpecError with "format" in its message."""
    if not isinstance(value, Mapping):
        raise SpecError(f"format must be a table, not {format_value(value)}")
    try:
        return SpectrogramFormat.from_dict(value)
    except SpecError as error:
        raise SpecError(f"format: {error}") from error


# The highest rows have the spacing of an STFT of 512 points, 1/4 of the frame rate.
_VARIABLE_Q = ConstantQSettings(widest_spacing=1 / 4)

FORMATS: Mapping[str, SpectrogramFormat] = {
    f.name: f
    for f in (
        SpectrogramFormat("beat", n_frames=128, n_bins=320, beats=1, transform=_VARIABLE_Q),
        SpectrogramFormat("half", n_frames=256, n_bins=320, beats=2, transform=_VARIABLE_Q),
        SpectrogramFormat("bar", n_frames=512, n_bins=320, beats=4, transform=_VARIABLE_Q),
        # The formats of the prototype's models, and of models that were trained before the formats above existed.
        SpectrogramFormat("beat-256", n_frames=128, n_bins=256, beats=1),
        SpectrogramFormat("half-256", n_frames=256, n_bins=256, beats=2),
        SpectrogramFormat("bar-256", n_frames=512, n_bins=256, beats=4),
        SpectrogramFormat("half-cq", n_frames=256, n_bins=256, beats=2, transform=ConstantQSettings()),
    )
}


def find_format(name: str, *, rows: int | None = None) -> SpectrogramFormat:
    """Return the format called `name`.

    Args:
        name: a key of `FORMATS`.
        rows: the height of the images, if it is known: "bar" of 256 rows is "bar-256", as "half" and "beat".

    Raises:
        SettingError: there is no such format.
    """
    if name not in FORMATS:
        raise SettingError("format", name, f"one of {', '.join(FORMATS)}")
    return FORMATS.get(f"{name}-{rows}", FORMATS[name])
