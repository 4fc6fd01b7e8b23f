"""What a network is made of: plain facts, checked when made, that builders turn into Keras models.

A generator grows a small base picture by `strides` and `sub_pixel` to the format's size; a discriminator shrinks it.
Pictures are (bins, frames), sizes as [bins, frames].
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from technogan.errors import SpecError, SpecMismatch
from technogan.formats import FORMATS, SpectrogramFormat, read_format
from technogan.records import read_record, require
from technogan.seeds.seed import LATENT_SIZE
from training.networks.recipe import Recipe

Upsampling = Literal["nearest", "transposed"]
Output = Literal["rows", "tanh"]
Weights = Literal["he", "glorot_uniform"]

# Dense layers of the style; what batch norms add to a variance; what is added to the noise before its softplus.
STYLE_LAYERS = 2
EPSILON = 1e-3
NOISE_OFFSET = -1.0

_MOST_CHANNELS = 4096
_LARGEST_KERNEL = 31


@dataclass(frozen=True, slots=True)
class GeneratorDefinition:
    """From a latent to an image.

    base: the first picture's size, with base_channels. channels, strides: one block each; a block enlarges both axes by
    its stride, by "nearest" neighbours before a convolution or by a "transposed" one. sub_pixel: the last convolution's
    channels are laid out as squares of this size. width: of the style that scales and shifts every block; 0 for none.
    position: whether blocks learn what belongs to a row and to a moment. tiled_beats: parts of the base that repeat
    every so many beats. noise: whether a learned share of speckle is added. normalised_base: batch norm and activation
    at once after the dense layer. output: "rows" for images standardised row by row, clipped to [-1, 1] in the end, or
    "tanh". circular: padded around the loop's seam in time instead of with zeros. slope: of the leaky rectifiers.
    momentum: of the batch norms' moving statistics.
    """

    base: tuple[int, int]
    base_channels: int
    channels: tuple[int, ...]
    strides: tuple[int, ...]
    kernel: int = 3
    upsampling: Upsampling = "nearest"
    sub_pixel: int = 4
    width: int = 128
    position: bool = True
    tiled_beats: tuple[int, ...] = ()
    noise: bool = True
    normalised_base: bool = False
    output: Output = "rows"
    circular: bool = True
    slope: float = 0.2
    momentum: float = 0.95

    def __post_init__(self) -> None:
        require(min(self.base) > 0, f"base must be two positive numbers, not {list(self.base)}")
        _require_channels("base_channels", (self.base_channels,))
        _require_blocks(self.channels, self.strides, largest=4)
        _require_kernels("kernel", (self.kernel,), self.strides)
        if self.upsampling == "nearest":
            require(self.kernel % 2 == 1, f"kernel must be odd for upsampling by nearest, not {self.kernel}")
        require(0 < self.sub_pixel <= 16, f"sub_pixel must lie between 1 and 16, not {self.sub_pixel}")
        require(not self.noise or self.sub_pixel % 2 == 0, f"noise needs an even sub_pixel, not {self.sub_pixel}")
        require(not self.noise or self.output == "rows", 'noise needs output = "rows"')
        require(0 <= self.width <= _MOST_CHANNELS, f"width must lie between 0 and {_MOST_CHANNELS}, not {self.width}")
        _require_share("slope", self.slope)
        _require_share("momentum", self.momentum)

    @property
    def image_size(self) -> tuple[int, int]:
        """Bins and frames that come out."""
        factor = math.prod(self.strides) * self.sub_pixel
        return self.base[0] * factor, self.base[1] * factor


@dataclass(frozen=True, slots=True)
class DiscriminatorDefinition:
    """From an image to how real it looks.

    sub_pixel: squares of this size become channels first. channels, kernels, strides: one convolution each. position:
    the convolution, counted from 0, that learns what belongs to a row and to a moment; -1 for none. deviation: channels
    whose spread over `group` images of a batch is looked at; 0 for none. compared_beats: the picture is looked at
    beside itself so many beats later, in `compared` channels. mixed: one more convolution after these. hidden: units
    before the verdict; 0 for none. patch: the convolution, counted from 0, that is also judged place by place; -1 for
    none. dropout: the share of values left out while training. weights: how they are drawn at first.
    """

    channels: tuple[int, ...]
    strides: tuple[int, ...]
    kernels: tuple[int, ...]
    sub_pixel: int = 4
    position: int = 1
    deviation: int = 32
    group: int = 4
    compared_beats: tuple[int, ...] = ()
    compared: int = 32
    mixed: bool = True
    hidden: int = 64
    patch: int = 2
    dropout: float = 0.0
    weights: Weights = "he"
    circular: bool = True
    slope: float = 0.2

    def __post_init__(self) -> None:
        _require_blocks(self.channels, self.strides, largest=8)
        _require_kernels("kernels", self.kernels, self.strides)
        require(0 < self.sub_pixel <= 16, f"sub_pixel must lie between 1 and 16, not {self.sub_pixel}")
        last = len(self.channels) - 1
        for name in ("position", "patch"):
            value = getattr(self, name)
            require(-1 <= value <= last, f"{name} must lie between -1 and {last}, not {value}")
        require(
            0 <= self.deviation <= self.channels[-1],
            f"deviation must lie between 0 and the last of channels, {self.channels[-1]}, not {self.deviation}",
        )
        require(self.group > 1, f"group must be more than one image, not {self.group}")
        _require_channels("compared", (self.compared,))
        require(0 <= self.hidden <= _MOST_CHANNELS, f"hidden must lie between 0 and {_MOST_CHANNELS}")
        _require_share("dropout", self.dropout)
        _require_share("slope", self.slope)

    @property
    def reduction(self) -> int:
        """How much smaller the last picture is than the image, along either axis."""
        return math.prod(self.strides) * self.sub_pixel


@dataclass(frozen=True, slots=True)
class NetworkDefinition:
    """A generator and its discriminator, for one format, and how they are trained. latent_size: values of a seed."""

    name: str
    format: SpectrogramFormat
    generator: GeneratorDefinition
    discriminator: DiscriminatorDefinition
    latent_size: int = LATENT_SIZE
    recipe: Recipe = field(default_factory=Recipe)

    def __post_init__(self) -> None:
        require(bool(self.name) and self.name.isprintable(), f"{self.name!r} cannot name a network")
        require(0 < self.latent_size <= 4096, f"latent_size must lie between 1 and 4096, not {self.latent_size}")
        size = (self.format.n_bins, self.format.n_frames)
        made = self.generator.image_size
        base = " x ".join(map(str, self.generator.base))
        require(
            made == size,
            f"generator: a base of {base} grows to {made[0]} x {made[1]} (bins x frames), but format "
            f"{self.format.name} is {size[0]} x {size[1]}",
        )
        reduction = self.discriminator.reduction
        require(
            size[0] % reduction == 0 and size[1] % reduction == 0,
            f"discriminator: {size[0]} x {size[1]} cannot be divided by {reduction}, its sub_pixel and strides",
        )
        if self.generator.circular:
            _require_room("generator", self.generator.base[1], self.generator.kernel)
        if self.discriminator.circular:
            _require_room("discriminator", size[1] // reduction, max(*self.discriminator.kernels, 3))
        self._require_beats("generator: tiled_beats", self.generator.tiled_beats, self.generator.base[1])
        self._require_beats("discriminator: compared_beats", self.discriminator.compared_beats, size[1] // reduction)
        if self.recipe.turned_beats:
            self._require_beats("recipe: turned_beats", (self.recipe.turned_beats,), self.format.n_frames)

    def for_format(self, spectrogram_format: SpectrogramFormat) -> Self:
        """The same network for images that mean something else as sound: another transform, power or scale.

        Raises SpecMismatch where their size or their beats differ.
        """
        wanted, given = (
            f"{f.n_bins} x {f.n_frames} images of {f.beats} beats" for f in (self.format, spectrogram_format)
        )
        if wanted != given:
            raise SpecMismatch(f"format {spectrogram_format.name} for network {self.name}", wanted, given)
        return dataclasses.replace(self, format=spectrogram_format)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self) | {"format": self.format.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From JSON or TOML; a format may be given by its name. Raises SpecError where a fact is missing, unknown, of a
        wrong kind or impossible.
        """
        return read_record(cls, values, {SpectrogramFormat: _read_format})

    def _require_beats(self, name: str, beats: tuple[int, ...], frames: int) -> None:
        for n in beats:
            require(
                0 < n < self.format.beats and self.format.beats % n == 0 and frames * n % self.format.beats == 0,
                f"{name} holds {n}; a loop of {self.format.beats} beats in {frames} frames has no such parts",
            )
        require(len(set(beats)) == len(beats), f"{name} holds a number twice: {list(beats)}")


