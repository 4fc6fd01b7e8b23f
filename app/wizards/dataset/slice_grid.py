"""A grid of all slices as small waveforms, to play and reject from the keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.painting import draw_text, fill_rounded
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font
from app.wizards.common.card_list import CardList, Index

_TILE = QSize(122, 64)
_TONES = {"silent": "faint", "clipped": "warning", "repeated": "caution"}


@dataclass(frozen=True, slots=True)
class SliceInfo:
    """A slice as `technogan dataset inspect` reports it.

    Attributes:
        path: below the folder of slices, with slashes.
        marks: any of silent, clipped and repeated.
        outline: peaks of equal parts, 0 to 1.
        peak_db: highest peak.
        level_db: RMS level.
        twin: an earlier slice that is nearly identical; "" if there is none.
    """

    path: str
    marks: tuple[str, ...] = ()
    outline: tuple[float, ...] = ()
    peak_db: float = 0.0
    level_db: float = 0.0
    twin: str = ""

    @property
    def key(self) -> str:
        """The path."""
        return self.path

    @property
    def title(self) -> str:
        """The file name without its suffix."""
        return _stem(self.path)

    def describe(self) -> str:
        """Return a line with all that is known."""
        parts = [self.title, f"peak {self.peak_db:.1f} dB, level {self.level_db:.1f} dB"]
        parts += [mark for mark in self.marks if mark != "repeated"]
        if self.twin:
            parts.append(f"nearly identical to {_stem(self.twin)}")
        return "   ".join(parts)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".wav")


class _Painter(QStyledItemDelegate):
    def __init__(self, view: SliceGrid) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, each = self._view, self._view.slices[index.row()]
        tokens, area = view.tokens, QRectF(option.rect).adjusted(3, 3, -3, -3)
        rejected, chosen = each.path in view.rejected, bool(option.state & QStyle.StateFlag.State_Selected)
        playing = each.path == view.playing
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.colour("accent" if chosen else "line")
        ground = tokens.colour("accent", 0.18) if playing else tokens.colour("raised", 0.25 if rejected else 1)
        fill_rounded(painter, area, ground, QPen(edge, 1.6 if chosen else 1))
        ink = tokens.colour("faint" if rejected else "accent", 0.5 if rejected else 1)
        _paint_outline(painter, area.adjusted(6, 15, -6, -5), each.outline, ink)
        self._paint_text(painter, option.rect.adjusted(9, 5, -8, 0), each, rejected)
        if rejected:
            painter.setPen(QPen(tokens.colour("warning", 0.8), 1.4))
            painter.drawLine(area.topLeft(), area.bottomRight())
        painter.restore()

    def _paint_text(self, painter: QPainter, area: QRect, each: SliceInfo, rejected: bool) -> None:
        tokens, flag = self._view.tokens, Qt.AlignmentFlag
        painter.setFont(font(TYPE_SMALL))
        mark = each.marks[0] if each.marks else ""
        draw_text(painter, area, mark, tokens.colour(_TONES.get(mark, "quiet")), flag.AlignRight | flag.AlignTop)
        room = area.width() - painter.fontMetrics().horizontalAdvance(mark) - GRID
        shown = painter.fontMetrics().elidedText(each.title, Qt.TextElideMode.ElideLeft, room)
        draw_text(painter, area, shown, tokens.colour("faint" if rejected else "quiet"), flag.AlignTop)


def _paint_outline(painter: QPainter, area: QRectF, outline: Sequence[float], ink: QColor) -> None:
    width = area.width() / max(len(outline), 1)
    for i, peak in enumerate(outline):
        height = max(peak * area.height(), 1)
        bar = QRectF(area.left() + i * width, area.center().y() - height / 2, max(width - 0.5, 0.8), height)
        painter.fillRect(bar, ink)


class SliceGrid(CardList):
    """The grid.

    Attributes:
        play_requested: emitted with the path of a slice.
        rejection_requested: emitted with the paths of the selected slices, to reject or restore them.
    """

    padding = 2

    play_requested = Signal(str)
    rejection_requested = Signal(list)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens, "Slices")
        self.rejected: frozenset[str] = frozenset()
        self.playing = ""
        self.setItemDelegate(_Painter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setGridSize(_TILE)
        self.setDragEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setToolTip("Space: play. X: reject or restore. Arrows: move.")
        self.setMinimumHeight(3 * _TILE.height())

    @property
    def slices(self) -> tuple[SliceInfo, ...]:
        """The slices that are shown, in order."""
        return self.cards.items

    @property
    def current(self) -> SliceInfo | None:
        """The current slice, if any."""
        i = self.currentIndex().row()
        return self.slices[i] if 0 <= i < len(self.slices) else None

    def show_slices(self, slices: Sequence[SliceInfo]) -> None:
        """Replace the slices, and make the first one current."""
        self.cards.replace(slices)
        if slices:
            self.setCurrentIndex(self.cards.index(0))

    def show_rejected(self, rejected: Iterable[str]) -> None:
        """Show which slices are rejected."""
        self.rejected = frozenset(rejected)
        self.viewport().update()

    def show_playing(self, path: str) -> None:
        """Show which slice is playing; "" for none."""
        if path != self.playing:
            self.playing = path
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # The tiles share the full width.
        width = self.viewport().width() - GRID
        self.setGridSize(QSize(width // max(width // _TILE.width(), 1), _TILE.height()))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if current is not None and event.key() == Qt.Key.Key_Space:
            self.play_requested.emit(current.path)
        elif current is not None and event.key() in (Qt.Key.Key_X, Qt.Key.Key_Delete):
            self.rejection_requested.emit(self.selected())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        current = self.current
        if current is not None and self.indexAt(event.position().toPoint()).isValid():
            self.play_requested.emit(current.path)
