"""What all painted widgets share: they paint from tokens, which may change."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.widgets.tokens import Tokens


class Themed:
    """Mixed into a QWidget; call `restyle` at the end of its constructor."""

    tokens: Tokens

    def restyle(self, tokens: Tokens) -> None:
        """Take other tokens. Override `restyled` to make anew what was made from them."""
        self.tokens = tokens
        self.restyled()
        if isinstance(self, QWidget):
            self.update()

    def restyled(self) -> None:
        """The tokens have changed."""


def restyle_all(root: QWidget, tokens: Tokens) -> None:
    """Give a widget and all in it other tokens."""
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, Themed):
            widget.restyle(tokens)
