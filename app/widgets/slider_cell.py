"""The geometry of one slider in whole pixels, which QPainter fills many times faster than fractions."""

from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QRect

from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN


@dataclass(frozen=True, slots=True)
class SliderCell:
    """The rectangle of a slider (`well`), its middle `line`, and their numbers.

    The numbers repeat the rectangles, because reading them from a QRect takes longer than painting.
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
        """Return the cell that fills this rectangle."""
        middle = well.y() + well.height() // 2
        line = QRect(well.x(), middle, well.width(), 1)
        return cls(well, line, well.x(), well.y(), well.width(), well.height(), middle)

    def y_of(self, value: float) -> int:
        """Return the row of a value."""
        return self.top + round((SLIDER_MAX - value) / (SLIDER_MAX - SLIDER_MIN) * (self.height - 1))

    def bar(self, value: float) -> QRect:
        """Return the bar from the middle to a value, without the middle line; empty for 0."""
        y = self.y_of(value)
        if y <= self.middle:
            return QRect(self.x, y, self.width, self.middle - y)
        return QRect(self.x, self.middle + 1, self.width, y - self.middle)

    def mark(self, value: float) -> QRect:
        """Return the mark of a former value."""
        return QRect(self.x, self.y_of(value) - 1, self.width, 2)
