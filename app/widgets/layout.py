"""Rows and columns, written as a list of what they hold."""

from collections.abc import Iterable
from typing import Literal, TypeVar

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.widgets.tokens import GRID

AnyBox = TypeVar("AnyBox", bound=QBoxLayout)

# Empty room that takes what the other items leave.
STRETCH: Literal["stretch"] = "stretch"
# A widget, a layout, either with its stretch factor, a gap in pixels, or STRETCH.
Item = QWidget | QLayout | tuple[QWidget | QLayout, int] | int | Literal["stretch"]


def make_row(*items: Item, spacing: int = 2 * GRID, parent: QWidget | None = None) -> QHBoxLayout:
    """Return a row without margins; it becomes the layout of `parent` if that is given."""
    return _fill(QHBoxLayout(), items, spacing, parent)


def make_column(*items: Item, spacing: int = 2 * GRID, parent: QWidget | None = None) -> QVBoxLayout:
    """Return a column without margins; it becomes the layout of `parent` if that is given."""
    return _fill(QVBoxLayout(), items, spacing, parent)


def add_items(layout: QBoxLayout, *items: Item) -> None:
    """Add widgets, layouts and gaps to a row or column."""
    for item in items:
        part, factor = item if isinstance(item, tuple) else (item, 0)
        if isinstance(part, QWidget):
            layout.addWidget(part, factor)
        elif isinstance(part, QLayout):
            layout.addLayout(part, factor)
        elif isinstance(part, int):
            layout.addSpacing(part)
        else:
            layout.addStretch(1)


def _fill(layout: AnyBox, items: Iterable[Item], spacing: int, parent: QWidget | None) -> AnyBox:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    add_items(layout, *items)
    if parent is not None:
        parent.setLayout(layout)
    return layout
