"""The sounding loop as a picture: time to the right, frequency upwards, with a beat grid and a playhead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.colour_maps import colours
from app.drawing.spectrogram_image import Levels, frequencies, level_db, on_axis, place_of, widened
from app.widgets.raster import image_of
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font

_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000)
_LINEAR_TICKS_HZ = (2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000, 18000, 20000)
_PLAYHEAD_REACH = 2
_LABEL_WIDTH = 44


class SpectrogramView(Themed, QWidget):
    """Shows what `show_picture` was given; `set_playhead` repaints two narrow strips only."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: Levels | None = None
        self._nyquist, self._beats = 20000.0, 4
        self._map, self._logarithmic = "Ember", True
        self._pixmap: QPixmap | None = None
        self._playhead: float | None = None
        self._pointer: QPointF | None = None
        self.readout = ""
        self.hint = ""
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Spectrogram of the sounding loop")
        self.restyle(tokens)

    def show_picture(self, levels: Levels, nyquist: float, beats: int) -> None:
        """levels: uint8 (n_bins, n_frames), row 0 the lowest bin, which spans 0 to `nyquist` Hz."""
        self._levels, self._nyquist, self._beats = levels, nyquist, beats
        self._describe()
        self._renew()

    def set_hint(self, hint: str) -> None:
        """What to say while there is no picture."""
        self.hint = hint
        self.update()

    def set_look(self, colour_map: str, *, logarithmic: bool) -> None:
        """Another colour map, or another frequency axis."""
        self._map, self._logarithmic = colour_map, logarithmic
        self._renew()

    def set_playhead(self, position: float | None) -> None:
        """0..1 along the loop; None hides it."""
        if position == self._playhead:
            return
        for place in (self._playhead, position):
            if place is not None:
                x = int(place * self.width())
                self.update(x - _PLAYHEAD_REACH, 0, 2 * _PLAYHEAD_REACH + 1, self.height())
        self._playhead = position

    def restyled(self) -> None:
        """See Themed."""
        self._pixmap = None

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 100)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._pixmap = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self._describe()

    def leaveEvent(self, _event: object) -> None:
        self._pointer = None
        self._describe()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        part = event.rect()
        if self._pixmap is None:
            self._pixmap = self._made()
        ratio = self._pixmap.devicePixelRatio()
        source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
        painter.drawPixmap(QRectF(part), self._pixmap, source)
        if self._playhead is not None:
            x = self._playhead * self.width()
            painter.fillRect(QRectF(x - 1.5, 0, 3, self.height()), self.tokens.colour("picture", 0.4))
            painter.fillRect(QRectF(x - 0.5, 0, 1, self.height()), self.tokens.colour("on_picture"))
        if self.readout and part.intersects(self._readout_area().toRect()):
            self._paint_readout(painter)

    def _renew(self) -> None:
        self._pixmap = None
        self.update()

    def _made(self) -> QPixmap:
        """The picture with its grid, at the screen's own resolution."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.tokens.colour("picture"))
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        if self._levels is None:
            painter.setPen(self.tokens.colour("on_picture", 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.hint)
        else:
            painter.drawImage(self.rect(), self._image(pixmap.width(), pixmap.height()))
            self._paint_grid(painter)
        painter.end()
        return pixmap

    def _image(self, width: int, height: int) -> QImage:
        assert self._levels is not None
        shown = on_axis(widened(self._levels, width), height, self._nyquist, logarithmic=self._logarithmic)
        pixels = colours(self._map)[shown]
        return image_of(pixels)

    def _paint_grid(self, painter: QPainter) -> None:
        tokens, width, height = self.tokens, self.width(), self.height()
        for beat in range(1, self._beats):
            ink = tokens.colour("on_picture", 0.32 if beat % 4 == 0 else 0.15)
            painter.fillRect(QRectF(beat * width / self._beats, 0, 1, height), ink)
        shade = QLinearGradient(0, 0, _LABEL_WIDTH, 0)
        shade.setColorAt(0, tokens.colour("picture", 0.75))
        shade.setColorAt(1, tokens.colour("picture", 0.0))
        painter.fillRect(QRectF(0, 0, _LABEL_WIDTH, height), shade)
        painter.setPen(tokens.colour("on_picture", 0.85))
        for hertz in _TICKS_HZ if self._logarithmic else _LINEAR_TICKS_HZ:
            y = height * (1 - place_of(hertz, self._nyquist, logarithmic=self._logarithmic))
            if 12 < y < height - 8:
                painter.fillRect(QRectF(0, y, 4, 1), tokens.colour("on_picture", 0.6))
                painter.drawText(QPointF(7, y + 4), f"{hertz // 1000}k" if hertz >= 1000 else str(hertz))

    def _describe(self) -> None:
        readout = self._said() if self._pointer is not None and self._levels is not None else ""
        if readout != self.readout:
            self.readout = readout
            self.update(self._readout_area().toAlignedRect())

    def _said(self) -> str:
        assert self._pointer is not None
        assert self._levels is not None
        along = min(max(self._pointer.x() / max(self.width(), 1), 0.0), 0.9999)
        n = max(self.height(), 1)
        up = min(max(n - 1 - int(self._pointer.y()), 0), n - 1)
        hertz = float(frequencies(n, self._nyquist, logarithmic=self._logarithmic)[up])
        frame = int(along * self._levels.shape[1])
        column = on_axis(self._levels[:, frame : frame + 1], n, self._nyquist, logarithmic=self._logarithmic)
        level = int(column[n - 1 - up, 0])
        tone = f"{hertz / 1000:.2f} kHz" if hertz >= 1000 else f"{hertz:.0f} Hz"
        loud = f"{level_db(level):.0f} dB" if level else "silent"
        return f"{tone}   beat {1 + along * self._beats:.2f}   {loud}"

    def _readout_area(self) -> QRectF:
        return QRectF(self.width() - 210, GRID, 206, 20)

    def _paint_readout(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        width = painter.fontMetrics().horizontalAdvance(self.readout) + 4 * GRID
        area = QRectF(self.width() - width - GRID, GRID, width, 20)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.tokens.colour("picture", 0.82))
        painter.drawRoundedRect(area, 3, 3)
        painter.setPen(self.tokens.colour("on_picture"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.readout)
