"""A time axis that several views of a track share, moved and zoomed by mouse and keyboard."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

_LEAST_S = 0.05
_ZOOM = 1.25


class TimeAxis(QObject):
    """The visible part of a track.

    Attributes:
        seconds: length of the track.
        start: first visible second.
        span: length of the visible part in seconds.
        moved: emitted when one of them has changed.
    """

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seconds = self.span = 1.0
        self.start = 0.0

    def show_track(self, seconds: float) -> None:
        """Show the whole of a track of this length."""
        self.seconds = max(seconds, _LEAST_S)
        self.show_span(0.0, self.seconds)

    def show_span(self, start: float, span: float) -> None:
        """Show this part, limited to the track."""
        span = min(max(span, _LEAST_S), self.seconds)
        start = min(max(start, 0.0), self.seconds - span)
        if (start, span) != (self.start, self.span):
            self.start, self.span = start, span
        self.moved.emit()

    def zoom(self, factor: float, anchor: float) -> None:
        """Multiply the span by `factor`; the time at `anchor`, 0 (left) to 1 (right), keeps its place."""
        centre = self.start + anchor * self.span
        span = min(max(self.span * factor, _LEAST_S), self.seconds)
        self.show_span(centre - anchor * span, span)

    def x_of(self, seconds: float, width: float) -> float:
        """Return the pixel of a time in a view of this width."""
        return (seconds - self.start) / self.span * width

    def seconds_at(self, x: float, width: float) -> float:
        """Return the time at a pixel of a view of this width."""
        return self.start + x / max(width, 1) * self.span


class TimelineWidget(QWidget):
    """A view of a track: drag to move, turn the wheel to zoom; the keys do both."""

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
            self.axis.show_span(
                start - (event.position().x() - x) / max(self.width(), 1) * self.axis.span, self.axis.span
            )

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if abs(turn.x()) > abs(turn.y()) or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            steps = (turn.x() or turn.y()) / 120
            self.axis.show_span(self.axis.start - 0.1 * steps * self.axis.span, self.axis.span)
        else:
            self.axis.zoom(_ZOOM ** (-turn.y() / 120), event.position().x() / max(self.width(), 1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        axis, key = self.axis, event.key()
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                axis.show_span(axis.start + (0.1 if key == Qt.Key.Key_Right else -0.1) * axis.span, axis.span)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Up:
                axis.zoom(1 / _ZOOM, 0.5)
            case Qt.Key.Key_Minus | Qt.Key.Key_Down:
                axis.zoom(_ZOOM, 0.5)
            case Qt.Key.Key_Home:
                axis.show_span(0.0, axis.seconds)
            case _:
                super().keyPressEvent(event)
