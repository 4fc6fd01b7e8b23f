"""Render the icons for every system from two SVG drawings: `python -m scripts.docs.icons`.

Sizes up to 48 pixels use the small drawing, whose edges align with pixels. macOS icons have a margin.
"""

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

_FOLDER = Path(__file__).parents[2] / "resources" / "icons"
_SMALL_UP_TO = 48
_WINDOW = (16, 32, 48, 256)
_WINDOWS = (16, 24, 32, 48, 64, 128, 256)
_MACOS = (16, 32, 64, 128, 256, 512, 1024)
# Fraction of the side, from Apple's template: 100 of 1024 pixels.
_MACOS_MARGIN = 100 / 1024


def main() -> None:
    """Write all icons next to the drawings."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    for size in _WINDOW:
        draw_icon(size).save(_FOLDER / f"technogan-{size}.png", optimize=True)
    _save("technogan.ico", [draw_icon(size) for size in _WINDOWS], sizes=[(size, size) for size in _WINDOWS])
    _save("technogan.icns", [draw_icon(size, margin=_MACOS_MARGIN) for size in _MACOS])
    del application


def draw_icon(size: int, *, margin: float = 0.0) -> Image.Image:
    """Return the icon, size x size pixels. margin: the empty border on every side, as a fraction of the side."""
    name = "technogan-small.svg" if size <= _SMALL_UP_TO and not margin else "technogan.svg"
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    inner = size * (1 - 2 * margin)
    QSvgRenderer(str(_FOLDER / name)).render(painter, QRectF(size * margin, size * margin, inner, inner))
    painter.end()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    picture.save(buffer, b"PNG")
    return Image.open(io.BytesIO(buffer.data().data()))


def _save(name: str, pictures: list[Image.Image], **options: Any) -> None:
    *others, largest = pictures
    largest.save(_FOLDER / name, append_images=others, **options)


if __name__ == "__main__":
    main()
