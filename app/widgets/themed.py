"""The mixin of all painted widgets, which paint from tokens that can change."""

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


def restyle_all(root: QWidget, tokens: Tokens) -> None:
    """Restyle a widget and all widgets inside it."""
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, Themed):
            widget.restyle(tokens)
