"""Network definitions: validated dataclasses from which the Keras models and ONNX graphs are built.

A generator enlarges a small base feature map to the format's image size, by `strides` and `sub_pixel`; a discriminator
reduces the image in the same way. Sizes are [bins, frames].
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from technogan.arrays import FloatArray
from technogan.errors import SpecError, SpecMismatch
from technogan.formats import FORMATS, SpectrogramFormat, read_format, require_stems
from technogan.records import read_record, require
from technogan.seeds.seed import LATENT_SIZE
from training.networks.recipe import Recipe

Upsampling = Literal["nearest", "transposed"]
Output = Literal["rows", "tanh"]
Initialiser = Literal["he", "glorot_uniform"]

# The weights of a model by "LAYER/WEIGHT", as `training.networks.layers.weights_of` returns them.
Weights = Mapping[str, FloatArray]

# Dense layers between the latents and the style vector.
STYLE_LAYERS = 2
BATCH_NORM_EPSILON = 1e-3
# Added to the noise gain before its softplus.
NOISE_OFFSET = -1.0

_OLD_ROWS = 256
_MAX_CHANNELS = 4096
_MAX_KERNEL = 31


@dataclass(frozen=True, slots=True)
class GeneratorDefinition:
    """A network from latents to an image.

    Attributes:
        base: size of the base feature map.
        base_channels: channels of the base feature map.
        channels: output channels of each block.
        strides: factor by which each block enlarges both axes.
        kernel: side of every convolution kernel.
        upsampling: "nearest" neighbours followed by a convolution, or a "transposed" convolution.
        sub_pixel: factor of the last enlargement, a sub-pixel convolution.
        width: units of the style vector that scales and shifts the channels of every block; 0 for no style modulation.
        position: whether blocks add a learned bias per row and per frame.
        tiled_beats: loop lengths, in beats, of base parts that repeat to fill the loop.
        noise: whether speckle is added with a learned gain (noise injection).
        normalised_base: whether batch normalisation and the activation directly follow the base's dense layer.
        output: "rows" for images standardised per row, whose inference model undoes that and clips to [-1, 1]; or
            "tanh".
        circular: whether convolutions pad time circularly instead of with zeros.
        slope: negative slope of the leaky ReLUs.
        momentum: of the batch normalisations' moving statistics.
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
        require(0 < self.sub_pixel <= 16, f"sub_pixel must be between 1 and 16, not {self.sub_pixel}")
        require(not self.noise or self.sub_pixel % 2 == 0, f"noise needs an even sub_pixel, not {self.sub_pixel}")
        require(not self.noise or self.output == "rows", 'noise needs output = "rows"')
        require(0 <= self.width <= _MAX_CHANNELS, f"width must be between 0 and {_MAX_CHANNELS}, not {self.width}")
        _require_fraction("slope", self.slope)
        _require_fraction("momentum", self.momentum)

    @property
    def image_size(self) -> tuple[int, int]:
        """Bins and frames of the images."""
        factor = math.prod(self.strides) * self.sub_pixel
        return self.base[0] * factor, self.base[1] * factor


