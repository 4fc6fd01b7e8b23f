"""Perceptual colour maps whose lightness always rises from quiet to loud.

Source: Ottosson 2020 (the OKLCH colour space).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from technogan.errors import SettingError

Colours = npt.NDArray[np.uint32]
_Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ColourMap:
    """A path through OKLCH: lightness (0..1) and hue (degrees) from first to last, and the highest chroma."""

    lightness: tuple[float, float]
    chroma: float
    hue: tuple[float, float]


MAPS: Mapping[str, ColourMap] = {
    "Ember": ColourMap((0.13, 0.97), 0.17, (300.0, 450.0)),
    "Lagoon": ColourMap((0.13, 0.97), 0.13, (280.0, 150.0)),
    "Aurora": ColourMap((0.13, 0.95), 0.16, (310.0, 110.0)),
    "Graphite": ColourMap((0.13, 0.97), 0.0, (0.0, 0.0)),
}

# Techno is loud below 300 Hz all the time. Without more contrast, that region would be uniformly bright.
_CONTRAST = 1.5


@lru_cache
def colours(name: str) -> Colours:
    """Return the 256 colours of a map, as 0xffRRGGBB. Raises SettingError for an unknown name."""
    if name not in MAPS:
        raise SettingError("colour map", name, f"one of {', '.join(MAPS)}")
    return _sample(MAPS[name])


@lru_cache
def colours_of_hue(hue: float) -> Colours:
    """Return 256 colours of one hue (0..1, as in QColor), as 0xffRRGGBB."""
    degrees = 360 * hue + 25  # OKLCH starts at a different red than HSV
    return _sample(ColourMap((0.17, 0.93), 0.12, (degrees, degrees)))


def _sample(colour_map: ColourMap) -> Colours:
    t = np.linspace(0.0, 1.0, 256)
    lightness = colour_map.lightness[0] + (colour_map.lightness[1] - colour_map.lightness[0]) * t**_CONTRAST
    # Chroma fades out towards black and white, where the gamut has no room for it.
    chroma = colour_map.chroma * np.sin(np.pi * np.clip(t * 0.9 + 0.06, 0, 1)) ** 0.8
    hue = np.radians(colour_map.hue[0] + (colour_map.hue[1] - colour_map.hue[0]) * t)
    return _to_argb(lightness, chroma, hue)


def _to_argb(
    lightness: npt.NDArray[np.float64], chroma: npt.NDArray[np.float64], hue: npt.NDArray[np.float64]
) -> Colours:
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    cones = np.stack(
        [
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_rgb @ cones**3, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(255 * np.clip(encoded, 0, 1)).astype(np.uint32)
    return np.asarray(0xFF000000 | red << 16 | green << 8 | blue, np.uint32)
