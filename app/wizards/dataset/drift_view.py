"""A view of the drift of a track: how far each beat is from an exact grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from app.widgets.painting import draw_text
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font
from app.wizards.common.time_axis import TimeAxis, TimelineWidget
from app.wizards.common.wording import format_playing_time

# Drift in ms within which a track counts as exact; certainty from which a beat is drawn bright.
EXACT_MS = 5.0
_SURE = 0.2
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True, eq=False)
class DriftCurve:
    """The drift of a track.

    Attributes:
        times: ascending, in seconds: float64 (n_beats,).
        late: ms behind the grid: float64 (n_beats,).
        sure: certainty, 0 to 1: float64 (n_beats,).
    """

    times: npt.NDArray[np.float64]
    late: npt.NDArray[np.float64]
    sure: npt.NDArray[np.float64]

    @classmethod
    def from_lists(cls, times: Sequence[float], late: Sequence[float], sure: Sequence[float]) -> DriftCurve:
        """Build a curve from lists of numbers. Raises ValueError if they are not numbers or differ in length."""
        arrays = [np.asarray(values, np.float64) for values in (times, late, sure)]
        if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
            raise ValueError("the lists differ in length")
        return cls(*arrays)

    @property
    def reach(self) -> float:
        """The range that the view shows: ms either side of 0."""
        sure = np.abs(self.late[self.sure > _SURE])
        return max(2 * EXACT_MS, 1.15 * float(sure.max(initial=0.0)))


class DriftView(FixedHints, Themed, TimelineWidget):
    """Points for the beats, with a green band for what counts as exact; dim points are interpolated beats."""

    size_hint, least_size = QSize(400, 110), QSize(160, 70)

    def __init__(self, tokens: Tokens, axis: TimeAxis) -> None:
        super().__init__(axis)
        self._curve: DriftCurve | None = None
        self._pointer: float | None = None
        self.readout = ""
        self.setMouseTracking(True)
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Drift along the track")
        self.setToolTip("Milliseconds by which each beat is behind an exact grid. The band counts as exact.")
        self.restyle(tokens)

    def show_curve(self, curve: DriftCurve | None) -> None:
        """Show the drift of another track; None if it is not known."""
        self._curve = curve
        known = "not measured" if curve is None else f"up to {np.abs(curve.late).max(initial=0.0):.1f} ms"
        self.setAccessibleDescription(known)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._pointer = event.position().x()
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self._pointer = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        painter.fillRect(self.rect(), tokens.colour("well"))
        if self._curve is None or not len(self._curve.times):
            hint = "The drift of each beat appears here once it is measured"
            draw_text(painter, self.rect(), hint, tokens.colour("faint"), Qt.AlignmentFlag.AlignCenter)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter, self._curve.reach)
        self._paint_points(painter, self._curve)
        self._paint_labels(painter, self._curve.reach)
        self._paint_readout(painter, self._curve)

    def _y(self, ms: float, reach: float) -> float:
        return self.height() / 2 * (1 - min(max(ms / reach, -1), 1) * 0.92)

    def _paint_scale(self, painter: QPainter, reach: float) -> None:
        tokens = self.tokens
        top, bottom = self._y(EXACT_MS, reach), self._y(-EXACT_MS, reach)
        painter.fillRect(QRectF(0, top, self.width(), bottom - top), tokens.colour("good", 0.13))
        for ms in _lines(reach):
            y = self._y(ms, reach)
            painter.fillRect(QRectF(0, y - 0.5, self.width(), 1), tokens.colour("text", 0.22 if ms == 0 else 0.08))

    def _paint_labels(self, painter: QPainter, reach: float) -> None:
        """Paint the labels over the points, each on its own background."""
        tokens = self.tokens
        for ms in _lines(reach):
            text = f"{ms:+d} ms" if ms else "on the grid"
            width = painter.fontMetrics().horizontalAdvance(text) + 2 * GRID
            area = QRectF(0, min(max(self._y(ms, reach) - 7, 0), self.height() - 14), width, 14)
            painter.fillRect(area, tokens.colour("well", 0.75))
            draw_text(painter, area, text, tokens.colour("quiet"), Qt.AlignmentFlag.AlignCenter)

    def _paint_points(self, painter: QPainter, curve: DriftCurve) -> None:
        axis, reach = self.axis, curve.reach
        shown = (curve.times >= axis.start) & (curve.times <= axis.start + axis.span)
        radius = 1.6 if shown.sum() > self.width() / 4 else 2.4
        painter.setPen(Qt.PenStyle.NoPen)
        for sure in (False, True):
            painter.setBrush(self.tokens.colour("accent" if sure else "faint"))
            for i in np.flatnonzero(shown & ((curve.sure > _SURE) == sure)):
                x = axis.x_of(float(curve.times[i]), self.width())
                painter.drawEllipse(QPointF(x, self._y(float(curve.late[i]), reach)), radius, radius)

    def _paint_readout(self, painter: QPainter, curve: DriftCurve) -> None:
        self.readout = ""
        if self._pointer is None:
            return
        seconds = self.axis.seconds_at(self._pointer, self.width())
        i = int(np.argmin(np.abs(curve.times - seconds)))
        direction = "late" if curve.late[i] >= 0 else "early"
        self.readout = f"{format_playing_time(float(curve.times[i]))}   {abs(curve.late[i]):.1f} ms {direction}"
        area = QRectF(self.rect()).adjusted(GRID, 2, -2 * GRID, 0)
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        draw_text(painter, area, self.readout, self.tokens.colour("text"), corner)


def _lines(reach: float) -> list[int]:
    """Return round numbers of ms within the range."""
    step = next((step for step in _STEPS if reach / step <= 2.5), _STEPS[-1])
    most = int(reach // step)
    return [i * step for i in range(-most, most + 1)]