@dataclass(frozen=True, slots=True)
class DiscriminatorDefinition:
    """A network from an image to logits that are high for real images.

    Attributes:
        channels: output channels of each convolution.
        strides: factor by which each convolution reduces both axes.
        kernels: kernel sizes of the convolutions.
        sub_pixel: squares of this size become channels before the first convolution.
        position: index of the convolution that adds a learned bias per row and per frame; -1 for none.
        deviation: channels used for the minibatch standard deviation; 0 for none.
        group: images over which the minibatch standard deviation is taken.
        compared_beats: shifts, in beats, at which features are compared with themselves.
        compared: channels that are compared.
        mixed: whether one more convolution follows these features.
        hidden: units of the dense layer before the logit; 0 for none.
        patch: index of the convolution that also feeds a PatchGAN head; -1 for none.
        onset_bands: bands of rows in which a head of its own judges the rhythm; 0 for none.
        dropout: share of values dropped in training.
        weights: weight initialisation.
        circular: whether convolutions pad time circularly instead of with zeros.
        slope: negative slope of the leaky ReLUs.
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
    onset_bands: int = 0
    dropout: float = 0.0
    weights: Initialiser = "he"
    circular: bool = True
    slope: float = 0.2

    def __post_init__(self) -> None:
        _require_blocks(self.channels, self.strides, largest=8)
        _require_kernels("kernels", self.kernels, self.strides)
        require(0 < self.sub_pixel <= 16, f"sub_pixel must be between 1 and 16, not {self.sub_pixel}")
        last = len(self.channels) - 1
        for name in ("position", "patch"):
            value = getattr(self, name)
            require(-1 <= value <= last, f"{name} must be between -1 and {last}, not {value}")
        require(
            0 <= self.deviation <= self.channels[-1],
            f"deviation must be between 0 and the last of channels, {self.channels[-1]}, not {self.deviation}",
        )
        require(self.group > 1, f"group must be more than one image, not {self.group}")
        _require_channels("compared", (self.compared,))
        require(0 <= self.hidden <= _MAX_CHANNELS, f"hidden must be between 0 and {_MAX_CHANNELS}")
        require(self.onset_bands >= 0, f"onset_bands must be 0 or more, not {self.onset_bands}")
        _require_fraction("dropout", self.dropout)
        _require_fraction("slope", self.slope)

    @property
    def reduction(self) -> int:
        """Factor by which the last feature map is smaller than the image, along both axes."""
        return math.prod(self.strides) * self.sub_pixel


@dataclass(frozen=True, slots=True)
class NetworkDefinition:
    """A generator and its discriminator for one format, and how to train them.

    Attributes:
        latent_size: values of a seed.
        stems: names of the parts of a loop, each with an image of its own; see `ModelSpec`.
    """

    name: str
    format: SpectrogramFormat
    generator: GeneratorDefinition
    discriminator: DiscriminatorDefinition
    latent_size: int = LATENT_SIZE
    recipe: Recipe = field(default_factory=Recipe)
    stems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(bool(self.name) and self.name.isprintable(), f"{self.name!r} cannot name a network")
        require(0 < self.latent_size <= 4096, f"latent_size must be between 1 and 4096, not {self.latent_size}")
        require_stems(self.stems)
        size = (self.format.n_bins, self.format.n_frames)
        image_size = self.generator.image_size
        base = " x ".join(map(str, self.generator.base))
        require(
            image_size == size,
            f"generator: a base of {base} grows to {image_size[0]} x {image_size[1]} (bins x frames), but format "
            f"{self.format.name} is {size[0]} x {size[1]}",
        )
        reduction = self.discriminator.reduction
        require(
            size[0] % reduction == 0 and size[1] % reduction == 0,
            f"discriminator: {size[0]} x {size[1]} is not divisible by {reduction} (sub_pixel times strides)",
        )
        bands = self.discriminator.onset_bands
        require(not bands or size[0] % bands == 0, f"discriminator: {size[0]} rows are not divisible by {bands} bands")
        if self.generator.circular:
            _require_frames("generator", self.generator.base[1], self.generator.kernel)
        if self.discriminator.circular:
            _require_frames("discriminator", size[1] // reduction, max(*self.discriminator.kernels, 3))
        self._require_beats("generator: tiled_beats", self.generator.tiled_beats, self.generator.base[1])
        self._require_beats("discriminator: compared_beats", self.discriminator.compared_beats, size[1] // reduction)
        if self.recipe.turned_beats:
            self._require_beats("recipe: turned_beats", (self.recipe.turned_beats,), self.format.n_frames)

    @property
    def n_stems(self) -> int:
        """The number of images of a loop."""
        return max(1, len(self.stems))

    def for_format(self, spectrogram_format: SpectrogramFormat, stems: tuple[str, ...] = ()) -> Self:
        """Return the same network for other stems, and a format with a different transform, power or scale.

        Raises:
            SpecMismatch: the image size or the number of beats differs.
        """
        wanted, given = (
            f"{f.n_bins} x {f.n_frames} images of {f.beats} beats" for f in (self.format, spectrogram_format)
        )
        if wanted != given:
            raise SpecMismatch(f"format {spectrogram_format.name} for network {self.name}", wanted, given)
        return dataclasses.replace(self, format=spectrogram_format, stems=stems)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return dataclasses.asdict(self) | {"format": self.format.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read a definition from the values of JSON or TOML, where the format may also be the name of a built-in one.

        A network whose images have 256 rows may call the format "bar-256" by its old name, "bar".

        Raises:
            SpecError: a value is missing, unknown, of the wrong type or out of range.
        """
        try:
            return read_record(cls, values, {SpectrogramFormat: _read_format})
        except SpecError:
            old_format = f"{values.get('format')}-{_OLD_ROWS}"
            if old_format not in FORMATS or not _has_old_rows(values):
                raise
            return read_record(cls, {**values, "format": old_format}, {SpectrogramFormat: _read_format})

    def _require_beats(self, name: str, beats: tuple[int, ...], frames: int) -> None:
        for n in beats:
            require(
                0 < n < self.format.beats and self.format.beats % n == 0 and frames * n % self.format.beats == 0,
                f"{name} contains {n}; a loop of {self.format.beats} beats in {frames} frames has no such parts",
            )
        require(len(set(beats)) == len(beats), f"{name} contains a number twice: {list(beats)}")


