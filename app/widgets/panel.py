"""Panels that group controls, and the labels used in them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.widgets.painting import draw_text, edge_of, fill_rounded, make_painter
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, RADIUS, TYPE_SMALL, Tokens, font

_HEAD_HEIGHT = 20


class PanelTitle(Themed, QLabel):
    """The title of a panel, in capitals."""

    def __init__(self, tokens: Tokens, text: str) -> None:
        super().__init__(text.upper())
        self.setFont(_title_font())
        self.restyle(tokens)

    def apply_tokens(self) -> None:
        self.setStyleSheet(f"color: {self.tokens.quiet}; font-size: {TYPE_SMALL}px; font-weight: 600;")


class QuietLabel(Themed, QLabel):
    """Secondary text, in plain text and with tabular figures."""

    def __init__(self, tokens: Tokens, text: str = "") -> None:
        super().__init__(text)
        self.setFont(font(TYPE_SMALL + 1))
        self.setTextFormat(Qt.TextFormat.PlainText)  # names of files and OSC clients are not markup
        self.restyle(tokens)

    def apply_tokens(self) -> None:
        self.setStyleSheet(f"color: {self.tokens.quiet}; font-size: {TYPE_SMALL + 1}px;")


class ElidedLabel(QuietLabel):
    """Secondary text that is elided if there is not enough room."""

    def minimumSizeHint(self) -> QSize:
        return QSize(10, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        draw_text(QPainter(self), self.rect(), text, self.tokens.colour("quiet"))


class Panel(Themed, QWidget):
    """A raised area. `body` holds the controls from top to bottom; `head` is the line of the title."""

    line, radius = "line", RADIUS

    def __init__(self, tokens: Tokens, title: str = "") -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        self.body.setSpacing(2 * GRID)
        self.head = QHBoxLayout()
        self.head.setSpacing(GRID)
        if title:
            self.head.addStrut(_HEAD_HEIGHT)
            self.head.addWidget(PanelTitle(tokens, title))
            self.body.addLayout(self.head)
        self.restyle(tokens)

    def paintEvent(self, _event: QPaintEvent) -> None:
        ground, line = self.tokens.colour("panel"), self.tokens.colour(self.line)
        fill_rounded(make_painter(self), edge_of(self), ground, line, radius=self.radius)


def _title_font() -> QFont:
    spaced = font(TYPE_SMALL, strong=True)
    spaced.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
    return spaced
