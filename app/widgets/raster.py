"""Pictures made of numbers: numpy fills them many times faster than a painter draws their outlines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from technogan.arrays import FloatArray

Pixels = npt.NDArray[np.uint32]


def image_of(pixels: Pixels, ratio: float = 1.0) -> QImage:
    """uint32 (height, width), 0xffRRGGBB, as an image of its own. ratio: pixels of the device for each of Qt's."""
    height, width = pixels.shape
    image = QImage(np.ascontiguousarray(pixels).data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
    image.setDevicePixelRatio(ratio)
    return image


def blended(ground: QColor, ink: QColor, coverage: FloatArray) -> Pixels:
    """Ink over a ground. coverage: float32 (height, width), 0..1."""
    pixels = np.full(coverage.shape, 0xFF, np.uint32)
    for under, over in ((ground.red(), ink.red()), (ground.green(), ink.green()), (ground.blue(), ink.blue())):
        channel = (under + (over - under) * coverage + np.float32(0.5)).astype(np.uint32)
        pixels = np.asarray(pixels << np.uint32(8) | channel, np.uint32)
    return pixels


def between(low: FloatArray, high: FloatArray, n: int) -> FloatArray:
    """How much of each of n unit cells a stretch covers. low, high: float32 (m,), in cells. float32 (n, m)."""
    cells = np.arange(n, dtype=np.float32)[:, np.newaxis]
    return np.asarray(np.clip(np.minimum(high, cells + 1) - np.maximum(low, cells), 0, 1), np.float32)
