"""The live analyser: what goes to the output now, on the frequency axis of the spectrogram beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.spectrogram_image import frequencies
from app.drawing.spectrum_analyser import FLOOR_DB
from app.widgets.raster import Pixels, between, blended, image_of
from app.widgets.themed import Themed
from app.widgets.tokens import Tokens
from technogan.arrays import FloatArray

_TOP_DB = -6.0
_STEPS_A_PIXEL = 4


class LiveSpectrum(Themed, QWidget):
    """Levels grow to the right, frequency upwards."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: FloatArray = np.zeros(0, np.float32)
        self._hertz: FloatArray = np.zeros(0, np.float32)
        self._nyquist, self._logarithmic = 20000.0, True
        self._silent = True
        self._rows: FloatArray | None = None
        self._bars: Pixels | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Live spectrum of the output")
        self.setToolTip("What really goes to the output, on the axis of the spectrogram")
        self.restyle(tokens)

    def set_axis(self, nyquist: float, *, logarithmic: bool) -> None:
        """The spectrogram's axis."""
        self._nyquist, self._logarithmic = nyquist, logarithmic
        self._renew()

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

    def restyled(self) -> None:
        """See Themed."""
        self._bars = None

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._renew()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._silent or not len(self._hertz):
            painter.fillRect(self.rect(), self.tokens.colour("well"))
        else:
            painter.drawImage(0, 0, image_of(self._pixels()))

    def _renew(self) -> None:
        self._rows = self._bars = None
        self.update()

    def _pixels(self) -> Pixels:
        """Each row as far to the right as its level. uint32 (height, width)."""
        if self._rows is None:
            self._rows = frequencies(self.height(), self._nyquist, logarithmic=self._logarithmic)[::-1]
        if self._bars is None:
            self._bars = self._all_bars()
        levels = np.interp(self._rows, self._hertz, self._levels)
        shares = np.clip((levels - FLOOR_DB) / (_TOP_DB - FLOOR_DB), 0, 1)
        return self._bars.take((shares * (len(self._bars) - 1)).astype(np.intp), axis=0)

    def _all_bars(self) -> Pixels:
        """A row for every level, a quarter of a pixel apart, brighter towards its tip. uint32 (n_levels, width)."""
        width = self.width()
        tips = np.arange(_STEPS_A_PIXEL * (width - 2) + 1, dtype=np.float32) * np.float32(1 / _STEPS_A_PIXEL)
        filled = between(np.zeros_like(tips), tips, width).T
        line = between(tips - np.float32(1), tips + np.float32(0.5), width).T
        shade = np.linspace(0.12, 0.7, width, dtype=np.float32)
        return blended(self.tokens.colour("well"), self.tokens.colour("accent"), np.maximum(filled * shade, line))
