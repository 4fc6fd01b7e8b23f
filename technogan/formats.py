"""Spectrogram formats: how an image of a network maps to samples."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from technogan.errors import SettingError, SpecError

T = TypeVar("T")


DEFAULT_SCALE = 160.0


def require(condition: bool, message: str) -> None:
    if not condition:
        raise SpecError(message)


def require_positive(name: str, value: float) -> None:
    require(math.isfinite(value) and value > 0, f"{name} must be a positive number, not {value!r}")


@dataclass(frozen=True, slots=True)
class StftSettings:
    """Circular short-time Fourier transform: periodic Hann window of `n_fft` samples."""

    n_fft: int = 512

    def __post_init__(self) -> None:
        require(
            self.n_fft >= 4 and self.n_fft & (self.n_fft - 1) == 0, f"n_fft must be a power of two, not {self.n_fft}"
        )


@dataclass(frozen=True, slots=True)
class ConstantQSettings:
    """Circular constant-Q transform: where the image's rows lie.

    fmin: centre of the lowest row, cycles a sample. bins_per_octave: geometric spacing above it, or None for the
    project's own variable-Q layout, which covers everything up to Nyquist and inverts exactly.
    """

    fmin: float | None = None
    bins_per_octave: int | None = None

    def __post_init__(self) -> None:
        if (self.fmin is None) != (self.bins_per_octave is None):
            raise SpecError("a geometric constant-Q layout needs both fmin and bins_per_octave")
        if self.fmin is not None and self.bins_per_octave is not None:
            require(0 < self.fmin < 0.5, f"fmin must lie between 0 and 0.5 cycles a sample, not {self.fmin}")
            require(self.bins_per_octave > 0, f"bins_per_octave must be positive, not {self.bins_per_octave}")


TransformSettings = StftSettings | ConstantQSettings


_TRANSFORM_KINDS: dict[str, type[StftSettings] | type[ConstantQSettings]] = {
    "stft": StftSettings,
    "constant-q": ConstantQSettings,
}


@dataclass(frozen=True, slots=True)
class SpectrogramFormat:
    """How an image of n_frames x n_bins maps to n_frames * hop_length samples.

    value = (magnitude / scale) ** (1 / power), in [0, 1]; row 0 is the lowest bin. An STFT image leaves the Nyquist row
    out. beats: how long the loop is in music.
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
        for name in ("n_frames", "n_bins", "beats", "hop_length", "power", "scale"):
            require_positive(name, getattr(self, name))
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
        """Samples in one loop."""
        return self.n_frames * self.hop_length

    def sample_rate(self, bpm: float) -> float:
        """The rate, in Hz, at which the loop's own samples play at `bpm`."""
        return self.n_samples * bpm / (60.0 * self.beats)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        kind = next(kind for kind, cls in _TRANSFORM_KINDS.items() if isinstance(self.transform, cls))
        values["transform"] = {"kind": kind} | dataclasses.asdict(self.transform)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`. Raises SpecError where a fact is missing, unknown or impossible."""
        missing = {f.name for f in dataclasses.fields(cls)} - set(values)
        require(not missing, f"the format lacks {', '.join(sorted(missing))}")
        settings = dict(section(values, "transform"))
        kind = settings.pop("kind", None)
        if kind not in _TRANSFORM_KINDS:
            raise SpecError(f"unknown transform {kind!r}; known are {', '.join(_TRANSFORM_KINDS)}")
        return build(cls, dict(values) | {"transform": build(_TRANSFORM_KINDS[kind], settings)})


FORMATS: Mapping[str, SpectrogramFormat] = {
    f.name: f
    for f in (
        SpectrogramFormat("beat", n_frames=128, n_bins=256, beats=1),
        SpectrogramFormat("half", n_frames=256, n_bins=256, beats=2),
        SpectrogramFormat("bar", n_frames=512, n_bins=256, beats=4),
        SpectrogramFormat("half-cq", n_frames=256, n_bins=256, beats=2, transform=ConstantQSettings()),
    )
}


def format_named(name: str) -> SpectrogramFormat:
    """The format of this name. Raises SettingError for an unknown one."""
    if name not in FORMATS:
        raise SettingError("format", name, f"one of {', '.join(FORMATS)}")
    return FORMATS[name]


def section(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = values.get(name)
    if not isinstance(section, Mapping):
        raise SpecError(f"{name} is missing")
    return section


def build(cls: type[T], values: Mapping[str, Any]) -> T:
    known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = set(values) - set(known)
    require(not unknown, f"unknown fact {', '.join(sorted(unknown))}")
    for name, value in values.items():
        wanted = str(known[name].type)
        right = {
            "int": isinstance(value, int),
            "float": isinstance(value, (int, float)),
            "str": isinstance(value, str),
        }.get(wanted, True)
        require(right and not (isinstance(value, bool) and wanted != "bool"), f"{name} must be {wanted}, not {value!r}")
    try:
        return cls(**values)
    except TypeError as error:
        raise SpecError(str(error)) from error
