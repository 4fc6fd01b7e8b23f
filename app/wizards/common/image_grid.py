"""Some pictures of a dataset, beside and below each other: what a network is going to see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.colour_maps import colours
from app.drawing.spectrogram_image import Levels, on_axis
from app.widgets.raster import Pixels, image_of
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens
from technogan.errors import TechnoganError
from technogan.files.png import read_png
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.image import to_grey

COLUMNS, ROWS = 6, 3
_MAP = "Ember"
# Hz, of a format's own rate at 128 BPM; at others the axis differs by a hair.
_NYQUIST = 17476.0


def read_some(folder: Path, spectrogram_format: SpectrogramFormat) -> list[Pixels]:
    """At most 18 PNG files of a dataset, spread over all, as the instrument shows loops: uint32 (height, width) each.

    Those that cannot be read are left out; the check names them.
    """
    paths = sorted((folder / "images").glob("*.png"))
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, COLUMNS * ROWS).astype(int))] if paths else []
    found = []
    for path in chosen:
        try:
            found.append(_coloured(to_grey(read_png(path)[0]), spectrogram_format))
        except TechnoganError:
            continue
    return found


def _coloured(grey: Levels, spectrogram_format: SpectrogramFormat) -> Pixels:
    """Low frequencies at the bottom, evenly spaced ones on a logarithmic axis, the brightest point white."""
    bright = (grey * np.float32(255 / max(int(grey.max()), 1))).astype(np.uint8)
    if isinstance(spectrogram_format.transform, StftSettings):
        bright = on_axis(bright, len(bright), _NYQUIST, logarithmic=True)
    else:
        bright = bright[::-1]
    return np.asarray(colours(_MAP)[bright], np.uint32)


class Mosaic(Themed, QWidget):
    """Shows what `show_pictures` was given."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName("Some pictures of the dataset")
        self.restyle(tokens)

    def show_pictures(self, pictures: Sequence[Pixels]) -> None:
        """uint32 (height, width) each, 0xffRRGGBB."""
        self.images = [image_of(pixels) for pixels in pictures]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width = (self.width() - (COLUMNS - 1) * GRID) / COLUMNS
        height = (self.height() - (ROWS - 1) * GRID) / ROWS
        for i, image in enumerate(self.images):
            row, column = divmod(i, COLUMNS)
            painter.drawImage(QRectF(column * (width + GRID), row * (height + GRID), width, height), image)
