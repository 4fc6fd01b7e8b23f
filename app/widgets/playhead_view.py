"""The base of the views that keep their picture and move a playhead over it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.widgets.raster import make_pixmap
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens

_PLAYHEAD_REACH = 2


class PlayheadView(FixedHints, Themed, QWidget):
    """A widget that renders its picture once; moving the playhead repaints two narrow strips only.

    Subclasses override `paint_picture` and call `discard_picture` when it is out of date.

    Attributes:
        ground: the token of the colour below the picture.
        playhead_colour: the token of the colour of the playhead.
    """

    ground, playhead_colour = "well", "text"

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._pixmap: QPixmap | None = None
        self._playhead: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.restyle(tokens)

    def paint_picture(self, painter: QPainter) -> None:
        """Paint the picture, without the playhead, over its ground. Subclasses override this."""

    def discard_picture(self) -> None:
        """Render the picture again at the next paint."""
        self._pixmap = None
        self.update()

    def set_playhead(self, position: float | None) -> None:
        """Move the playhead to 0..1 along the loop; None hides it."""
        if position == self._playhead:
            return
        for place in (self._playhead, position):
            if place is not None:
                x = int(place * self.width())
                self.update(x - _PLAYHEAD_REACH, 0, 2 * _PLAYHEAD_REACH + 1, self.height())
        self._playhead = position

    def apply_tokens(self) -> None:
        self._pixmap = None

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._pixmap = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            self._pixmap = self._render()
        painter, part = QPainter(self), event.rect()
        ratio = self._pixmap.devicePixelRatio()
        source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
        painter.drawPixmap(QRectF(part), self._pixmap, source)
        if self._playhead is not None:
            self.paint_playhead(painter, self._playhead * self.width())

    def _render(self) -> QPixmap:
        """Return the picture at the resolution of the screen."""
        pixmap = make_pixmap(self, self.tokens.colour(self.ground))
        painter = QPainter(pixmap)
        self.paint_picture(painter)
        painter.end()
        return pixmap

    def paint_playhead(self, painter: QPainter, x: float) -> None:
        """Paint the playhead at `x`."""
        painter.fillRect(QRectF(x - 0.5, 0, 1, self.height()), self.tokens.colour(self.playhead_colour))
