"""The heading and the wrapping text of a wizard's page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.widgets.themed import Themed
from app.widgets.tokens import TYPE_BODY, TYPE_LARGE, Tokens, font


class Heading(Themed, QLabel):
    """The heading of a page."""

    def __init__(self, tokens: Tokens, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(font(TYPE_LARGE, strong=True))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.restyle(tokens)

    def apply_tokens(self) -> None:
        self.setStyleSheet(f"color: {self.tokens.text}; font-size: {TYPE_LARGE}px; font-weight: 600;")


class Body(Themed, QLabel):
    """Wrapping text that can be selected with the mouse, in the colour of the token `tone`."""

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
        """Change the colour, by the name of a token."""
        self.tone = tone
        self.apply_tokens()

    def apply_tokens(self) -> None:
        self.setStyleSheet(f"color: {getattr(self.tokens, self.tone)}; font-size: {TYPE_BODY + 1}px;")
