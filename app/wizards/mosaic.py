"""Some pictures of a dataset, beside and below each other: what a network is going to see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.raster import Pixels, image_of
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens
from app.wizards.preview import read_preview
from technogan.errors import TechnoganError

COLUMNS, ROWS = 6, 3
_MAP = "Ember"


def read_some(folder: Path) -> list[Pixels]:
    """At most 18 PNG files of a dataset, spread over all, upright: uint32 (height, width) each.

    Those that cannot be read are left out; the check names them.
    """
    paths = sorted((folder / "images").glob("*.png"))
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, COLUMNS * ROWS).astype(int))] if paths else []
    found = []
    for path in chosen:
        try:
            found.append(upright(read_preview(path, _MAP)))
        except TechnoganError:
            continue
    return found


def upright(pixels: Pixels) -> Pixels:
    """Low frequencies at the bottom, where a file has them at the top."""
    return np.ascontiguousarray(pixels[::-1])


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
