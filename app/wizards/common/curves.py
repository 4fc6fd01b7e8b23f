"""A plot of losses or distances over the number of images that a network has been trained on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.painting import draw_text, fill_rounded, make_painter
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font

_LEFT, _TOP, _BOTTOM = 40, 34, 20
_MAX_POINTS = 600
_LINES = 3
_RARE = 50


@dataclass(frozen=True, slots=True)
class Curve:
    """A named curve: `points` of (images, value) in order, drawn in the token `colour`."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


class CurvePlot(FixedHints, Themed, QWidget):
    """A plot of losses or distances on one pair of axes.

    Attributes:
        curves: the curves as drawn, thinned to a few hundred points each.
        floor: the name and value of a dashed line, the lower bound of the values.
    """

    size_hint = QSize(280, 120)

    def __init__(self, tokens: Tokens, name: str, *, logarithmic: bool = False, marks: bool = False) -> None:
        super().__init__(accessibleName=name)
        self.curves: list[Curve] = []
        self.floor: tuple[str, float] | None = None
        self._name, self._logarithmic, self._marks = name, logarithmic, marks
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(110)
        self.restyle(tokens)

    def show_curves(self, curves: Sequence[Curve], floor: tuple[str, float] | None = None) -> None:
        """Replace what is shown. On a logarithmic axis, values of 0 and below are left out."""
        self.curves = [Curve(c.name, c.colour, _thin(self._drawable(c.points))) for c in curves]
        self.floor = floor
        last = [f"{c.name} {c.points[-1][1]:.3g}" for c in self.curves if c.points]
        self.setAccessibleDescription(", ".join(last) or "no data yet")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = make_painter(self), self.tokens
        fill_rounded(painter, QRectF(self.rect()), tokens.colour("well"))
        painter.setFont(font(TYPE_SMALL))
        self._paint_names(painter)
        field = QRectF(_LEFT, _TOP, self.width() - _LEFT - 3 * GRID, self.height() - _TOP - _BOTTOM)
        points = [point for curve in self.curves for point in curve.points]
        if not points:
            draw_text(painter, field, "no data yet", tokens.colour("faint"), Qt.AlignmentFlag.AlignCenter)
            return
        low, high = self._range([y for _, y in points])
        last = max(max(x for x, _ in points), 1.0)
        self._paint_grid(painter, field, low, high, last)

        def place(x: float, y: float) -> QPointF:
            share = (self._level(y) - low) / (high - low)
            return QPointF(field.left() + field.width() * x / last, field.bottom() - field.height() * share)

        if self.floor is not None:
            painter.setPen(QPen(tokens.colour("good"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(place(0, self.floor[1]), place(last, self.floor[1]))
        painter.setClipRect(field.adjusted(-3, -3, 3, 3))
        for curve in self.curves:
            self._paint_curve(painter, [place(x, y) for x, y in curve.points], curve.colour)

    def _paint_curve(self, painter: QPainter, points: list[QPointF], colour: str) -> None:
        painter.setPen(QPen(self.tokens.colour(colour), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if self._marks or len(points) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.tokens.colour(colour))
            for point in points:
                painter.drawEllipse(point, 2.5, 2.5)

    def _paint_names(self, painter: QPainter) -> None:
        left = float(3 * GRID)
        right = self.width() - 3 * GRID
        named = [(c.name, c.points[-1][1], c.colour) for c in self.curves if c.points]
        if self.floor is not None:
            named.insert(0, (self.floor[0], self.floor[1], "good"))
        for name, value, colour in reversed(named):
            text = f"{name} {value:.3g}"
            right -= painter.fontMetrics().horizontalAdvance(text) + 3 * GRID
            painter.setPen(self.tokens.colour(colour))
            painter.drawText(QPointF(right + 3 * GRID, 16), text)
        painter.setPen(self.tokens.colour("quiet"))
        name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, round(right - left))
        painter.drawText(QPointF(left, 16), name)

    def _paint_grid(self, painter: QPainter, field: QRectF, low: float, high: float, last: float) -> None:
        tokens = self.tokens
        for i in range(_LINES):
            share = i / (_LINES - 1)
            y = field.bottom() - field.height() * share
            painter.setPen(QPen(tokens.colour("line"), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            value = low + (high - low) * share
            area = QRectF(0, y - 8, _LEFT - 2 * GRID, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            label = _short(math.exp(value) if self._logarithmic else value)
            draw_text(painter, area, label, tokens.colour("faint"), right)
        foot = QRectF(field.left(), field.bottom() + 2, field.width(), _BOTTOM - 4)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"{_short(last)} images")

    def _range(self, values: list[float]) -> tuple[float, float]:
        levels = sorted(self._level(value) for value in values)
        # Leave out extremes: a poor start or a single outlier must not flatten the rest.
        few = len(levels) // _RARE
        levels = levels[few : len(levels) - few]
        if self.floor is not None:
            levels.append(self._level(self.floor[1]))
        low, high = min(levels), max(levels)
        room = max(0.08 * (high - low), 1e-3 * max(1.0, abs(high)))
        return low - room, high + room

    def _level(self, value: float) -> float:
        return math.log(value) if self._logarithmic else value

    def _drawable(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not self._logarithmic)]


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most _MAX_POINTS: means of neighbours, and the last point unchanged."""
    if len(points) <= _MAX_POINTS:
        return points
    size = math.ceil(len(points) / _MAX_POINTS)
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    means = [(sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for g in groups[:-1]]
    return [*means, points[-1]]


def _short(value: float) -> str:
    """Return a number in a few characters: 12k, 1.5M, 0.62."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
