"""A list of items, each with a title, a line of detail and a coloured badge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.painting import draw_text, fill_rounded
from app.widgets.tokens import GRID, TYPE_BODY, TYPE_SMALL, Tokens, font
from app.wizards.common.card_list import CardList, Index

_HEIGHT = 42


@dataclass(frozen=True, slots=True)
class Row:
    """An item: `key` identifies it in the code; `badge` is shown at its right in the colour of the token `tone`."""

    key: str
    title: str
    detail: str = ""
    badge: str = ""
    tone: str = "quiet"

    def describe(self) -> str:
        """Return all that the item shows."""
        return ", ".join(filter(None, (self.title, self.detail, self.badge)))


class _Painter(QStyledItemDelegate):
    def __init__(self, view: Rows) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, row = self._view.tokens, self._view.rows[index.row()]
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(area).adjusted(1.5, 1.5, -1.5, -1.5)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            fill_rounded(painter, ground, tokens.colour("pressed", 0.9) if chosen else tokens.colour("raised", 0.6))
            if chosen:
                stripe = QRectF(ground.left(), ground.top() + 6, 3, ground.height() - 12)
                fill_rounded(painter, stripe, tokens.colour("accent"), radius=1.5)
        self._paint_text(painter, area.adjusted(3 * GRID, 0, -2 * GRID, 0), row)
        painter.restore()

    def _paint_text(self, painter: QPainter, area: QRect, row: Row) -> None:
        tokens = self._view.tokens
        small, body = font(TYPE_SMALL + 1), font(TYPE_BODY)
        badge = QFontMetrics(small).horizontalAdvance(row.badge)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        draw_text(painter, area, row.badge, tokens.colour(row.tone), right, face=small)
        text_area = area.adjusted(0, 5, -badge - 2 * GRID if badge else 0, -5)
        self._paint_line(painter, text_area, row.title, "text", body, top=bool(row.detail))
        if row.detail:
            self._paint_line(painter, text_area, row.detail, "quiet", small, top=False, bottom=True)

    def _paint_line(
        self, painter: QPainter, area: QRect, text: str, ink: str, face: QFont, *, top: bool, bottom: bool = False
    ) -> None:
        flag = Qt.AlignmentFlag
        place = flag.AlignTop if top else flag.AlignBottom if bottom else flag.AlignVCenter
        shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        draw_text(painter, area, shown, self._view.tokens.colour(ink), flag.AlignLeft | place, face=face)


class Rows(CardList):
    """The list.

    Attributes:
        removal_requested: emitted with the keys of the selected rows when Delete is pressed.
    """

    removal_requested = Signal(list)

    def __init__(self, tokens: Tokens, name: str, *, several: bool = False) -> None:
        super().__init__(tokens, name)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if several else mode.SingleSelection)
        self.setMinimumHeight(2 * _HEIGHT)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are shown."""
        return self.cards.items

    @property
    def current(self) -> str:
        """The key of the current row; "" for none."""
        i = self.currentIndex().row()
        return self.rows[i].key if 0 <= i < len(self.rows) else ""

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows. The current row stays current if it is still there; otherwise the first becomes current."""
        key, keys = self.current, [row.key for row in rows]
        if keys == [row.key for row in self.rows]:
            self.cards.update(rows)
        else:
            self.cards.replace(rows)
        if (keys and self.current != key) or not self.current:
            self.choose(key if key in keys else keys[0] if keys else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_requested.emit(self.selected())
        else:
            super().keyPressEvent(event)
