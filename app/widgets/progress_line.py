"""A thin progress bar."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens


class ProgressLine(FixedHints, Themed, QWidget):
    """A line that fills from left to right, hidden while there is nothing to show."""

    size_hint = QSize(60, 4)

    def __init__(self, tokens: Tokens, name: str) -> None:
        super().__init__(accessibleName=name)
        self.done: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.restyle(tokens)

    def show_progress(self, done: float | None) -> None:
        """Show a progress of 0..1; None hides it."""
        if done != self.done:
            self.done = done
            self.setAccessibleDescription("" if done is None else f"{done:.0%}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, area = QPainter(self), QRectF(self.rect())
        painter.fillRect(area, self.tokens.colour("pressed", 0.0 if self.done is None else 1.0))
        if self.done is not None:
            painter.fillRect(QRectF(0, 0, area.width() * self.done, area.height()), self.tokens.colour("accent"))
