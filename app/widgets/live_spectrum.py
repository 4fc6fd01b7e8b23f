"""The live analyser: what goes to the output now, on the frequency axis of the spectrogram beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.analyser import FLOOR_DB
from app.picture import frequencies
from app.widgets.raster import between, blended, image_of
from app.widgets.themed import Themed
from app.widgets.tokens import Tokens
from technogan.transform import FloatArray

_TOP_DB = -6.0


class LiveSpectrum(Themed, QWidget):
    """Levels grow to the right, frequency upwards."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: FloatArray = np.zeros(0, np.float32)
        self._hertz: FloatArray = np.zeros(0, np.float32)
        self._nyquist, self._logarithmic = 20000.0, True
        self._silent = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Live spectrum of the output")
        self.setToolTip("What really goes to the output, on the axis of the spectrogram")
        self.restyle(tokens)

    def set_axis(self, nyquist: float, *, logarithmic: bool) -> None:
        """The spectrogram's axis."""
        self._nyquist, self._logarithmic = nyquist, logarithmic
        self.update()

    def show_levels(self, hertz: FloatArray, levels: FloatArray) -> None:
        """Levels in dBFS at these frequencies, both float32 (n,)."""
        silent = bool((levels <= FLOOR_DB).all())
        if not (silent and self._silent):
            self._hertz, self._levels = hertz, levels
            self.update()
        self._silent = silent

    def sizeHint(self) -> QSize:
        return QSize(84, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 60)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, ground = QPainter(self), self.tokens.colour("well")
        painter.fillRect(self.rect(), ground)
        if len(self._hertz) and not self._silent:
            pixels = blended(ground, self.tokens.colour("accent"), self._coverage())
            painter.drawImage(0, 0, image_of(pixels))

    def _coverage(self) -> FloatArray:
        """Each row as far to the right as its level, brighter towards the tip. float32 (height, width)."""
        width, height = self.width(), self.height()
        rows = frequencies(height, self._nyquist, logarithmic=self._logarithmic)[::-1]
        levels = np.interp(rows, self._hertz, self._levels)
        tips = np.clip((levels - FLOOR_DB) / (_TOP_DB - FLOOR_DB), 0, 1).astype(np.float32) * (width - 2)
        filled = between(np.zeros(height, np.float32), tips, width).T
        line = between(tips - 1, tips + 0.5, width).T
        shade = np.linspace(0.12, 0.7, width, dtype=np.float32)
        return np.asarray(np.maximum(filled * shade, line), np.float32)
