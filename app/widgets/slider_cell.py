"""Where one slider is painted, on whole pixels: those are filled many times faster than fractions of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QRect

from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN


@dataclass(frozen=True, slots=True)
class SliderCell:
    """well: all of it; line: its middle. The numbers are kept beside the rectangles, since asking those takes longer
    than painting.
    """

    well: QRect
    line: QRect
    x: int
    top: int
    width: int
    height: int
    middle: int

    @classmethod
    def of(cls, well: QRect) -> Self:
        """The cell of this size."""
        middle = well.y() + well.height() // 2
        line = QRect(well.x(), middle, well.width(), 1)
        return cls(well, line, well.x(), well.y(), well.width(), well.height(), middle)

    def y_of(self, value: float) -> int:
        """The row of a value."""
        return self.top + round((SLIDER_MAX - value) / (SLIDER_MAX - SLIDER_MIN) * (self.height - 1))

    def bar(self, value: float) -> QRect:
        """From the middle to a value, without the middle line; empty for 0."""
        y = self.y_of(value)
        if y <= self.middle:
            return QRect(self.x, y, self.width, self.middle - y)
        return QRect(self.x, self.middle + 1, self.width, y - self.middle)

    def mark(self, value: float) -> QRect:
        """Where a value was."""
        return QRect(self.x, self.y_of(value) - 1, self.width, 2)
