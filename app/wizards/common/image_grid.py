"""A grid of sample images of a dataset, as a network will see them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.colour_maps import colours
from app.drawing.spectrogram_image import Levels, map_to_rows
from app.widgets.painting import draw_text
from app.widgets.raster import Pixels, to_image
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, Tokens
from technogan.errors import TechnoganError
from technogan.files.png import read_png
from technogan.formats import FORMATS, SpectrogramFormat, find_format
from technogan.image import to_grey
from technogan.transforms import uneven_rows

COLUMNS, ROWS = 6, 3
_MAP = "Ember"
# Hz, at a format's own rate and 128 BPM; at other tempos the difference on the axis is negligible.
_NYQUIST = 17476.0


def read_sample_images(folder: Path, spectrogram_format: SpectrogramFormat) -> list[Pixels]:
    """Return up to 18 images of a dataset in the colours of the instrument: uint32 (height, width) each.

    Files that cannot be read are left out; `technogan dataset check` reports them.
    """
    paths = sorted((folder / "images").glob("*.png"))
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, COLUMNS * ROWS).astype(int))] if paths else []
    found = []
    for path in chosen:
        try:
            found.append(_colour(to_grey(read_png(path)[0]), spectrogram_format))
        except TechnoganError:
            continue
    return found


def _colour(grey: Levels, spectrogram_format: SpectrogramFormat) -> Pixels:
    """Put low frequencies at the bottom on a logarithmic axis, and make the brightest point white."""
    if spectrogram_format.name in FORMATS:
        spectrogram_format = find_format(spectrogram_format.name, rows=len(grey))
    if len(grey) % spectrogram_format.n_bins == 0:
        # The images of stems are one above another.
        grey = grey.reshape(-1, spectrogram_format.n_bins, grey.shape[1]).max(axis=0)
    bright = (grey * np.float32(255 / max(int(grey.max()), 1))).astype(np.uint8)
    bright = map_to_rows(bright, len(bright), _NYQUIST, logarithmic=True, rows=uneven_rows(spectrogram_format))
    return np.asarray(colours(_MAP)[bright], np.uint32)


class ImageGrid(FixedHints, Themed, QWidget):
    """A grid of 6 by 3 images."""

    size_hint = QSize(400, 240)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Sample images of the dataset")
        self.images: list[QImage] = []
        self.hint = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.restyle(tokens)

    def show_images(self, images: Sequence[Pixels]) -> None:
        """Show these images: uint32 (height, width) each, 0xffRRGGBB."""
        self.images = [to_image(pixels) for pixels in images]
        self.update()

    def show_hint(self, hint: str) -> None:
        """Show a text instead of images."""
        self.images, self.hint = [], hint
        self.setAccessibleDescription(hint)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self.images:
            draw_text(painter, self.rect(), self.hint, self.tokens.colour("quiet"), Qt.AlignmentFlag.AlignCenter)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width = (self.width() - (COLUMNS - 1) * GRID) / COLUMNS
        height = (self.height() - (ROWS - 1) * GRID) / ROWS
        for i, image in enumerate(self.images):
            row, column = divmod(i, COLUMNS)
            painter.drawImage(QRectF(column * (width + GRID), row * (height + GRID), width, height), image)
