"""The wave of the sounding loop, under its spectrogram and on the same axis of time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.spectrogram_image import outline
from app.widgets.raster import between, blended, image_of
from app.widgets.themed import Themed
from app.widgets.tokens import Tokens
from technogan.arrays import FloatArray


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
        ratio, tokens = self.devicePixelRatioF(), self.tokens
        width, height = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        ground = tokens.colour("well")
        if self._samples is None:
            pixels = blended(ground, ground, np.zeros((height, width), np.float32))
        else:
            pixels = blended(ground, tokens.colour("accent"), _wave(self._samples, width, height))
        pixmap = QPixmap.fromImage(image_of(pixels, ratio))
        painter = QPainter(pixmap)
        for beat in range(1, self._beats):
            x = beat * self.width() / self._beats
            painter.fillRect(QRectF(x, 0, 1, self.height()), tokens.colour("text", 0.12))
        painter.end()
        return pixmap


def _wave(samples: FloatArray, width: int, height: int) -> FloatArray:
    """How much of each pixel the wave covers. float32 (height, width)."""
    edges = outline(samples, min(width, len(samples)))
    edges = edges[np.arange(width) * len(edges) // width]
    middle = height / 2
    top, bottom = middle - edges[:, 1] * (middle - 2), middle - edges[:, 0] * (middle - 2)
    return between(top, np.maximum(bottom, top + 1), height)  # silence is a line, not nothing
