"""Steps of painting that many widgets share."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.widgets.tokens import RADIUS


def make_painter(widget: QWidget) -> QPainter:
    """Return a painter with smooth edges, no outline, and the font of the widget."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    return painter


def fill_rounded(
    painter: QPainter, area: QRectF, ground: QColor, line: QColor | QPen | None = None, *, radius: float = RADIUS
) -> None:
    """Fill a rectangle with rounded corners. line: its outline, if it has one."""
    painter.setPen(Qt.PenStyle.NoPen if line is None else line)
    painter.setBrush(ground)
    painter.drawRoundedRect(area, radius, radius)


def draw_text(
    painter: QPainter,
    area: QRect | QRectF,
    text: str,
    ink: QColor,
    place: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
    *,
    face: QFont | None = None,
) -> None:
    """Write a text into an area, at its left unless `place` says otherwise, in the painter's font or in `face`."""
    if face is not None:
        painter.setFont(face)
    painter.setPen(ink)
    painter.drawText(area, place, text)


def draw_frame(painter: QPainter, widget: QWidget, ink: QColor) -> None:
    """Draw a thin frame along the edge of a widget."""
    painter.setPen(ink)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(edge_of(widget))


def edge_of(widget: QWidget) -> QRectF:
    """Return the rectangle on which a line of one pixel runs along the edge of a widget."""
    return QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
