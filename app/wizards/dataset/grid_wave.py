"""The waveform of a track under its beat grid, from the whole track down to a single beat."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from app.drawing.spectrogram_image import find_peaks
from app.widgets.painting import draw_frame, draw_text
from app.widgets.raster import blend, cover_waveform, to_image
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font
from app.wizards.common.time_axis import TimeAxis, TimelineWidget
from app.wizards.dataset.sounds import COLUMN, Overview
from technogan.arrays import FloatArray

# Beats between two grid lines: the first that leaves _ROOM pixels. Bar numbers take _LABEL_ROOM pixels.
_STEPS = (1, 4, 16, 64, 256)
_ROOM, _LABEL_ROOM = 9, 44


class GridWave(FixedHints, Themed, TimelineWidget):
    """The waveform and its grid.

    Attributes:
        beat_picked: emitted with the number of a double-clicked beat, counted from the first downbeat.
        samples_requested: emitted with start and span in seconds when the overview is too coarse; `show_samples` is
            the answer.
    """

    size_hint, least_size = QSize(400, 170), QSize(160, 90)

    beat_picked = Signal(int)
    samples_requested = Signal(float, float)

    def __init__(self, tokens: Tokens, axis: TimeAxis) -> None:
        super().__init__(axis)
        self._overview: Overview | None = None
        self._samples: tuple[float, float, FloatArray] | None = None
        self._requested: tuple[float, float] | None = None
        self._bpm = self._downbeat = 0.0
        self.hint = ""
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Waveform with beat grid")
        self.setToolTip("Wheel or Up/Down: zoom. Drag or Left/Right: move. Double-click a beat to start a bar there.")
        axis.moved.connect(self._moved)
        self.restyle(tokens)

    def show_overview(self, overview: Overview | None, hint: str = "") -> None:
        """Show the waveform of another track, or a hint while there is none."""
        self._overview, self.hint = overview, hint
        self._samples = self._requested = None
        self._moved()
        self.update()

    def show_grid(self, bpm: float, downbeat: float) -> None:
        """Show a grid whose first bar starts at `downbeat` seconds; a `bpm` of 0 hides the grid."""
        self._bpm, self._downbeat = bpm, downbeat
        self.setAccessibleDescription(f"{bpm:.2f} BPM, first bar at {downbeat:.2f} s" if bpm else "no grid")
        self.update()

    def show_samples(self, start: float, span: float, samples: FloatArray) -> None:
        """Show the samples of a requested part, where columns of the overview would be too wide."""
        self._samples = (start, span, samples)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._bpm:
            seconds = self.axis.seconds_at(event.position().x(), self.width())
            self.beat_picked.emit(round((seconds - self._downbeat) * self._bpm / 60))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        ratio = self.devicePixelRatioF()
        width, height = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        ground = tokens.colour("well")
        if self._overview is None:
            painter.fillRect(self.rect(), ground)
            draw_text(painter, self.rect(), self.hint, tokens.colour("quiet"), Qt.AlignmentFlag.AlignCenter)
            return
        wave = cover_waveform(self._outline(width), height) * np.float32(0.85)
        painter.drawImage(QRectF(self.rect()), to_image(blend(ground, tokens.colour("accent"), wave), ratio))
        if self._bpm:
            self._paint_grid(painter)
        if self.hasFocus():
            draw_frame(painter, self, tokens.colour("accent"))

    def _outline(self, n_columns: int) -> FloatArray:
        """Return the minimum and maximum of each column, from the samples if they cover it, else from the overview."""
        assert self._overview is not None
        start, span = self.axis.start, self.axis.span
        if self._samples is not None:
            first, length, samples = self._samples
            if first <= start and start + span <= first + length and len(samples):
                rate = len(samples) / length
                low, high = round((start - first) * rate), round((start + span - first) * rate)
                piece = samples[low : max(high, low + 2)]
                edges = find_peaks(piece, min(n_columns, len(piece)))
                return edges[np.arange(n_columns) * len(edges) // n_columns]
        return self._overview.outline(start, span, n_columns)

    def _paint_grid(self, painter: QPainter) -> None:
        axis, tokens, beat = self.axis, self.tokens, 60 / self._bpm
        pixels = beat / axis.span * self.width()
        step = next((step for step in _STEPS if step * pixels >= _ROOM), 0)
        if not step:
            return
        first = math.ceil((axis.start - self._downbeat) / beat / step) * step
        last = math.floor((axis.start + axis.span - self._downbeat) / beat)
        for i in range(first, last + 1, step):
            x = axis.x_of(self._downbeat + i * beat, self.width())
            strong = i % (4 * step) == 0 or i % 16 == 0
            early = 0.4 if i < 0 else 1.0
            painter.fillRect(
                QRectF(x - 0.5, 0, 1, self.height()), tokens.colour("text", (0.5 if strong else 0.2) * early)
            )
        self._paint_numbers(painter, pixels)
        x = axis.x_of(self._downbeat, self.width())
        if -10 < x < self.width() + 10:
            self._paint_downbeat(painter, x)

    def _paint_numbers(self, painter: QPainter, pixels: float) -> None:
        """Number the bars from 1."""
        axis, beat = self.axis, 60 / self._bpm
        bars = next((bars for bars in (1, 4, 16, 64) if bars * 4 * pixels >= _LABEL_ROOM), 256)
        first = max(math.ceil((axis.start - self._downbeat) / beat / 4 / bars), 0) * bars
        last = math.floor((axis.start + axis.span - self._downbeat) / beat / 4)
        painter.setPen(self.tokens.colour("quiet"))
        for bar in range(first, last + 1, bars):
            x = axis.x_of(self._downbeat + 4 * bar * beat, self.width())
            painter.drawText(QPointF(x + GRID, self.height() - 5), str(bar + 1))

    def _paint_downbeat(self, painter: QPainter, x: float) -> None:
        colour = self.tokens.colour("caution")
        painter.fillRect(QRectF(x - 1, 0, 2, self.height()), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x - 6, 0), QPointF(x + 6, 0), QPointF(x, 9)]))

    def _moved(self) -> None:
        """Request the samples once a column of the overview is wider than a pixel."""
        if self._overview is None:
            return
        start, span = self.axis.start, self.axis.span
        if span * self._overview.sample_rate / COLUMN >= self.width() * self.devicePixelRatioF():
            return
        if self._requested and self._requested[0] <= start and start + span <= sum(self._requested):
            return
        # A margin on both sides, so that small moves request nothing.
        self._requested = (max(start - span, 0.0), 3 * span)
        self.samples_requested.emit(*self._requested)
