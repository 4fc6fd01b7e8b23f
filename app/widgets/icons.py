"""The icon of the application, and the icons of buttons: lines and areas in the unit square, sharp at every scale."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from technogan.network.library import resources_dir

_STROKE = 0.11


def application_icon() -> QIcon:
    """Return the icon of the application for windows, task bars and trays."""
    icon = QIcon()
    for path in sorted((resources_dir() / "icons").glob("technogan-*.png")):
        icon.addFile(str(path))
    return icon


def paint_icon(painter: QPainter, name: str, area: QRectF, colour: QColor) -> None:
    """Paint an icon, centred in an area. Raises KeyError for an unknown name."""
    side = min(area.width(), area.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.center().x() - side / 2, area.center().y() - side / 2)
    painter.scale(side, side)
    if name in _FILLED:
        painter.fillPath(_FILLED[name](), colour)
    else:
        pen = QPen(colour, _STROKE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(_STROKED[name](), pen)
    painter.restore()


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*point) for point in points]))
    path.closeSubpath()
    return path


def _lines(*lines: tuple[tuple[float, float], ...]) -> QPainterPath:
    path = QPainterPath()
    for first, *rest in lines:
        path.moveTo(*first)
        for point in rest:
            path.lineTo(*point)
    return path


def _rounded(*rectangles: tuple[float, float, float, float, float]) -> QPainterPath:
    """Return rounded rectangles: left, top, width, height and radius of each."""
    path = QPainterPath()
    for left, top, width, height, radius in rectangles:
        path.addRoundedRect(QRectF(left, top, width, height), radius, radius)
    return path


def _undo() -> QPainterPath:
    path = _lines(((0.3, 0.12), (0.1, 0.34), (0.3, 0.56)), ((0.1, 0.34), (0.6, 0.34)))
    path.cubicTo(1.0, 0.34, 1.0, 0.86, 0.6, 0.86)
    path.lineTo(0.35, 0.86)
    return path


def _redo() -> QPainterPath:
    return QTransform(-1, 0, 0, 1, 1, 0).map(_undo())


def _speaker() -> QPainterPath:
    cone = _polygon((0.08, 0.36), (0.28, 0.36), (0.52, 0.14), (0.52, 0.86), (0.28, 0.64), (0.08, 0.64))
    return cone.united(_rounded((0.66, 0.3, 0.1, 0.4, 0.05), (0.84, 0.18, 0.1, 0.64, 0.05)))


# Paths to fill, and paths to stroke.
_FILLED: Mapping[str, Callable[[], QPainterPath]] = {
    "play": lambda: _polygon((0.22, 0.1), (0.9, 0.5), (0.22, 0.9)),
    "stop": lambda: _rounded((0.16, 0.16, 0.68, 0.68, 0.08)),
    "record": lambda: _rounded((0.14, 0.14, 0.72, 0.72, 0.36)),
    "speaker": _speaker,
}
_STROKED: Mapping[str, Callable[[], QPainterPath]] = {
    "menu": lambda: _lines(*(((0.12, y), (0.88, y)) for y in (0.25, 0.5, 0.75))),
    "undo": _undo,
    "redo": _redo,
    "close": lambda: _lines(((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8))),
    "check": lambda: _lines(((0.14, 0.54), (0.4, 0.8), (0.86, 0.22))),
    "load": lambda: _lines(((0.5, 0.85), (0.5, 0.15)), ((0.22, 0.42), (0.5, 0.14), (0.78, 0.42))),
}
ICONS = (*_FILLED, *_STROKED)
