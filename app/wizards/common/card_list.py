"""The base of the lists whose items are painted as cards: tracks, runs and slices."""

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from app.widgets.painting import draw_text
from app.widgets.themed import Themed
from app.widgets.tokens import RADIUS, Tokens, font

Index = QModelIndex | QPersistentModelIndex


class Card(Protocol):
    """An item of a list."""

    @property
    def key(self) -> str:
        """What identifies the item in the code."""

    @property
    def title(self) -> str:
        """The text of the item."""

    def describe(self) -> str:
        """Return all that the item shows, for a tooltip and for screen readers."""


class CardModel(QAbstractListModel):
    """The items of a list."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: tuple[Any, ...] = ()

    def replace(self, items: Sequence[Card]) -> None:
        """Show other items. Nothing is selected afterwards."""
        self.beginResetModel()
        self.items = tuple(items)
        self.endResetModel()

    def update(self, items: Sequence[Card]) -> None:
        """Show changed items with the same keys."""
        changed = [i for i, item in enumerate(items) if item != self.items[i]]
        self.items = tuple(items)
        for i in changed:
            self.dataChanged.emit(self.index(i), self.index(i))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item: Card = self.items[index.row()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.describe()
        return item.title if role == Qt.ItemDataRole.DisplayRole else None


class CardList(Themed, QListView):
    """A list of items; a subclass paints them.

    Attributes:
        chosen: emitted with the key of the item that becomes current.
    """

    padding = 0

    chosen = Signal(str)

    def __init__(self, tokens: Tokens, name: str) -> None:
        super().__init__()
        self.cards = CardModel(self)
        self.hint = ""
        self.setModel(self.cards)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.selectionModel().currentChanged.connect(self._moved)
        self.restyle(tokens)

    def set_hint(self, hint: str) -> None:
        """Set the text that is shown while there are no items."""
        self.hint = hint
        self.setAccessibleDescription(hint)
        self.viewport().update()

    def choose(self, key: str) -> None:
        """Make an item current."""
        for i, item in enumerate(self.cards.items):
            if item.key == key:
                self.setCurrentIndex(self.cards.index(i))
                return

    def selected(self) -> list[str]:
        """Return the keys of the selected items."""
        return [self.cards.items[index.row()].key for index in self.selectedIndexes()]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.cards.items:
            area, centre = self.viewport().rect(), Qt.AlignmentFlag.AlignCenter
            draw_text(QPainter(self.viewport()), area, self.hint, self.tokens.colour("quiet"), centre, face=font())

    def apply_tokens(self) -> None:
        t = self.tokens
        self.setStyleSheet(
            f"QListView {{ background: {t.well}; border: 1px solid {t.line}; border-radius: {RADIUS}px; }}"
            f"QListView {{ outline: none; padding: {self.padding}px; }} QListView:focus {{ border-color: {t.accent}; }}"
        )

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.cards.items[current.row()].key)