def margins(kernel: int, stride: int) -> tuple[int, int]:
    """What is added before and after an axis so that a convolution divides its length by the stride."""
    before = (kernel - stride) // 2
    return before, kernel - stride - before


def _read_format(value: object) -> SpectrogramFormat:
    if isinstance(value, Mapping):
        return read_format(value)
    if not isinstance(value, str) or value not in FORMATS:
        raise SpecError(f"format must be one of {', '.join(FORMATS)} or a table, not {value!r}")
    return FORMATS[value]


def _require_blocks(channels: tuple[int, ...], strides: tuple[int, ...], *, largest: int) -> None:
    require(0 < len(channels) <= 16, f"channels must name 1 to 16 blocks, not {len(channels)}")
    _require_channels("channels", channels)
    require(
        len(strides) == len(channels),
        f"strides must be one for each of the {len(channels)} channels, not {len(strides)}",
    )
    require(
        all(0 < stride <= largest for stride in strides),
        f"strides must lie between 1 and {largest}, not {list(strides)}",
    )


def _require_channels(name: str, channels: tuple[int, ...]) -> None:
    for n in channels:
        require(0 < n <= _MOST_CHANNELS, f"{name} must lie between 1 and {_MOST_CHANNELS}, not {n}")


def _require_kernels(name: str, kernels: tuple[int, ...], strides: tuple[int, ...]) -> None:
    require(len(kernels) in (1, len(strides)), f"{name} must be one for each of the {len(strides)} strides")
    for kernel, stride in zip(kernels if len(kernels) > 1 else kernels * len(strides), strides, strict=True):
        require(
            stride <= kernel <= _LARGEST_KERNEL,
            f"{name} must lie between its stride, {stride}, and {_LARGEST_KERNEL}, not {kernel}",
        )


def _require_share(name: str, value: float) -> None:
    require(math.isfinite(value) and 0 <= value < 1, f"{name} must be at least 0 and less than 1, not {value}")


def _require_room(name: str, frames: int, kernel: int) -> None:
    require(frames >= kernel // 2, f"{name}: {frames} frames are too few for a circular kernel of {kernel}")
