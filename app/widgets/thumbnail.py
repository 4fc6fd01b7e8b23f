"""The thumbnail of a slot: its loop in the hue of the slot with a playhead, or a hint if the slot is empty."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.drawing.colour_maps import colours_of_hue
from app.drawing.spectrogram_image import compute_levels, map_to_rows, reduce_frames
from app.widgets.keyboard import is_activation_key, slot_key
from app.widgets.painting import draw_frame, draw_text, edge_of, fill_rounded
from app.widgets.raster import make_pixmap, to_image
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import TYPE_SMALL, Tokens, font
from technogan.sound.loop import Loop

_HEIGHT = 96


class Thumbnail(FixedHints, Themed, QWidget):
    """A picture of the loop in a slot, to click, double-click or drag out."""

    size_hint, least_size = QSize(120, 56), QSize(60, 30)

    clicked = Signal()
    load_requested = Signal()  # by a double click
    drag_requested = Signal(bool)  # True with Alt: one file per stem

    def __init__(self, tokens: Tokens, number: int) -> None:
        super().__init__()
        self._number = number
        self._loop: Loop | None = None
        self._pixmap: QPixmap | None = None
        self._playhead: int | None = None
        self._pressed: QPointF | None = None
        self._pulse = 0.0
        self._awaited = False
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.restyle(tokens)

    def show_loop(self, loop: Loop | None) -> None:
        """Show a loop; None for an empty slot."""
        if loop is not self._loop:
            self._loop = loop
            self._pixmap = None
            self.update()

    def set_playhead(self, position: float | None) -> None:
        """Move the playhead to 0..1 along the loop; None hides it."""
        place = None if position is None else int(position * self.width())
        if place != self._playhead:
            for x in (self._playhead, place):
                if x is not None:
                    self.update(x - 1, 0, 3, self.height())
            self._playhead = place

    def set_pulse(self, strength: float) -> None:
        """Set the strength of the glow after a change, 0..1."""
        if strength != self._pulse:
            self._pulse = strength
            self.update()

    def set_awaited(self, awaited: bool) -> None:
        """Show that a sequence for this slot is being rendered."""
        if awaited != self._awaited:
            self._awaited = awaited
            self.update()

    def apply_tokens(self) -> None:
        self._pixmap = None

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._pixmap = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self._loop is None:
            return
        moved = event.position() - self._pressed
        if moved.manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.drag_requested.emit(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = None
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.load_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        area = self.rect()
        if self._loop is None:
            self._paint_empty(painter, tokens.slot_colour(self._number))
        else:
            if self._pixmap is None:
                self._pixmap = self._render(self._loop)
            painter.drawPixmap(0, 0, self._pixmap)
        if self._pulse > 0:
            painter.fillRect(area, tokens.slot_colour(self._number, 0.45 * self._pulse))
        if self._playhead is not None:
            painter.fillRect(self._playhead, 0, 1, area.height(), tokens.colour("on_picture"))
        if self.hasFocus():
            draw_frame(painter, self, tokens.colour("accent"))

    def _render(self, loop: Loop) -> QPixmap:
        pixmap = make_pixmap(self, self.tokens.colour("picture"))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), render_thumbnail(loop, self.tokens.slot_colour(self._number)))
        painter.end()
        return pixmap

    def _paint_empty(self, painter: QPainter, hue: QColor) -> None:
        tokens, active = self.tokens, self.underMouse() or self._awaited
        painter.fillRect(self.rect(), tokens.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(hue if active else tokens.colour("line"), 1, Qt.PenStyle.DashLine)
        fill_rounded(painter, edge_of(self), tokens.colour("well"), pen)
        hint = "rendering" if self._awaited else f"keep  {slot_key(self._number)}".rstrip()
        ink = tokens.colour("quiet" if active else "faint")
        draw_text(painter, self.rect(), hint, ink, Qt.AlignmentFlag.AlignCenter)

    def enterEvent(self, _event: object) -> None:
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self.update()


def render_thumbnail(loop: Loop, hue: QColor) -> QImage:
    """Render the spectrogram of a loop, THUMBNAIL_FRAMES wide at most, in one hue."""
    levels = compute_levels(reduce_frames(loop.magnitude))
    shown = map_to_rows(levels, _HEIGHT, loop.sample_rate / 2, logarithmic=True, rows=loop.rows)
    pixels = colours_of_hue(hue.hueF())[shown]
    return to_image(pixels)
