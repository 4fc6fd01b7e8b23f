"""The spectrogram of the live loop, with axis, beat grid, playhead and pointer readout."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from app.drawing.colour_maps import colours
from app.drawing.spectrogram_image import (
    Levels,
    compute_axis_frequencies,
    find_axis_position,
    level_to_db,
    map_to_columns,
    map_to_rows,
)
from app.widgets.painting import draw_text, fill_rounded, make_painter
from app.widgets.playhead_view import PlayheadView
from app.widgets.raster import to_image
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font
from technogan.arrays import FloatArray

_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000)
_LINEAR_TICKS_HZ = (2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000, 18000, 20000)
_LABEL_WIDTH = 44


class SpectrogramView(PlayheadView):
    """A spectrogram with time to the right and frequency upwards, or a hint while there is none."""

    size_hint, least_size = QSize(560, 320), QSize(200, 100)
    ground, playhead_colour = "picture", "on_picture"

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._levels: Levels | None = None
        self._nyquist, self._beats = 20000.0, 4
        self._rows: FloatArray | None = None
        self._map, self._logarithmic = "Ember", True
        self._pointer: QPointF | None = None
        self.readout = ""
        self.hint = ""
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Spectrogram of the live loop")

    def show_picture(self, levels: Levels, nyquist: float, beats: int, rows: FloatArray | None = None) -> None:
        """Show levels, uint8 (n_bins, n_frames), row 0 the lowest bin, on an axis that ends at `nyquist` Hz.

        rows: see `map_to_rows`.
        """
        self._levels, self._nyquist, self._beats, self._rows = levels, nyquist, beats, rows
        self._describe()
        self.discard_picture()

    def set_hint(self, hint: str) -> None:
        """Set the text that is shown while there is no spectrogram."""
        self.hint = hint
        self.discard_picture()

    def clear(self, hint: str) -> None:
        """Show a hint instead of a spectrogram."""
        self._levels = None
        self._describe()
        self.set_hint(hint)

    def set_display(self, colour_map: str, *, logarithmic: bool) -> None:
        """Set the colour map and the frequency axis."""
        self._map, self._logarithmic = colour_map, logarithmic
        self.discard_picture()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self._describe()

    def leaveEvent(self, _event: object) -> None:
        self._pointer = None
        self._describe()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.readout and event.rect().intersects(self._readout_area().toRect()):
            self._paint_readout(make_painter(self))

    def paint_playhead(self, painter: QPainter, x: float) -> None:
        painter.fillRect(QRectF(x - 1.5, 0, 3, self.height()), self.tokens.colour("picture", 0.4))
        super().paint_playhead(painter, x)

    def paint_picture(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        if self._levels is None:
            ink = self.tokens.colour("on_picture", 0.6)
            draw_text(painter, self.rect(), self.hint, ink, Qt.AlignmentFlag.AlignCenter)
        else:
            pixmap = painter.device()
            painter.drawImage(self.rect(), self._render_levels(pixmap.width(), pixmap.height()))
            self._paint_grid(painter)

    def _render_levels(self, width: int, height: int) -> QImage:
        assert self._levels is not None
        pixels = colours(self._map)[self._map_rows(map_to_columns(self._levels, width), height)]
        return to_image(pixels)

    def _map_rows(self, levels: Levels, height: int) -> Levels:
        return map_to_rows(levels, height, self._nyquist, logarithmic=self._logarithmic, rows=self._rows)

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
            y = height * (1 - find_axis_position(hertz, self._nyquist, logarithmic=self._logarithmic))
            if 12 < y < height - 8:
                painter.fillRect(QRectF(0, y, 4, 1), tokens.colour("on_picture", 0.6))
                painter.drawText(QPointF(7, y + 4), f"{hertz // 1000}k" if hertz >= 1000 else str(hertz))

    def _describe(self) -> None:
        readout = self._format_readout() if self._pointer is not None and self._levels is not None else ""
        if readout != self.readout:
            self.readout = readout
            self.update(self._readout_area().toAlignedRect())

    def _format_readout(self) -> str:
        assert self._pointer is not None
        assert self._levels is not None
        time = min(max(self._pointer.x() / max(self.width(), 1), 0.0), 0.9999)
        n = max(self.height(), 1)
        row = min(max(n - 1 - int(self._pointer.y()), 0), n - 1)
        hertz = float(compute_axis_frequencies(n, self._nyquist, logarithmic=self._logarithmic)[row])
        frame = int(time * self._levels.shape[1])
        level = int(self._map_rows(self._levels[:, frame : frame + 1], n)[n - 1 - row, 0])
        frequency = f"{hertz / 1000:.2f} kHz" if hertz >= 1000 else f"{hertz:.0f} Hz"
        loudness = f"{level_to_db(level):.0f} dB" if level else "silent"
        return f"{frequency}   beat {1 + time * self._beats:.2f}   {loudness}"

    def _readout_area(self) -> QRectF:
        return QRectF(self.width() - 210, GRID, 206, 20)

    def _paint_readout(self, painter: QPainter) -> None:
        width = painter.fontMetrics().horizontalAdvance(self.readout) + 4 * GRID
        area = QRectF(self.width() - width - GRID, GRID, width, 20)
        fill_rounded(painter, area, self.tokens.colour("picture", 0.82), radius=3)
        draw_text(painter, area, self.readout, self.tokens.colour("on_picture"), Qt.AlignmentFlag.AlignCenter)
