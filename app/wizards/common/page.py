"""One page of a wizard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.text import Body, Heading


class Page(Themed, QWidget):
    """A step: `body` takes what stands on it, below its heading and a sentence or two. A child overrides what differs.

    name: in the saved state. step: in the list of steps. changed: anything it says of itself. wanted: go on to the
    next one.
    """

    name: ClassVar[str]
    step: ClassVar[str]
    heading: ClassVar[str]
    lead: ClassVar[str] = ""
    next_text: ClassVar[str] = "Next"

    changed = Signal()
    wanted = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 3 * GRID)
        self.body.setSpacing(3 * GRID)
        self.body.addWidget(Heading(tokens, self.heading))
        if self.lead:
            self.body.addWidget(Body(tokens, self.lead, tone="quiet"))
        self.restyle(tokens)

    def minimumSizeHint(self) -> QSize:
        """By the width it has: text that could wrap more narrowly would ask for a height that nobody needs."""
        narrow = super().minimumSizeHint()
        return QSize(narrow.width(), self.body.minimumHeightForWidth(max(narrow.width(), self.width())))

    def complete(self) -> bool:
        """Whether one can go on from here."""
        return True

    def enter(self) -> None:
        """It is shown now."""

    def leave(self) -> None:
        """Another page is shown, or the window closes."""

    def state(self) -> dict[str, Any]:
        """What was answered, as plain JSON values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what was answered another time. Nonsense is ignored: the file is anybody's."""

    def close_page(self) -> None:
        """The wizard closes: end what is in the way, let jobs go on."""
