"""The live analyser: what goes to the output now, on the frequency axis of the spectrogram beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.analyser import FLOOR_DB
from app.picture import place_of
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
        painter, tokens = QPainter(self), self.tokens
        painter.fillRect(self.rect(), tokens.colour("well"))
        points = self._points()
        if not points:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QLinearGradient(0, 0, self.width(), 0)
        fill.setColorAt(0, tokens.colour("accent", 0.1))
        fill.setColorAt(1, tokens.colour("accent", 0.75))
        ends = [QPointF(0, points[0].y()), *points, QPointF(0, points[-1].y())]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(ends))
        painter.setPen(QPen(tokens.colour("accent"), 1))
        painter.drawPolyline(QPolygonF(points))

    def _points(self) -> list[QPointF]:
        width, height = self.width() - 2, self.height()
        shares = np.clip((self._levels - FLOOR_DB) / (_TOP_DB - FLOOR_DB), 0, 1)
        places = [place_of(float(f), self._nyquist, logarithmic=self._logarithmic) for f in self._hertz]
        pairs = zip(shares, places, strict=True)
        return [QPointF(float(share) * width, height * (1 - place)) for share, place in pairs if -0.05 <= place <= 1.05]
