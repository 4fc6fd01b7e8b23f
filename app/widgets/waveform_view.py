"""The wave of the sounding loop, under its spectrogram and on the same axis of time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.picture import outline
from app.widgets.themed import Themed
from app.widgets.tokens import Tokens
from technogan.transform import FloatArray


class WaveformView(Themed, QWidget):
    """Shows the samples it was given last, with the playhead."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: FloatArray | None = None
        self._beats = 4
        self._pixmap: QPixmap | None = None
        self._playhead: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Waveform of the sounding loop")
        self.restyle(tokens)

    def show_samples(self, samples: FloatArray, beats: int) -> None:
        """samples: float32 (n,), -1..1."""
        self._samples, self._beats = samples, beats
        self._pixmap = None
        self.update()

    def set_playhead(self, position: float | None) -> None:
        """0..1 along the loop; None hides it."""
        if position == self._playhead:
            return
        for place in (self._playhead, position):
            if place is not None:
                self.update(int(place * self.width()) - 2, 0, 5, self.height())
        self._playhead = position

    def restyled(self) -> None:
        """See Themed."""
        self._pixmap = None

    def sizeHint(self) -> QSize:
        return QSize(400, 64)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 40)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._pixmap = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            self._pixmap = self._made()
        painter, part = QPainter(self), event.rect()
        ratio = self._pixmap.devicePixelRatio()
        source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
        painter.drawPixmap(QRectF(part), self._pixmap, source)
        if self._playhead is not None:
            x = self._playhead * self.width()
            painter.fillRect(QRectF(x - 0.5, 0, 1, self.height()), self.tokens.colour("text"))

    def _made(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.tokens.colour("well"))
        painter = QPainter(pixmap)
        for beat in range(1, self._beats):
            x = beat * self.width() / self._beats
            painter.fillRect(QRectF(x, 0, 1, self.height()), self.tokens.colour("text", 0.12))
        painter.fillRect(QRectF(0, self.height() / 2 - 0.5, self.width(), 1), self.tokens.colour("line"))
        if self._samples is not None and self.width() > 0:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.tokens.colour("accent", 0.85))
            painter.drawPolygon(self._polygon(self._samples, pixmap.width()))
        painter.end()
        return pixmap

    def _polygon(self, samples: FloatArray, n_columns: int) -> QPolygonF:
        middle = self.height() / 2
        edges = middle - outline(samples, min(n_columns, len(samples))) * (middle - 2)
        edges[:, 0] = np.maximum(edges[:, 0], edges[:, 1] + 0.7)  # silence is a line, not nothing
        xs = (np.arange(len(edges)) + 0.5) * self.width() / len(edges)
        there = [QPointF(x, y) for x, y in zip(xs, edges[:, 1], strict=True)]
        back = [QPointF(x, y) for x, y in zip(xs[::-1], edges[::-1, 0], strict=True)]
        return QPolygonF(there + back)
