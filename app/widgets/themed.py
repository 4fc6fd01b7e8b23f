"""Mixins of painted widgets: tokens that can change, and size hints."""

from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.widgets.tokens import Tokens


class Themed:
    """A mixin for QWidget subclasses, which call `restyle` at the end of their constructor."""

    tokens: Tokens

    def restyle(self, tokens: Tokens) -> None:
        """Use other tokens."""
        self.tokens = tokens
        self.apply_tokens()
        if isinstance(self, QWidget):
            self.update()

    def apply_tokens(self) -> None:
        """Rebuild what was made from the tokens. Subclasses override this."""


class FixedHints:
    """A mixin for QWidget subclasses whose size hints do not depend on their contents."""

    size_hint: ClassVar[QSize]
    least_size: ClassVar[QSize] = QSize()

    def sizeHint(self) -> QSize:
        return self.size_hint

    def minimumSizeHint(self) -> QSize:
        return self.least_size


def restyle_all(root: QWidget, tokens: Tokens) -> None:
    """Restyle a widget and all widgets inside it."""
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, Themed):
            widget.restyle(tokens)
