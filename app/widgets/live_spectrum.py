"""The spectrum of the output, on the frequency axis of the spectrogram next to it."""

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.spectrogram_image import compute_axis_frequencies
from app.drawing.spectrum_analyser import FLOOR_DB
from app.widgets.keyboard import add_shortcut
from app.widgets.raster import Pixels, blend, compute_coverage, to_image
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens
from technogan.arrays import FloatArray

_TOP_DB = -6.0
_STEPS_A_PIXEL = 4


class LiveSpectrum(FixedHints, Themed, QWidget):
    """A spectrum with frequency upwards and level to the right."""

    size_hint, least_size = QSize(84, 200), QSize(48, 60)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Live spectrum of the output")
        self._levels: FloatArray = np.zeros(0, np.float32)
        self._hertz: FloatArray = np.zeros(0, np.float32)
        self._nyquist, self._logarithmic = 20000.0, True
        self._silent = True
        self._rows: FloatArray | None = None
        self._bars: Pixels | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip(add_shortcut("Live spectrum of the output", "A"))
        self.restyle(tokens)

    def set_axis(self, nyquist: float, *, logarithmic: bool) -> None:
        """Set the frequency axis, which ends at `nyquist` Hz."""
        self._nyquist, self._logarithmic = nyquist, logarithmic
        self._discard()

    def show_levels(self, hertz: FloatArray, levels: FloatArray) -> None:
        """Show levels in dBFS at these frequencies, both float32 (n,)."""
        silent = bool((levels <= FLOOR_DB).all())
        if not (silent and self._silent):
            self._hertz, self._levels = hertz, levels
            self.update()
        self._silent = silent

    def apply_tokens(self) -> None:
        self._bars = None

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._discard()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._silent or not len(self._hertz):
            painter.fillRect(self.rect(), self.tokens.colour("well"))
        else:
            painter.drawImage(0, 0, to_image(self._render()))

    def _discard(self) -> None:
        self._rows = self._bars = None
        self.update()

    def _render(self) -> Pixels:
        """Fill each row up to its level. uint32 (height, width)."""
        if self._rows is None:
            self._rows = compute_axis_frequencies(self.height(), self._nyquist, logarithmic=self._logarithmic)[::-1]
        if self._bars is None:
            self._bars = self._render_bars()
        levels = np.interp(self._rows, self._hertz, self._levels)
        heights = np.clip((levels - FLOOR_DB) / (_TOP_DB - FLOOR_DB), 0, 1)
        return self._bars.take((heights * (len(self._bars) - 1)).astype(np.intp), axis=0)

    def _render_bars(self) -> Pixels:
        """Render a row per level, a quarter of a pixel apart, brighter towards the tip. uint32 (n_levels, width)."""
        width = self.width()
        tips = np.arange(_STEPS_A_PIXEL * (width - 2) + 1, dtype=np.float32) * np.float32(1 / _STEPS_A_PIXEL)
        filled = compute_coverage(np.zeros_like(tips), tips, width).T
        line = compute_coverage(tips - np.float32(1), tips + np.float32(0.5), width).T
        shade = np.linspace(0.12, 0.7, width, dtype=np.float32)
        return blend(self.tokens.colour("well"), self.tokens.colour("accent"), np.maximum(filled * shade, line))
