"""The waveform of the live loop, below its spectrogram and on the same time axis."""

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from app.drawing.spectrogram_image import find_peaks
from app.widgets.playhead_view import PlayheadView
from app.widgets.raster import blend, cover_waveform, to_image
from app.widgets.tokens import Tokens
from technogan.arrays import FloatArray


class WaveformView(PlayheadView):
    """The samples of a loop, with beat lines and a playhead."""

    size_hint, least_size = QSize(400, 64), QSize(100, 40)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._samples: FloatArray | None = None
        self._beats = 4
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Waveform of the live loop")

    def show_samples(self, samples: FloatArray, beats: int) -> None:
        """Show samples, float32 (n,), -1..1."""
        self._samples, self._beats = samples, beats
        self.discard_picture()

    def paint_picture(self, painter: QPainter) -> None:
        if self._samples is not None:
            pixmap, tokens = painter.device(), self.tokens
            covered = _cover_waveform(self._samples, pixmap.width(), pixmap.height())
            pixels = blend(tokens.colour(self.ground), tokens.colour("accent"), covered)
            painter.drawImage(0, 0, to_image(pixels, self.devicePixelRatioF()))
        for beat in range(1, self._beats):
            x = beat * self.width() / self._beats
            painter.fillRect(QRectF(x, 0, 1, self.height()), self.tokens.colour("text", 0.12))


def _cover_waveform(samples: FloatArray, width: int, height: int) -> FloatArray:
    """Compute how much of each pixel the waveform covers. float32 (height, width)."""
    peaks = find_peaks(samples, min(width, len(samples)))
    peaks = peaks[np.arange(width) * len(peaks) // width]
    return cover_waveform(peaks, height)
