"""Words of a wizard's page: its heading, and text that wraps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.widgets.themed import Themed
from app.widgets.tokens import TYPE_BODY, TYPE_LARGE, Tokens, font


class Heading(Themed, QLabel):
    """What a page is about."""

    def __init__(self, tokens: Tokens, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(font(TYPE_LARGE, strong=True))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.restyle(tokens)

    def restyled(self) -> None:
        """See Themed."""
        self.setStyleSheet(f"color: {self.tokens.text}; font-size: {TYPE_LARGE}px; font-weight: 600;")


class Body(Themed, QLabel):
    """Text of one or more lines; the pointer can choose and copy it. tone: the token of its colour."""

    def __init__(self, tokens: Tokens, text: str = "", *, tone: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.tone = tone
        self.setFont(font(TYPE_BODY + 1))
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.restyle(tokens)

    def set_tone(self, tone: str) -> None:
        """Another colour, by the token's name."""
        self.tone = tone
        self.restyled()

    def restyled(self) -> None:
        """See Themed."""
        self.setStyleSheet(f"color: {getattr(self.tokens, self.tone)}; font-size: {TYPE_BODY + 1}px;")
