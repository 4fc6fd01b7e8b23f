"""A list of items, each with a title, a line of detail and a coloured badge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.widgets.painting import draw_text, fill_rounded
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, RADIUS, TYPE_BODY, TYPE_SMALL, Tokens, font

_HEIGHT = 42
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """An item: `key` identifies it in the code; `badge` is shown at its right in the colour of the token `tone`."""

    key: str
    title: str
    detail: str = ""
    badge: str = ""
    tone: str = "quiet"


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: Sequence[Row]) -> None:
        same = [row.key for row in rows] == [row.key for row in self.rows]
        if same:
            changed = [i for i, row in enumerate(rows) if row != self.rows[i]]
            self.rows = tuple(rows)
            for i in changed:
                self.dataChanged.emit(self.index(i), self.index(i))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join(filter(None, (row.title, row.detail, row.badge)))
        return None


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


class Rows(Themed, QListView):
    """The list.

    Attributes:
        chosen: emitted with the key of the row that becomes current.
        removal_requested: emitted with the keys of the selected rows when Delete is pressed.
    """

    chosen = Signal(str)
    removal_requested = Signal(list)

    def __init__(self, tokens: Tokens, name: str, *, several: bool = False) -> None:
        super().__init__()
        self._model = _Model(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if several else mode.SingleSelection)
        self.setMinimumHeight(3 * _HEIGHT)
        self.selectionModel().currentChanged.connect(self._moved)
        self.restyle(tokens)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are shown."""
        return self._model.rows

    @property
    def current(self) -> str:
        """The key of the current row; "" for none."""
        i = self.currentIndex().row()
        return self.rows[i].key if 0 <= i < len(self.rows) else ""

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows. The current row stays current if it is still there; otherwise the first becomes current."""
        key = self.current
        self._model.show(rows)
        keys = [row.key for row in rows]
        if (keys and self.current != key) or not self.current:
            self.choose(key if key in keys else keys[0] if keys else "")

    def choose(self, key: str) -> None:
        """Make a row current."""
        for i, row in enumerate(self.rows):
            if row.key == key:
                self.setCurrentIndex(self._model.index(i))
                return

    def selected(self) -> list[str]:
        """Return the keys of the selected rows."""
        return [self.rows[index.row()].key for index in self.selectedIndexes()]

    def apply_tokens(self) -> None:
        t = self.tokens
        self.setStyleSheet(
            f"QListView {{ background: {t.well}; border: 1px solid {t.line}; border-radius: {RADIUS}px; }}"
            f"QListView {{ outline: none; }} QListView:focus {{ border-color: {t.accent}; }}"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_requested.emit(self.selected())
        else:
            super().keyPressEvent(event)

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.rows[current.row()].key)
