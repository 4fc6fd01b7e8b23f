"""A small light with a label."""

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.widgets.keyboard import is_activation_key
from app.widgets.painting import draw_text, edge_of, fill_rounded, make_painter
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font

_BLINK_MS = 120


class IndicatorLight(Themed, QWidget):
    """A label with a light that is off, on, or blinks for a moment."""

    clicked = Signal()

    def __init__(self, tokens: Tokens, text: str, *, tip: str = "") -> None:
        super().__init__()
        self.text, self.on, self.lit = text, False, False
        self._dark = QTimer(self, singleShot=True, interval=_BLINK_MS)
        self._dark.timeout.connect(self._darken)
        self.setFont(font(TYPE_SMALL + 1))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self.setToolTip(tip or text)
        self.restyle(tokens)

    def set_on(self, on: bool, description: str) -> None:
        """Turn the light on or off. description: shown as the tooltip."""
        self.on = on
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.update()

    def blink(self) -> None:
        """Blink once."""
        if not self._dark.isActive():
            self.lit = True
            self.update()
            self._dark.start()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text) + 6 * GRID, 26)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = make_painter(self), self.tokens
        centre = QPointF(3 * GRID - 3, self.height() / 2)
        if self.lit:
            painter.setBrush(tokens.colour("accent", 0.3))
            painter.drawEllipse(centre, 7, 7)
        painter.setBrush(tokens.colour("accent", 1.0 if self.lit else 0.45) if self.on else tokens.colour("faint", 0.6))
        painter.drawEllipse(centre, 3.5, 3.5)
        draw_text(painter, self.rect().adjusted(4 * GRID, 0, 0, 0), self.text, tokens.colour("quiet"))
        if self.hasFocus():
            fill_rounded(painter, edge_of(self), tokens.colour("accent", 0.0), tokens.colour("accent"))

    def _darken(self) -> None:
        self.lit = False
        self.update()
