"""Design tokens: every colour, distance and font size. Widgets paint from these and have no literals of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QFont

GRID = 4
RADIUS = 4
HAIRLINE = 1
CONTROL_HEIGHT = 26

TYPE_SMALL, TYPE_BODY, TYPE_LARGE = 10, 12, 18
FAMILIES = ["Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"]


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme.

    `panel` is above `ground`, and `raised` above `panel`. `picture` and `on_picture` are the ground and ink of
    spectrograms, dark in every theme. `slots` are the hues of the slots, in turn.
    """

    name: str
    ground: str
    panel: str
    raised: str
    pressed: str
    line: str
    text: str
    quiet: str
    faint: str
    accent: str
    on_accent: str
    warning: str
    caution: str
    good: str
    well: str
    picture: str
    on_picture: str
    slots: tuple[str, ...]

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """Return a colour by its name, with an alpha of 0..1. It is shared: do not change it."""
        return _colour(getattr(self, name), alpha)

    def slot_colour(self, index: int, alpha: float = 1.0) -> QColor:
        """Return the hue of a slot, which is the same everywhere."""
        return _colour(self.slots[index % len(self.slots)], alpha)


DARK = Tokens(
    name="Dark",
    ground="#101114",
    panel="#17191d",
    raised="#22252b",
    pressed="#2c3038",
    line="#2a2d34",
    text="#e7e9ec",
    quiet="#9aa0aa",
    faint="#5a606b",
    accent="#6fd3c7",
    on_accent="#08211e",
    warning="#ff7a66",
    caution="#e8b95b",
    good="#7fcf8f",
    well="#0b0c0e",
    picture="#08090b",
    on_picture="#f2f3f5",
    slots=("#f5968f", "#e7a461", "#c5b65a", "#84c886", "#41c9d7", "#79b9fb", "#b9a5f6", "#e996c5"),
)

LIGHT = Tokens(
    name="Light",
    ground="#dfe1e4",
    panel="#eeeff1",
    raised="#ffffff",
    pressed="#d3d7dc",
    line="#c6cad0",
    text="#16181c",
    quiet="#565d68",
    faint="#8b929c",
    accent="#0b7d72",
    on_accent="#ffffff",
    warning="#b3261e",
    caution="#8a5a00",
    good="#1f7a35",
    well="#f8f8f9",
    picture="#08090b",
    on_picture="#f2f3f5",
    slots=("#b4514c", "#a76100", "#877500", "#3b8841", "#008998", "#2d78bd", "#7b62b8", "#a85186"),
)

THEMES: Mapping[str, Tokens] = {tokens.name: tokens for tokens in (DARK, LIGHT)}


@lru_cache(maxsize=512)
def _colour(text: str, alpha: float) -> QColor:
    # Cached: making a QColor takes as long as filling a bar with it.
    colour = QColor(text)
    colour.setAlphaF(alpha)
    return colour


def font(size: int = TYPE_BODY, *, strong: bool = False) -> QFont:
    """Return the typeface with tabular figures. size: in pixels."""
    chosen = QFont(FAMILIES)
    chosen.setPixelSize(size)
    chosen.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    if hasattr(QFont, "Tag"):  # Qt 6.9 and later
        chosen.setFeature(QFont.Tag("tnum"), 1)
    return chosen
