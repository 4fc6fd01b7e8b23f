"""The base class of a wizard's pages."""

from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.text import Body, Heading


class Page(Themed, QWidget):
    """A page with a heading and a lead; subclasses add their widgets to `body` and override what differs.

    Attributes:
        name: identifies the page in the saved state.
        step: its label in the list of steps.
        changed: emitted when `complete` or `state` may have changed.
    """

    name: ClassVar[str]
    step: ClassVar[str]
    heading: ClassVar[str]
    lead: ClassVar[str] = ""
    next_text: ClassVar[str] = "Next"

    changed = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 3 * GRID)
        self.body.setSpacing(3 * GRID)
        self.body.addWidget(Heading(tokens, self.heading))
        if self.lead:
            self.body.addWidget(Body(tokens, self.lead, tone="quiet"))
        self.restyle(tokens)

    def minimumSizeHint(self) -> QSize:
        """Return the height for the current width: text at its narrowest would ask for far too much."""
        narrow = super().minimumSizeHint()
        return QSize(narrow.width(), self.body.minimumHeightForWidth(max(narrow.width(), self.width())))

    def complete(self) -> bool:
        """Return whether the user can continue to the next page."""
        return True

    def enter(self) -> None:
        """Prepare the page; called when it is shown."""

    def leave(self) -> None:
        """Release what only a visible page needs; called when another page is shown or the window closes."""

    def state(self) -> dict[str, Any]:
        """Return the user's input as plain JSON values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the input of an earlier window; values that cannot be used are ignored."""

    def close_page(self) -> None:
        """Stop following jobs, which continue; called when the wizard closes."""
