"""All sliders in one painted widget: bars from the middle line, sixteen per row."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBrush,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.raster import make_pixmap
from app.widgets.slider_cell import SliderCell
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, Tokens
from technogan.seeds.seed import LATENT_SIZE, SLIDER_MAX, SLIDER_MIN

COLUMNS = 16
_ROW_GAP = GRID
_BAR_GAP = 2
_PAGE = 16
# Wheel turns and key presses closer together than this are one gesture.
_GESTURE_PAUSE_MS = 500
_STEPS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: _PAGE,
    Qt.Key.Key_PageDown: -_PAGE,
}


class SeedBars(FixedHints, Themed, QWidget):
    """Sliders to draw by dragging across them, or to change with the wheel and the keyboard.

    Edits are only emitted; the bars change when `show_seed` is called.
    """

    size_hint, least_size = QSize(320, 400), QSize(240, 160)

    value_edited = Signal(int, float)
    lock_toggled = Signal(int)
    current_changed = Signal(int)
    gesture_began = Signal(str)  # the text of the undo step
    gesture_ended = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.values: tuple[float, ...] = (0.0,) * LATENT_SIZE
        self.reference = self.values
        self.locked: frozenset[int] = frozenset()
        self.current = 0
        self._painted: tuple[int, float] | None = None
        self._hovered: int | None = None
        self._cells: list[SliderCell] = []
        self._ground: QPixmap | None = None
        self._pause = QTimer(self, singleShot=True, interval=_GESTURE_PAUSE_MS)
        self._pause.timeout.connect(self.gesture_ended)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Drag to draw · scroll or ↑ ↓: fine steps · double-click or Del: zero · right-click or L: lock")
        self._describe()
        self.restyle(tokens)

    def show_seed(self, values: tuple[float, ...], reference: tuple[float, ...], locked: frozenset[int]) -> None:
        """Show slider values, marks of the reference values, and which sliders are locked."""
        self.values, self.reference, self.locked = values, reference, locked
        self.set_current(min(self.current, len(values) - 1))
        self._describe()
        self.update()

    def set_current(self, index: int) -> None:
        """Select the slider for the keyboard."""
        if index != self.current:
            self.current = index
            self._describe()
            self.current_changed.emit(index)
            self.update()

    # --- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is None:
            return
        self.set_current(index)
        if event.button() == Qt.MouseButton.RightButton:
            self.lock_toggled.emit(index)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._end_pause()
            self.gesture_began.emit("Draw sliders")
            self._painted = (index, self._value_at(event.position(), index))
            self.value_edited.emit(*self._painted)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._painted is not None:
            self._paint_to(event.position())
            return
        hovered = self._index_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._painted is not None and event.button() == Qt.MouseButton.LeftButton:
            self._painted = None
            self.gesture_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.value_edited.emit(index, 0.0)
        elif index is not None and event.button() == Qt.MouseButton.RightButton:
            self.lock_toggled.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        index = self._index_at(event.position())
        turned = event.angleDelta().y() or event.angleDelta().x()
        if index is not None and turned:
            self.set_current(index)
            coarse = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._nudge(index, (8 if coarse else 1) * (1 if turned > 0 else -1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if row:
            moves |= {Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}
        if key in moves:
            self.set_current(min(max(self.current + moves[Qt.Key(key)], 0), len(self.values) - 1))
        elif key in _STEPS:
            self._nudge(self.current, _STEPS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._nudge(self.current, SLIDER_MIN * 2 if key == Qt.Key.Key_Home else SLIDER_MAX * 2)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.value_edited.emit(self.current, 0.0)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, _event: object) -> None:
        self._hovered = None
        self.update()

    def _nudge(self, index: int, by: float) -> None:
        value = min(max(self.values[index] + by, SLIDER_MIN), SLIDER_MAX)
        if not self._pause.isActive():
            self.gesture_began.emit(f"Slider {index + 1}")
        self._pause.start()
        self.value_edited.emit(index, float(value))

    def _end_pause(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.gesture_ended.emit()

    def _paint_to(self, position: QPointF) -> None:
        """Set every bar between the last position and this one, so that a fast mouse skips none."""
        assert self._painted is not None
        start, from_value = self._painted
        row = start // COLUMNS
        column = min(max(int(position.x() / self._cell_width()), 0), COLUMNS - 1)
        index = min(row * COLUMNS + column, len(self.values) - 1)
        to_value = self._value_at(position, index)
        n = abs(index - start)
        for i in range(1, n + 1):
            crossed = start + i * (1 if index > start else -1)
            self.value_edited.emit(crossed, float(round(from_value + (to_value - from_value) * i / n)))
        if n == 0 and to_value != from_value:
            self.value_edited.emit(index, to_value)
        self._painted = (index, to_value)
        self.set_current(index)

    # --- geometry

    def _rows(self) -> int:
        return -(-len(self.values) // COLUMNS)

    def _cell_width(self) -> float:
        return self.width() / COLUMNS

    def _row_height(self) -> float:
        return (self.height() + _ROW_GAP) / self._rows() - _ROW_GAP

    def _index_at(self, position: QPointF) -> int | None:
        row = int(position.y() / (self._row_height() + _ROW_GAP))
        column = int(position.x() / self._cell_width())
        index = row * COLUMNS + column
        inside = 0 <= row < self._rows() and 0 <= column < COLUMNS and index < len(self.values)
        return index if inside else None

    def _cell(self, index: int) -> QRectF:
        row, column = divmod(index, COLUMNS)
        top = row * (self._row_height() + _ROW_GAP)
        return QRectF(column * self._cell_width(), top, self._cell_width() - _BAR_GAP, self._row_height())

    def _value_at(self, position: QPointF, index: int) -> float:
        cell = self._cell(index)
        height = 1 - (position.y() - cell.top()) / max(cell.height(), 1)
        return float(round(min(max(SLIDER_MIN + height * 256, SLIDER_MIN), SLIDER_MAX)))

    # --- painting

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._ground = None

    def apply_tokens(self) -> None:
        self._ground = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        if self._ground is None or len(self._cells) != len(self.values):
            self._ground = self._render_ground()
        painter.drawPixmap(0, 0, self._ground)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._hovered is not None and self._hovered < len(self._cells):
            self._paint_hovered(painter, self._cells[self._hovered])
        self._paint_bars(painter)
        self._paint_marks(painter)
        if self.hasFocus() or self._painted is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.colour("text" if self.hasFocus() else "quiet"), 1))
            painter.drawRect(self._cells[self.current].well.adjusted(0, 0, -1, -1))

    def _render_ground(self) -> QPixmap:
        """Render what stays while sliders move: wells and middle lines."""
        self._cells = [SliderCell.of(self._cell(i).toRect()) for i in range(len(self.values))]
        pixmap = make_pixmap(self, self.tokens.colour("panel"))
        painter = QPainter(pixmap)
        for cell in self._cells:
            painter.fillRect(cell.well, self.tokens.colour("well"))
            painter.fillRect(cell.line, self.tokens.colour("faint"))
        painter.end()
        return pixmap

    def _paint_hovered(self, painter: QPainter, cell: SliderCell) -> None:
        painter.fillRect(cell.well, self.tokens.colour("raised"))
        painter.fillRect(cell.line, self.tokens.colour("faint"))

    def _paint_bars(self, painter: QPainter) -> None:
        tokens, cells, locked = self.tokens, self._cells, [i for i in self.locked if i < len(self._cells)]
        bars = [cell.bar(value) for cell, value in zip(cells, self.values, strict=True)]
        brushes: list[tuple[QBrush, list[QRect]]] = [
            (QBrush(tokens.colour("accent", 0.9)), [bar for i, bar in enumerate(bars) if i not in self.locked]),
            (QBrush(tokens.colour("accent", 0.28)), [bars[i] for i in locked]),
            (QBrush(tokens.colour("quiet"), Qt.BrushStyle.BDiagPattern), [cells[i].well for i in locked]),
        ]
        for brush, rects in brushes:
            if rects:
                painter.setBrush(brush)
                painter.drawRects(rects)

    def _paint_marks(self, painter: QPainter) -> None:
        """Mark the reference values of sliders that moved."""
        pairs = zip(self._cells, self.values, self.reference, strict=True)
        marks = [cell.mark(old) for cell, new, old in pairs if new != old]
        if marks:
            painter.setBrush(self.tokens.colour("text", 0.4))
            painter.drawRects(marks)

    def _describe(self) -> None:
        value = self.values[self.current]
        self.setAccessibleName(f"Slider {self.current + 1} of {len(self.values)}")
        locked = ", locked" if self.current in self.locked else ""
        self.setAccessibleDescription(f"{value:.0f}{locked}")
