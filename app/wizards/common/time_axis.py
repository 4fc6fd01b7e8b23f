"""The stretch of a track that is seen: one axis of time for several views, moved and zoomed by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

_LEAST_S = 0.05
_ZOOM = 1.25


class TimeAxis(QObject):
    """seconds: the track's length. start, span: what is seen of it, s. moved: any of these has changed."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seconds = self.span = 1.0
        self.start = 0.0

    def show_track(self, seconds: float) -> None:
        """Another track, all of it."""
        self.seconds = max(seconds, _LEAST_S)
        self.look(0.0, self.seconds)

    def look(self, start: float, span: float) -> None:
        """See this stretch, as far as there is one."""
        span = min(max(span, _LEAST_S), self.seconds)
        start = min(max(start, 0.0), self.seconds - span)
        if (start, span) != (self.start, self.span):
            self.start, self.span = start, span
        self.moved.emit()

    def zoom(self, factor: float, place: float) -> None:
        """factor: of the stretch. place: 0..1 in it, what stays where it is."""
        centre = self.start + place * self.span
        span = min(max(self.span * factor, _LEAST_S), self.seconds)
        self.look(centre - place * span, span)

    def x(self, seconds: float, width: float) -> float:
        """Where a time is seen, in pixels."""
        return (seconds - self.start) / self.span * width

    def seconds_at(self, x: float, width: float) -> float:
        """The time at a pixel."""
        return self.start + x / max(width, 1) * self.span


class AlongTime(QWidget):
    """A widget that shows a stretch of a track: dragging moves it, the wheel zooms, keys do both."""

    def __init__(self, axis: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axis = axis
        self._held: tuple[float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        axis.moved.connect(self.update)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = (event.position().x(), self.axis.start)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            x, start = self._held
            self.axis.look(start - (event.position().x() - x) / max(self.width(), 1) * self.axis.span, self.axis.span)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if abs(turn.x()) > abs(turn.y()) or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            steps = (turn.x() or turn.y()) / 120
            self.axis.look(self.axis.start - 0.1 * steps * self.axis.span, self.axis.span)
        else:
            self.axis.zoom(_ZOOM ** (-turn.y() / 120), event.position().x() / max(self.width(), 1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        axis, key = self.axis, event.key()
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                axis.look(axis.start + (0.1 if key == Qt.Key.Key_Right else -0.1) * axis.span, axis.span)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Up:
                axis.zoom(1 / _ZOOM, 0.5)
            case Qt.Key.Key_Minus | Qt.Key.Key_Down:
                axis.zoom(_ZOOM, 0.5)
            case Qt.Key.Key_Home:
                axis.look(0.0, axis.seconds)
            case _:
                super().keyPressEvent(event)