def same_padding(kernel: int, stride: int) -> tuple[int, int]:
    """Return the padding before and after an axis with which a convolution divides its length by the stride."""
    before = (kernel - stride) // 2
    return before, kernel - stride - before


def _has_old_rows(values: Mapping[str, Any]) -> bool:
    try:
        generator = read_record(GeneratorDefinition, values["generator"])
    except (SpecError, KeyError, TypeError):
        return False
    return generator.image_size[0] == _OLD_ROWS


def _read_format(value: object) -> SpectrogramFormat:
    if isinstance(value, Mapping):
        return read_format(value)
    if not isinstance(value, str) or value not in FORMATS:
        raise SpecError(f"format must be one of {', '.join(FORMATS)} or a table, not {value!r}")
    return FORMATS[value]


def _require_blocks(channels: tuple[int, ...], strides: tuple[int, ...], *, largest: int) -> None:
    require(0 < len(channels) <= 16, f"channels must list 1 to 16 blocks, not {len(channels)}")
    _require_channels("channels", channels)
    require(
        len(strides) == len(channels),
        f"strides must list one for each of the {len(channels)} channels, not {len(strides)}",
    )
    require(
        all(0 < stride <= largest for stride in strides),
        f"strides must be between 1 and {largest}, not {list(strides)}",
    )


def _require_channels(name: str, channels: tuple[int, ...]) -> None:
    for n in channels:
        require(0 < n <= _MAX_CHANNELS, f"{name} must be between 1 and {_MAX_CHANNELS}, not {n}")


def _require_kernels(name: str, kernels: tuple[int, ...], strides: tuple[int, ...]) -> None:
    require(len(kernels) in (1, len(strides)), f"{name} must list one for each of the {len(strides)} strides")
    for kernel, stride in zip(kernels if len(kernels) > 1 else kernels * len(strides), strides, strict=True):
        require(
            stride <= kernel <= _MAX_KERNEL,
            f"{name} must be between its stride, {stride}, and {_MAX_KERNEL}, not {kernel}",
        )


def _require_fraction(name: str, value: float) -> None:
    require(math.isfinite(value) and 0 <= value < 1, f"{name} must be at least 0 and less than 1, not {value}")


def _require_frames(name: str, frames: int, kernel: int) -> None:
    require(frames >= kernel // 2, f"{name}: {frames} frames are too few for a circular kernel of {kernel}")
