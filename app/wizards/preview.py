"""What a network dreams of always the same seeds: a picture of sixteen, and the key that plays four of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.colour import colours
from app.widgets.raster import image_of
from app.widgets.themed import Themed
from app.widgets.tokens import RADIUS, Tokens
from technogan.errors import SourceError

_LARGEST = 4096
_BRIGHT = 99.8


def read_preview(path: Path, colour_map: str) -> QImage:
    """A grey PNG file in the colours of a map. Raises SourceError. Takes some milliseconds."""
    image = QImage(str(path))
    if image.isNull() or max(image.width(), image.height()) > _LARGEST:
        raise SourceError(path, "is no picture, or damaged")
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    pixels = rows[:, : grey.width()]
    # What a young network dreams is quiet.
    brightest = max(1.0, float(np.percentile(pixels[::4, ::4], _BRIGHT)))
    stretched = np.minimum(255, pixels * np.float32(255 / brightest)).astype(np.uint8)
    return image_of(colours(colour_map)[stretched])


class Preview(Themed, QWidget):
    """The picture, as large as there is room."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        self.setAccessibleName("What it dreams of sixteen seeds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.restyle(tokens)

    def show_image(self, image: QImage | None) -> None:
        """None for nothing yet."""
        self.image = image
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 180)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, area = QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.tokens.colour("picture"))
        painter.drawRoundedRect(area, RADIUS, RADIUS)
        if self.image is None:
            painter.setPen(self.tokens.colour("faint"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "pictures come with the first checkpoint")
            return
        inner = area.adjusted(6, 6, -6, -6)
        painter.drawImage(inner, self.image)
