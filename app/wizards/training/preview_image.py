"""The image of a preview: what a network generates from the same sixteen seeds at every checkpoint."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.colour_maps import colours
from app.widgets.painting import draw_text, fill_rounded, make_painter
from app.widgets.raster import Pixels, to_image
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens
from technogan.files.png import read_png
from technogan.image import to_grey

_BRIGHT = 99.8


def read_preview(path: Path, colour_map: str) -> Pixels:
    """Read a grey PNG file in the colours of a map: uint32 (height, width). Raises SourceError.

    This takes a fifth of a second, too long for the GUI thread.
    """
    grey = to_grey(read_png(path)[0])
    # An early network generates quiet images.
    brightest = max(1.0, float(np.percentile(grey[::4, ::4], _BRIGHT)))
    stretched = np.minimum(255, grey * np.float32(255 / brightest)).astype(np.uint8)
    return np.asarray(colours(colour_map)[stretched], np.uint32)


class PreviewImage(FixedHints, Themed, QWidget):
    """The image, scaled to the widget."""

    size_hint = QSize(420, 160)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Images of sixteen seeds")
        self.image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.restyle(tokens)

    def show_pixels(self, pixels: Pixels | None) -> None:
        """Show an image, uint32 (height, width), 0xffRRGGBB; None while there is none."""
        self.image = None if pixels is None else to_image(pixels)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, area = make_painter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        fill_rounded(painter, area, self.tokens.colour("picture"))
        if self.image is None:
            hint, ink = "Previews appear with the first checkpoint", self.tokens.colour("faint")
            draw_text(painter, area, hint, ink, Qt.AlignmentFlag.AlignCenter)
            return
        painter.drawImage(area.adjusted(6, 6, -6, -6), self.image)
