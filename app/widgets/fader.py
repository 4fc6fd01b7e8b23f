"""A slim horizontal slider."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from app.widgets.painting import fill_rounded, make_painter
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens

_TRACK = 4
_HANDLE = 10


class Fader(FixedHints, Themed, QSlider):
    """A slider of whole numbers. A click moves the handle there; a double click resets it to `rest`.

    The track is filled up to the handle, or has two colours that meet there (see `set_ends`).
    """

    size_hint, least_size = QSize(80, 20), QSize(40, 20)

    value_edited = Signal(int)  # by the user only
    gesture_began = Signal()
    gesture_ended = Signal()

    def __init__(
        self, tokens: Tokens, low: int, high: int, *, name: str, tip: str = "", rest: int | None = None, step: int = 1
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setPageStep(max((high - low) // 10, step))
        self.rest = rest
        self.ends: tuple[QColor, QColor] | None = None
        self.fill: QColor | None = None
        self._dragging = False
        self.setAccessibleName(name)
        self.setToolTip(tip or name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.actionTriggered.connect(lambda _: self.value_edited.emit(self.sliderPosition()))
        self.restyle(tokens)

    def set_ends(self, ends: tuple[QColor, QColor] | None) -> None:
        """Set the colours left and right of the handle; None for a track that fills up."""
        self.ends = ends
        self.update()

    def set_fill(self, colour: QColor) -> None:
        """Set the colour of the filled track instead of the accent."""
        self.fill = colour
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self.gesture_began.emit()
            self._edit(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._edit(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.gesture_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.rest is not None and event.button() == Qt.MouseButton.LeftButton:
            self._edit(self.rest)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, middle = make_painter(self), self.tokens, self.height() / 2
        x = self._x_of(self.value())
        track = QRectF(_HANDLE / 2, middle - _TRACK / 2, self.width() - _HANDLE, _TRACK)
        fill_rounded(painter, track, tokens.colour("pressed"), radius=2)
        self._paint_filled(painter, track, x)
        if self.rest is not None and self.minimum() < self.rest < self.maximum():
            painter.fillRect(QRectF(self._x_of(self.rest) - 0.5, middle + 5, 1, 3), tokens.colour("faint"))
        line = QPen(tokens.colour("accent"), 2) if self.hasFocus() else None
        ink = tokens.colour("text" if self.isEnabled() else "faint")
        fill_rounded(painter, QRectF(x - 3, middle - 7, 6, 14), ink, line, radius=2)

    def _paint_filled(self, painter: QPainter, track: QRectF, x: float) -> None:
        tokens, token = self.tokens, "accent" if self.isEnabled() else "faint"
        if self.ends is None:
            ink = self.fill if self.fill and self.isEnabled() else tokens.colour(token, 0.85)
            parts = [(ink, track.left(), x)]
        else:
            parts = [(self.ends[0], track.left(), x), (self.ends[1], x, track.right())]
        for colour, left, right in parts:
            fill_rounded(painter, QRectF(left, track.top(), right - left, track.height()), colour, radius=2)

    def _edit(self, value: int) -> None:
        value = min(max(value, self.minimum()), self.maximum())
        if value != self.value():
            self.setValue(value)
            self.value_edited.emit(value)

    def _value_at(self, x: float) -> int:
        position = (x - _HANDLE / 2) / max(self.width() - _HANDLE, 1)
        return round(self.minimum() + min(max(position, 0.0), 1.0) * (self.maximum() - self.minimum()))

    def _x_of(self, value: int) -> float:
        position = (value - self.minimum()) / max(self.maximum() - self.minimum(), 1)
        return _HANDLE / 2 + position * (self.width() - _HANDLE)
